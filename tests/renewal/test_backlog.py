"""More is due than the pace allows: what ends soon comes first, checks are spread, and it is said."""

from __future__ import annotations

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.connections import backlog, lease, pacing
from symphony_connect.connections.status import check_every
from symphony_connect.operate.doctor import examine
from tests.platforms.chosen import LASTING, ROTATING
from tests.platforms.contract import shown
from tests.renewal.house import House


async def test_a_renewal_does_not_wait_behind_checks(house: House) -> None:
    """Twenty checks have been due for two hours; one token, due since, ends in seven."""
    first = await house.connect(ROTATING)
    house.sandbox.advance("9h")
    others = [await house.connect(ROTATING) for _ in range(20)]
    house.sandbox.advance("3h")
    await house.tend_one(first)
    house.sandbox.advance("5h15m")
    due = {id: (await house.row(id)).due_at or 0 for id in (first, *others)}
    assert all(due[id] < due[first] <= house.core.clock() for id in others)
    claimed = [each.id for each in await pacing.claim(house.core, ROTATING, lease.LEASE)]
    assert first in claimed
    assert len(claimed) == house.core.platform(ROTATING).at_once


async def test_a_renewal_that_was_put_off_waits_for_its_time(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, "reset", times=1000)
    house.sandbox.advance("17h15m")
    await house.tend_one(id)
    assert await pacing.claim(house.core, ROTATING, lease.LEASE) == []


async def test_checks_are_spread_where_there_are_too_many(house: House) -> None:
    platform = house.core.platform(LASTING)
    assert check_every(house.core, LASTING) == platform.verify_every == DAY
    house.core.tended[LASTING] = 1_000_000
    assert check_every(house.core, LASTING) == 1_000_000 * pacing.spacing(platform)


async def test_what_is_overdue_is_counted_and_said(house: House) -> None:
    for _ in range(3):
        await house.connect(LASTING)
    assert await backlog.overdue(house.core) == []
    house.sandbox.advance("30h")
    (late,) = await backlog.overdue(house.core)
    assert (late.platform, late.count) == (LASTING, 3)
    assert 5 * HOUR < late.oldest < 9 * HOUR
    facts = {fact.what: fact for fact in await examine(house.core, offline=True)}
    assert facts["Backlog"].state == "bad"
    assert f"3 connections to {shown(LASTING)}" in facts["Backlog"].words
    assert f"more than {house.core.platform(LASTING).calls_per_second:g} calls a second" in facts["Backlog"].words
    await backlog.measure(house.core)
    assert house.core.tended[LASTING] == 3
    await house.tend()
    assert {fact.what: fact.state for fact in await examine(house.core, offline=True)}["Backlog"] == "ok"
