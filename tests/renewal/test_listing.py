"""Listing ad accounts: "not known" and "none" are different answers, and a refused list refuses no token."""

from __future__ import annotations

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Status
from symphony_connect.connections import changes
from tests.platforms import contract
from tests.renewal.house import House


@pytest.mark.parametrize(
    ("platform", "error"),
    [
        (name, error)
        for name in contract.all_having("LISTED", "LIST_REFUSED")
        for error in contract.rules(name).LIST_REFUSED
    ],
)
async def test_a_refused_list_refuses_no_token(house: House, platform: str, error: str) -> None:
    house.sandbox.fault(platform, error, path=contract.rules(platform).LISTED[0], times=100)
    id = await house.connect(platform)
    row = await house.row(id)
    assert row.status is Status.CONNECTED
    assert row.ad_accounts != ()
    house.sandbox.calm()
    await house.pass_time("11m")
    assert (await house.row(id)).ad_accounts


@pytest.mark.parametrize("platform", contract.all_having("LISTED"))
async def test_a_refresh_that_is_refused_says_so_and_keeps_the_list(house: House, platform: str) -> None:
    id = await house.connect(platform, person=house.sandbox.newcomer(adAccounts=3), brand=99001)
    before = (await house.row(id)).ad_accounts
    assert before
    for path in contract.rules(platform).LISTED:
        house.sandbox.fault(platform, "http:503", path=path, times=100)
    with pytest.raises(Problem) as caught:
        await changes.refresh_ad_accounts(house.core, house.caller, 99001, platform)
    assert caught.value.code == "platform_unavailable"
    row = await house.row(id)
    assert (row.status, row.ad_accounts) == (Status.CONNECTED, before)
