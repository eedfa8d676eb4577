"""Reading a token: nothing asked while it is fresh, renewed once when it is not, served while it is valid."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import Status
from symphony_connect.connections import connect, lease
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House

RENEWED = contract.rules(ROTATING).RENEWED
RUBBISH = ["http:500", "http:502", "http:503", "http:429", "timeout", "reset", "truncate", "html", "html:500"]


async def test_a_fresh_token_costs_no_call(house: House) -> None:
    ids = [await house.connect(LASTING), await house.connect(ROTATING)]
    before = len(house.sandbox.calls())
    for id in ids:
        assert await house.read(id) == (await house.grant(id)).access_token.reveal()
    assert len(house.sandbox.calls()) == before


@pytest.mark.parametrize("who", ["reader", "worker"])
async def test_an_end_that_nobody_told_is_found_out_by_renewing(house: House, who: str) -> None:
    """Brought as the tutorial has it: an access token, a refresh token, and no word of how long they last."""
    brought = replace(house.bring(ROTATING), expires_in=None)
    id = (await connect.register(house.core, house.caller, brought)).id
    assert (await house.row(id)).expires_at is None
    if who == "worker":
        await house.pass_time("2m")
    served = await house.read(id)
    assert served != brought.access_token.reveal()
    assert await house.read(id) == served
    row = await house.row(id)
    assert row.expires_at is not None
    assert row.expires_at > house.core.clock() + 23 * HOUR
    assert house.calls(ROTATING, RENEWED) == 1
    await house.pass_time("17h")
    assert house.calls(ROTATING, RENEWED) == 2


async def test_a_lifetime_that_is_never_told_is_not_asked_for_all_the_time(house: House) -> None:
    house.sandbox.control("settings", {contract.rules(ROTATING).SAYS_LITTLE: True})
    brought = replace(house.bring(ROTATING), expires_in=None)
    id = (await connect.register(house.core, house.caller, brought)).id
    for _ in range(5):
        assert await house.read(id)
        await house.pass_time("2m")
    assert house.calls(ROTATING, RENEWED) == 1


async def test_a_stale_one_is_renewed_once_however_many_ask(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.advance("25h")
    served = await asyncio.gather(*(house.read(id) for _ in range(50)))
    assert len(set(served)) == 1
    assert house.calls(ROTATING, RENEWED) == 1


async def test_who_asks_for_more_than_a_new_token_is_good_for_does_not_get_one_at_every_read(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.advance("2h")
    served = {await house.read(id, 24 * HOUR) for _ in range(3)}
    assert len(served) == 1
    assert house.calls(ROTATING, RENEWED) == 1


@pytest.mark.parametrize("rubbish", [error for error in RUBBISH if error != "timeout"])
async def test_a_valid_token_is_served_though_it_cannot_be_renewed(house: House, rubbish: str) -> None:
    id = await house.connect(ROTATING)
    before = await house.grant(id)
    house.sandbox.advance("23h")
    house.sandbox.fault(ROTATING, rubbish, times=100)
    assert await house.read(id, 2 * HOUR) == before.access_token.reveal()
    assert await house.grant(id) == before
    assert (await house.row(id)).status is not Status.NEEDS_RECONNECT
    house.sandbox.calm()
    house.sandbox.advance("5m")
    assert await house.read(id, 2 * HOUR) != before.access_token.reveal()


async def test_an_ended_one_is_not_served_while_the_platform_is_away_and_asked_for_at_intervals(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.advance("25h")
    house.sandbox.fault(ROTATING, "http:503", times=100)
    seen = [(await house.refused(id)) for _ in range(5)]
    assert {problem.code for problem in seen} == {"platform_unavailable"}
    assert all(problem.retry_after for problem in seen[1:])
    assert house.calls(ROTATING, RENEWED) == 1
    house.sandbox.calm()
    house.sandbox.advance("31s")
    assert await house.read(id)


async def test_an_ended_one_that_only_a_person_can_prolong_is_a_reconnect(house: House) -> None:
    id = await house.connect(LASTING)
    house.sandbox.advance("60d")
    problem = await house.refused(id)
    assert (problem.code, problem.details) == ("needs_reconnect", {"reason": "expired"})
    assert [event["reason"] for event in await house.events(id, "connection.needs_reconnect")] == ["expired"]


async def test_asking_for_longer_than_the_platform_gives_asks_it_once_a_day(house: House) -> None:
    id = await house.connect(LASTING, expiresIn=20 * 3600)
    before = house.calls(LASTING, contract.rules(LASTING).RENEWED)
    for _ in range(5):
        await house.read(id, 24 * HOUR)
    assert house.calls(LASTING, contract.rules(LASTING).RENEWED) == before + 1


@pytest.mark.parametrize("skew", [-10 * MINUTE, 10 * MINUTE])
async def test_no_expired_token_is_served_by_a_clock_ten_minutes_off(house: House, skew: int) -> None:
    """The platform's clock is the sandbox's; ours is moved away from it and reads on and on to the end."""
    id = await house.connect(ROTATING)
    clock = house.core.clock
    skewed = House(house.core.__class__(**{**vars(house.core), "clock": lambda: clock() + skew}), house.sandbox)
    house.sandbox.fault(ROTATING, "http:503", path=RENEWED, times=10_000)
    house.sandbox.advance("23h")
    served = 0
    for _ in range(16):
        house.sandbox.advance("5m")
        token = await skewed.served(id)
        if token is None:
            continue
        served += 1
        assert contract.rules(ROTATING).works(house.sandbox, token), f"served at {skew / MINUTE:+} minutes"
    assert served >= 6
    assert (await house.row(id)).status is not Status.NEEDS_RECONNECT
    assert house.calls(ROTATING, RENEWED) <= 16


async def test_a_clock_set_back_binds_nobody_to_an_old_lease(house: House) -> None:
    id = await house.connect(ROTATING)
    clock = house.core.clock
    ahead = house.core.__class__(**{**vars(house.core), "clock": lambda: clock() + 5 * HOUR})
    assert await lease.hold(ahead, id)
    assert await lease.hold(house.core, id)


async def test_where_only_reads_renew_nobody_else_does_but_the_check(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a platform of hourly tokens is kept: the check of every so often proves the refresh token."""
    platform = house.core.platform(ROTATING)
    monkeypatch.setattr(type(platform), "renews_when_read", True)
    id = await house.connect(ROTATING)
    # As long in its days as a day is in the hours of such a token.
    monkeypatch.setattr(type(platform), "verify_every", 10 * DAY)
    await house.tend_one(id)
    await house.pass_time("5d")
    assert house.calls(ROTATING, RENEWED) == 0
    assert (await house.row(id)).status is Status.CONNECTED
    assert await house.read(id)
    assert house.calls(ROTATING, RENEWED) == 1
    await house.pass_time("10d")
    assert house.calls(ROTATING, RENEWED) == 2
    house.sandbox.fault(ROTATING, contract.rules(ROTATING).SPENT, path=RENEWED, times=1000)
    await house.pass_time("11d")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "revoked")
