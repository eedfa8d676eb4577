"""Heartbeats: which processes keep the connections alive now, and since when none did."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from prometheus_client import Gauge

from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.connections import sql
from symphony_connect.core import Core
from symphony_connect.platforms.base import PlatformError
from symphony_connect.store.db import StoreUnavailable

EVERY = SECOND
GONE = 4 * SECOND
"""A process without a beat for so long is taken to have ended: its leases count no more against a platform."""
SILENCE = 60 * SECOND
"""After this long without a heartbeat no worker is running."""
KEPT = 7 * DAY
LOOK = 1.0
"""Seconds between looks at the clock, which in development may jump."""

log = structlog.get_logger()
OFFSET = Gauge(
    "symphony_clock_offset_seconds", "How far this process's clock is ahead of the others", multiprocess_mode="liveall"
)


async def keep(core: Core, stop: asyncio.Event) -> None:
    """Write heartbeats until `stop` is set. Runs beside the work, which may wait long for a platform."""
    last = 0
    while not stop.is_set():
        if not 0 <= core.clock() - last < EVERY:
            with contextlib.suppress(StoreUnavailable):
                last = await beat(core, core.process, first=last == 0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)


async def beat(core: Core, process: str, *, first: bool) -> int:
    """Write one heartbeat; the first of a process also ends an outage. Returns its time."""
    await compare(core)
    now = core.clock()
    async with core.store.writing() as tx:
        if first:
            row = await tx.one(sql.newest_beat)
            before = row["at"] if row else None
            if before is not None and now - before > SILENCE:
                await tx.run(sql.outage_add, began_at=before, ended_at=now)
                log.warning("worker.was_off", seconds=(now - before) // SECOND)
        await tx.one(sql.beat, process=process, at=now, own=core.watch.own())
        await tx.run(sql.beats_forget, before=now - KEPT)
    return now


async def watch_clock(core: Core, stop: asyncio.Event) -> None:
    """For a process without a worker: compare its clock until `stop` is set."""
    while not stop.is_set():
        with contextlib.suppress(StoreUnavailable):
            await compare(core)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)


async def compare(core: Core) -> None:
    """Compare this process's clock with the database's and with other workers' (`core.watch`).

    While it is off, the platforms are asked for their time once a minute. Raises StoreUnavailable.
    """
    was_off = core.watch.off
    async with core.store.reading() as tx:
        row = await tx.one(sql.database_time)
        others = await tx.all(sql.clocks, process=core.process, silence=GONE)
    assert row is not None
    core.watch.database_said(row["now"], [other["ahead"] for other in others])
    if core.watch.off and core.watch.ask_again():
        await _ask_platforms(core)
    OFFSET.set(-core.watch.offset / SECOND)
    if core.watch.off and core.watch.say_again():
        log.error("clock.off", seconds=-core.watch.offset // SECOND, doing="nothing is renewed or checked here")
    elif was_off and not core.watch.off:
        log.warning("clock.right_again")


async def _ask_platforms(core: Core) -> None:
    """Any answer carries the time, a refusal too."""
    for platform in core.platforms.values():
        if not platform.missing_settings:
            with contextlib.suppress(PlatformError):
                await platform.check_app()
