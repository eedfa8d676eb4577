"""How many calls a platform's app may make, over all processes.

One row for each platform. Changes are spaced evenly, and many may be under way at the same time. When a platform
wants fewer calls, none is made until the time it named; then one connection at a time, until one is answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from prometheus_client import Counter

from symphony_connect.base.clock import DAY, HOUR, MINUTE, SECOND
from symphony_connect.connections import heartbeat, sql
from symphony_connect.connections.events import record_pause
from symphony_connect.core import Core
from symphony_connect.platforms.base import OneLimited, Platform, PlatformError, RateLimited, Unavailable
from symphony_connect.store.db import Row, StoreUnavailable, Transaction

PAUSED = Counter("symphony_platform_pauses_total", "How often a platform wanted fewer calls", ["platform"])
PAUSES = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
"""Where a platform does not say for how long: longer each time that asking again met the same."""
PROBE = 30 * SECOND
"""After a pause: how long the one that asks again has before another may."""
ACTOR = "worker"
"""How events name who met a platform that wants fewer calls."""
LONGEST = DAY
"""No pause lasts longer, whatever a platform says."""


class Paused(RateLimited):
    """No call was made: the platform wants fewer calls, or the pace allows none at this moment."""


@dataclass(frozen=True)
class Claimed:
    """A connection taken by its due time. `probe`: it alone asks, to see whether the platform takes calls again."""

    id: str
    fence: int
    probe: bool


async def claim(core: Core, platform: str, lease: int) -> list[Claimed]:
    """Take what is due of one platform under leases of so many milliseconds, no more than its pace allows."""
    now, asked = core.clock(), core.platform(platform)
    async with core.store.reading() as tx:
        if not await tx.one(sql.due_now, platform=platform, now=now):
            return []
    async with core.store.writing() as tx:
        pace = await _pace(tx, platform)
        held = await tx.one(sql.leased, platform=platform, now=now, process=core.process, silence=heartbeat.GONE)
        probe = pace["paused_until"] is not None
        most = asked.at_once
        room = min(_room(asked, pace, now), most - (held["leased"] if held else 0), 1 if probe else most)
        if room <= 0:
            return []
        of = {"platform": platform, "now": now, "until": now + lease, "holder": core.process}
        rows = await tx.all(sql.claim_pressing, **of, most=room)
        if len(rows) < room:
            rows += await tx.all(sql.claim_due, **of, most=room - len(rows))
        if rows:
            await _spend(tx, asked, pace, now, len(rows))
    return [Claimed(row["id"], row["fence"], probe) for row in rows]


@asynccontextmanager
async def asking(core: Core, platform: str, admitted: bool, probe: bool) -> AsyncIterator[None]:
    """Around the calls of one change. Raises Paused when they may not be made now; notes what the platform says."""
    if not admitted:
        probe = await _admit(core, platform)
    try:
        yield
    except OneLimited:
        await _resume(core, platform, probe)
        raise
    except RateLimited as error:
        await _pause(core, platform, error, probe)
        raise
    except Unavailable:
        raise  # says nothing; another asks when the time for this one is over
    except PlatformError:
        await _resume(core, platform, probe)
        raise
    if core.platform(platform).nearly_limited:
        await _pause(core, platform, RateLimited("the app has all but used up its calls"), probe)
    else:
        await _resume(core, platform, probe)


async def _admit(core: Core, platform: str) -> bool:
    """Take a place for a change that nobody claimed; True when it is the one that asks again after a pause."""
    now = core.clock()
    async with core.store.writing() as tx:
        pace = await _pace(tx, platform)
        if _room(core.platform(platform), pace, now) > 0:
            await _spend(tx, core.platform(platform), pace, now, 1)
            return pace["paused_until"] is not None
    until = max(pace["paused_until"] or 0, pace["next_at"], now + SECOND)
    raise Paused("the platform wants fewer calls for a while", retry_at=until)


async def take(core: Core, platform: str, most: int) -> tuple[int, bool]:
    """Take up to `most` places for calls that no connection was claimed for.

    Returns how many, and whether the platform is paused: then it is none, or one that asks again after the pause.
    """
    now = core.clock()
    async with core.store.writing() as tx:
        pace = await _pace(tx, platform)
        paused = pace["paused_until"] is not None
        places = min(_room(core.platform(platform), pace, now), 1 if paused else most)
        if places:
            await _spend(tx, core.platform(platform), pace, now, places)
    return places, paused


async def _pace(tx: Transaction, platform: str) -> Row:
    row = await tx.one(sql.pace, platform=platform)
    assert row is not None
    return row


def spacing(platform: Platform) -> int:
    """Milliseconds from one connection to the next, so that their calls stay within what the platform grants."""
    return max(round(SECOND * platform.calls_per_change / platform.calls_per_second), 1)


def _room(platform: Platform, pace: Row, now: int) -> int:
    """How many may begin now."""
    if pace["paused_until"] is not None and now < pace["paused_until"] <= now + LONGEST:
        return 0
    return max((now - _next_at(platform, pace, now)) // spacing(platform) + 1, 0)


def _next_at(platform: Platform, pace: Row, now: int) -> int:
    """When the next place is free; a quiet time counts for a burst, a clock set back for nothing."""
    apart, burst = spacing(platform), platform.burst
    earliest, latest = now - (burst - 1) * apart, now + burst * apart
    return max(int(pace["next_at"]), earliest) if pace["next_at"] <= latest else earliest


async def _spend(tx: Transaction, platform: Platform, pace: Row, now: int, places: int) -> None:
    next_at = _next_at(platform, pace, now) + places * spacing(platform)
    await tx.run(sql.pace_spend, platform=platform.name, next_at=next_at)
    if pace["paused_until"] is not None:
        await tx.run(sql.pace_pause, platform=platform.name, until=now + PROBE, strikes=pace["strikes"])


async def _pause(core: Core, platform: str, error: RateLimited, probe: bool) -> None:
    PAUSED.labels(platform).inc()
    now = core.clock()
    # A platform's answer must not be lost because the pace cannot be stored.
    with suppress(StoreUnavailable):
        async with core.store.writing() as tx:
            pace = await _pace(tx, platform)
            before = pace["paused_until"] or 0
            # Calls that were under way together are limited together: that counts once.
            again = probe or before <= now
            strikes = max(pace["strikes"] + again, 1)
            wait = PAUSES[min(strikes, len(PAUSES)) - 1]
            until = min(error.retry_at or now + wait, now + LONGEST)
            until = until if again else max(until, before)
            await tx.run(sql.pace_pause, platform=platform, until=until, strikes=strikes)
            # One event for a pause, however often it is made longer.
            if pace["paused_until"] is None:
                await record_pause(tx, core, platform, ACTOR, until)


async def _resume(core: Core, platform: str, probe: bool) -> None:
    if probe:
        with suppress(StoreUnavailable):
            async with core.store.writing() as tx:
                await tx.run(sql.pace_pause, platform=platform, until=None, strikes=0)
