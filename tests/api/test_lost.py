"""What callers are told of a connection that only its owner can mend, and of who watches from outside."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.platforms import contract
from tests.platforms.chosen import ANY


@pytest.mark.parametrize(("deed", "reason"), contract.rules(ANY).DEEDS.items())
def test_a_list_that_cannot_be_made_anew_is_not_passed_off_as_new(api: Api, deed: str, reason: str) -> None:
    person = api.sandbox.newcomer()
    brand = api.connected(ANY, person)
    api.sandbox.person(person, deed, platform=ANY)
    path = f"/brands/{brand}/connections/{ANY}/ad-accounts"
    for _ in range(2):
        error = api.refused(api.send("GET", f"{path}?refresh=true"), 409, "needs_reconnect")
        assert error["reason"] == reason
    assert api.send("GET", path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_monitors_may_ask_for_the_head_alone(api: Api, path: str) -> None:
    answer = api.http.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
