"""Whether anybody tends the connections: each process that does says so, and a gap between two lives is kept."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.connections import sql
from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable

EVERY = SECOND
GONE = 4 * SECOND
"""A process without a beat for so long is taken to have ended: its leases count no more against a platform."""
SILENCE = 60 * SECOND
"""After this long without a beat nobody is at work."""
KEPT = 7 * DAY
LOOK = 1.0
"""Seconds between looks at the clock, which in development may jump."""

log = structlog.get_logger()


async def keep(core: Core, stop: asyncio.Event) -> None:
    """Beat until told to stop. Runs beside the work, which may wait long for a platform."""
    last = 0
    while not stop.is_set():
        if not 0 <= core.clock() - last < EVERY:
            with contextlib.suppress(StoreUnavailable):
                last = await beat(core, core.process, first=last == 0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)


async def beat(core: Core, process: str, *, first: bool) -> int:
    """Write one beat, and at a process's first the outage that it ends; returns the time of it."""
    now = core.clock()
    async with core.store.writing() as tx:
        if first:
            row = await tx.one(sql.newest_beat)
            before = row["at"] if row else None
            if before is not None and now - before > SILENCE:
                await tx.run(sql.outage_add, began_at=before, ended_at=now)
                log.warning("worker.was_off", seconds=(now - before) // SECOND)
        await tx.one(sql.beat, process=process, at=now)
        await tx.run(sql.beats_forget, before=now - KEPT)
    return now
