"""Everything that a platform issued is sealed with a grant, and comes back as it was."""

from __future__ import annotations

from dataclasses import fields

import msgspec

from symphony_connect.base.model import Grant, Secret
from symphony_connect.vault.vault import grant_of, plain

GRANT = Grant(Secret("a"), Secret("r"), 1, 2, 3, ("ads_read",), {"more": {"of": "it"}})


def test_a_grant_comes_back_as_it_was() -> None:
    assert all(getattr(GRANT, each.name) for each in fields(Grant) if each.name != "holder")
    assert grant_of(msgspec.json.decode(msgspec.json.encode(plain(GRANT)))) == GRANT
    assert set(plain(GRANT)) == {each.name for each in fields(Grant)} - {"holder"}
