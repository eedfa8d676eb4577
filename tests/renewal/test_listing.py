"""Listing ad accounts: "not known" and "none" are different answers, and a refused list refuses no token."""

from __future__ import annotations

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Status
from symphony_connect.connections import changes
from tests.renewal.house import House

LISTS = {"meta": "me/adaccounts", "tiktok": "advertiser/info"}


@pytest.mark.parametrize(
    ("platform", "error"),
    [
        ("meta", "meta:200"),
        ("meta", "meta:100"),
        ("meta", "meta:1"),
        ("tiktok", "tiktok:40002"),
        ("tiktok", "http:503"),
    ],
)
async def test_a_refused_list_refuses_no_token(house: House, platform: str, error: str) -> None:
    house.sandbox.fault(platform, error, path=LISTS[platform], times=100)
    id = await house.connect(platform)
    row = await house.row(id)
    assert row.status is Status.CONNECTED
    assert row.ad_accounts != ()
    house.sandbox.calm()
    await house.pass_time("11m")
    assert (await house.row(id)).ad_accounts or platform == "tiktok"


async def test_a_refresh_that_is_refused_says_so_and_keeps_the_list(house: House) -> None:
    id = await house.connect("meta", person=house.sandbox.newcomer(adAccounts=3), brand=99001)
    before = (await house.row(id)).ad_accounts
    assert before
    house.sandbox.fault("meta", "meta:1", path="me/adaccounts", times=100)
    house.sandbox.fault("meta", "meta:1", path="me/businesses", times=100)
    with pytest.raises(Problem) as caught:
        await changes.refresh_ad_accounts(house.core, house.caller, 99001, "meta")
    assert caught.value.code == "platform_unavailable"
    row = await house.row(id)
    assert (row.status, row.ad_accounts) == (Status.CONNECTED, before)
