"""The toy over months, and at its pace: its refresh token may be used again and ends where it was fixed to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import worker
from tests.platforms import contract
from tests.renewal.house import House, environment, opened
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until

TOY = "toy"


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path / 'symphony.db'}"
    # So slow that no further place comes free while a test runs.
    pace = {"SYMPHONY_TOY_CALLS_PER_SECOND": "0.01"}
    async with opened(environment(sandbox, tmp_path, url, **pace), sandbox) as house:
        yield house


async def test_a_fixed_end_is_announced_three_times_and_then_reached(house: House) -> None:
    """Every renewal's answer names an end 90 days away; the first one counts."""
    id, began = await house.connect(TOY), house.core.clock()
    found = {}
    for _ in range(91):
        await house.pass_time("1d")
        row = await house.row(id)
        found.setdefault((row.status, row.reason), round((house.core.clock() - began) / DAY))
    assert found == {
        (Status.CONNECTED, None): 1,
        (Status.EXPIRING, Reason.TOKEN_ENDS_SOON): 76,
        (Status.NEEDS_RECONNECT, Reason.EXPIRED): 90,
    }
    announced = await house.events(id, "connection.expiring")
    assert [event["days"] for event in announced] == [14, 7, 1]
    assert {round((event["at"] - began) / DAY) for event in announced} == {90}


async def test_a_renewal_cut_short_costs_nothing_where_refresh_tokens_work_again(house: House) -> None:
    """No answer was lost that mattered: when the refresh token is refused later, that is the reason given."""
    person = house.sandbox.newcomer()
    id = await house.connect(TOY, person=person)
    house.sandbox.advance("42m")
    house.sandbox.control("faults", {"platform": TOY, "path": "oauth/token", "delayMs": 60_000})
    before = house.calls(TOY, "oauth/token")
    renewing = asyncio.create_task(house.tend_one(id))
    await asyncio.to_thread(wait_until, lambda: house.calls(TOY, "oauth/token") > before, what="the renewal to be sent")
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
    house.sandbox.calm()
    house.sandbox.advance("2m")
    house.sandbox.person(person, "expire-refresh-token", platform=TOY)
    await house.tend_one(id)
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.EXPIRING, Reason.TOKEN_ENDS_SOON)


async def test_no_more_follow_one_another_or_are_under_way_than_it_says(house: House) -> None:
    """Twelve are due after a quiet time."""
    toy = contract.facts(TOY)
    for _ in range(12):
        await house.connect(TOY)
    house.sandbox.advance("50m")
    assert toy.at_once < toy.burst < 12
    assert await worker.tend_due(house.core) == toy.at_once
    assert await worker.tend_due(house.core) == toy.burst - toy.at_once
