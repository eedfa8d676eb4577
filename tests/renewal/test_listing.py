"""Listing ad accounts: "not known" and "none" are different answers, and a refused list refuses no token."""

from __future__ import annotations

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount, Grant, Status
from symphony_connect.connections import changes
from symphony_connect.platforms.base import LISTED_TO, PartlyListed
from tests.platforms import contract
from tests.platforms.chosen import ANY
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


async def test_a_list_that_ran_out_of_time_goes_on_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within ten minutes, and the place is kept with the grant: whichever process looks next knows it."""
    id = await house.connect(ANY)
    before = (await house.row(id)).ad_accounts or ()
    platform, places = house.core.platform(ANY), []

    async def partly(grant: Grant) -> list[AdAccount]:
        places.append(grant.extra.get(LISTED_TO, ""))
        if len(places) == 3:
            return list(before)
        raise PartlyListed("no time", [AdAccount(f"act_{len(places)}", "More", "active")], place=f"b{len(places)}")

    monkeypatch.setattr(platform, "ad_accounts", partly)
    await house.pass_time("1d1h")
    assert [one.id for one in (await house.row(id)).ad_accounts or ()] == [*(one.id for one in before), "act_1"]
    await house.pass_time("11m")
    await house.pass_time("11m")
    assert places == ["", "b1", "b2"]
    assert LISTED_TO not in (await house.grant(id)).extra
    assert (await house.row(id)).ad_accounts == before
