"""Identities and Business Centers of TikTok, against the sandbox over HTTP."""

from __future__ import annotations

import pytest

from symphony_connect.platforms.assets import Asset
from tests.platforms.live import platform, signed_in
from tests.tools.sandbox import Sandbox


async def test_what_may_not_be_used_is_known(sandbox: Sandbox) -> None:
    person = sandbox.newcomer(pages=2, unshared=1, businesses=2, title="Sam Rivera")
    async with platform("tiktok", sandbox) as tiktok:
        grant = await signed_in(tiktok, sandbox, person=person)
        listed = await tiktok.assets(grant, tuple(await tiktok.ad_accounts(grant)))
    found = {(asset.kind, asset.name): asset for asset in listed.assets}
    center = found["business_center", "Sam Rivera Business Center 1"]
    assert center == Asset(center.id, "business_center", "Sam Rivera Business Center 1")
    assert found["business_center", "Sam Rivera Business Center 2"].reason == "not_permitted"
    identity = found["identity", "Sam Rivera"]
    assert (identity.usable, identity.parent, identity.business) == (True, center.id, center.name)
    assert identity.extra == {"identity_type": "BC_AUTH_TT", "identity_authorized_bc_id": center.id}
    assert found["identity", "Sam Rivera 2"].reason == "not_permitted"
    assert len(listed.assets) == 4, "each once, whichever advertisers it belongs to"


@pytest.mark.parametrize(
    ("path", "error", "kind", "state"),
    [
        ("identity/get", "tiktok:40001", "identity", "permission_missing"),
        ("bc/get", "tiktok:40001", "business_center", "permission_missing"),
        ("identity/get", "tiktok:40100", "identity", "partly"),
        ("bc/asset/get", "http:503", "business_center", "partly"),
    ],
)
async def test_a_refusal_and_a_bad_moment_are_told_apart(
    sandbox: Sandbox, path: str, error: str, kind: str, state: str
) -> None:
    person = sandbox.newcomer(businesses=1)
    async with platform("tiktok", sandbox) as tiktok:
        grant = await signed_in(tiktok, sandbox, person=person)
        accounts = tuple(await tiktok.ad_accounts(grant))
        sandbox.fault("tiktok", error, path=path, times=100)
        listed = await tiktok.assets(grant, accounts)
    assert listed.kinds[kind] == state
    assert [other for other in listed.kinds if other != kind] == [
        other for other, how in listed.kinds.items() if how == "listed"
    ]
