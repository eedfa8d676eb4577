"""When a platform wants fewer calls: it is left alone until it said, then asked by one."""

from __future__ import annotations

import pytest

from symphony_connect.base.clock import HOUR, MINUTE, SECOND
from symphony_connect.base.model import Status
from symphony_connect.connections import pacing, sql, worker
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House

LIMITED = contract.all_having("LIMIT")
LIMITED_ONE = contract.all_having("LIMIT_ON_ONE")
LIMITS = [(name, "http:429", 30 * SECOND) for name in LIMITED] + [
    (name, *contract.rules(name).LIMIT) for name in LIMITED
]
"""A limit as the sandbox words it, and no more than how long it asks for."""


def verification_due(platform: str) -> str:
    return f"{contract.facts(platform).verify_every // HOUR + 1}h"


async def paused_until(house: House, platform: str) -> int:
    async with house.core.store.writing() as tx:
        row = await tx.one(sql.pace, platform=platform)
    assert row is not None
    return int(row["paused_until"] or 0)


@pytest.mark.parametrize(("platform", "limit", "asked"), LIMITS)
async def test_one_call_at_a_time_until_the_limit_is_over(house: House, platform: str, limit: str, asked: int) -> None:
    """Twelve are due. However often somebody looks, each pause costs one connection's calls, and no connection."""
    ids = [await house.connect(platform) for _ in range(12)]
    house.sandbox.fault(platform, limit, times=10_000)
    house.sandbox.advance(verification_due(platform))
    await worker.tend_due(house.core)
    first = len(house.sandbox.calls(platform))
    for _ in range(5):
        until = await paused_until(house, platform)
        assert until > 0
        assert await worker.tend_due(house.core) == 0 or until <= house.core.clock()
        house.sandbox.advance(f"{max((until - house.core.clock()) // SECOND, 0) + 1}s")
        before = len(house.sandbox.calls(platform))
        assert await worker.tend_due(house.core) <= 1
        assert await worker.tend_due(house.core) == 0
        # One connection's question: at most its first call and the app's own behind it.
        assert len(house.sandbox.calls(platform)) - before <= 2
    assert len(house.sandbox.calls(platform)) - first <= 10
    assert {(await house.row(id)).status for id in ids} == {Status.CONNECTED}
    house.sandbox.calm()
    for _ in range(4):
        await house.pass_time("20m")
    assert {(await house.row(id)).attempts for id in ids} == {0}
    assert await paused_until(house, platform) == 0


async def test_what_the_platform_says_is_obeyed_over_our_own_pause(house: House) -> None:
    await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, "http:429", times=1)
    house.sandbox.advance("7h")
    now = house.core.clock()
    await worker.tend_due(house.core)
    assert 25 * SECOND <= await paused_until(house, ROTATING) - now <= 40 * SECOND


@pytest.mark.parametrize(("platform", "limit"), [(name, contract.rules(name).LIMIT_ON_ONE) for name in LIMITED_ONE])
async def test_a_limit_on_one_person_puts_off_that_one_alone(house: House, platform: str, limit: str) -> None:
    ids = [await house.connect(platform) for _ in range(4)]
    house.sandbox.fault(platform, limit, times=1)
    await house.pass_time(verification_due(platform))
    assert sorted([(await house.row(id)).attempts for id in ids]) == [0, 0, 0, 1]
    assert await paused_until(house, platform) == 0
    await house.pass_time("20m")
    assert {(await house.row(id)).attempts for id in ids} == {0}


async def test_near_its_limit_the_app_is_left_to_whoever_campaigns(house: House) -> None:
    platform = contract.having("NEAR_LIMIT")
    near = contract.rules(platform).NEAR_LIMIT
    ids = [await house.connect(platform) for _ in range(3)]
    house.sandbox.control("settings", {near: True})
    pauses = []
    for _ in range(2):
        house.sandbox.advance("25h")
        await worker.tend_due(house.core)
        pauses.append(round((await paused_until(house, platform) - house.core.clock()) / MINUTE))
        calls = len(house.sandbox.calls(platform))
        assert await worker.tend_due(house.core) == 0
        assert len(house.sandbox.calls(platform)) == calls
    assert pauses == [1, 5]
    house.sandbox.control("settings", {near: False})
    house.sandbox.advance("25h")
    await house.tend()
    assert await paused_until(house, platform) == 0
    assert {(await house.row(id)).status for id in ids} == {Status.CONNECTED}


async def test_pauses_grow_where_the_platform_does_not_say(house: House) -> None:
    await house.connect(LASTING)
    house.sandbox.fault(LASTING, contract.rules(LASTING).LIMIT[0], times=1000)
    house.sandbox.advance("25h")
    pauses = []
    for _ in range(4):
        await house.tend()
        until = await paused_until(house, LASTING)
        pauses.append(round((until - house.core.clock()) / MINUTE))
        house.sandbox.advance(f"{pauses[-1] + 61}m")
    assert pauses == [1, 5, 15, 60]


async def test_a_reader_asks_no_platform_that_wants_fewer_calls(house: House) -> None:
    limited, other = await house.connect(ROTATING), await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, "http:429", times=1)
    house.sandbox.advance("25h")
    await house.refused(limited)
    calls = len(house.sandbox.calls(ROTATING))
    problem = await house.refused(other)
    assert problem.code == "platform_rate_limited"
    assert 0 < (problem.retry_after or 0) <= 31
    assert len(house.sandbox.calls(ROTATING)) == calls
    house.sandbox.advance("31s")
    assert await house.read(other)


async def test_many_due_at_once_are_spread_and_none_ends(house: House) -> None:
    """As many as come at once, and no more a second than the pace allows."""
    platform = house.core.platform(ROTATING)
    ids = [await house.connect(ROTATING) for _ in range(platform.burst * 3)]
    dues = sorted([(await house.row(id)).due_at or 0 for id in ids])
    assert dues[-1] - dues[0] > 10 * MINUTE
    house.sandbox.advance("20h")
    began, calls = house.core.clock(), house.calls(ROTATING, contract.rules(ROTATING).RENEWED)
    await house.tend()
    took = house.core.clock() - began
    assert house.calls(ROTATING, contract.rules(ROTATING).RENEWED) - calls == len(ids)
    assert took >= (len(ids) - 2 * platform.burst) * pacing.spacing(platform)
    now = house.core.clock()
    assert all([((await house.row(id)).expires_at or 0) > now + 20 * 60 * MINUTE for id in ids])


async def test_a_slow_platform_holds_up_no_other(house: House) -> None:
    await house.connect(LASTING)
    id = await house.connect(ROTATING)
    house.sandbox.fault(LASTING, "http:429", times=1000)
    house.sandbox.advance("25h")
    await house.tend()
    assert (await house.row(id)).renewed_at is not None
