"""The loop that keeps connections alive: due → claim → renew, verify or announce."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from symphony_connect.base.clock import HOUR
from symphony_connect.base.errors import Problem
from symphony_connect.connections import app_trouble, backlog, disconnect, heartbeat, lease, pacing, sql, strays
from symphony_connect.connections.failures import SERVED
from symphony_connect.connections.lease import Held, Stale
from symphony_connect.connections.renew import renew
from symphony_connect.connections.status import renewal_at
from symphony_connect.connections.verify import verify, verify_waiting
from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault.vault import Unreadable

ACTOR = "worker"
IDLE = 1.0
"""Seconds between looks at an empty list."""

MEASURED = 60.0
"""Seconds between counts of what is overdue."""

T = TypeVar("T")
log = structlog.get_logger()


async def run(core: Core, stop: asyncio.Event) -> None:
    """Do what is due, and write heartbeats, until `stop` is set."""
    # Before anything is claimed: a process whose clock is off must not touch it.
    await _survive(heartbeat.beat(core, core.process, first=True))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(heartbeat.keep(core, stop))
        tasks.create_task(_revoke_until(core, stop))
        tasks.create_task(_measure_until(core, stop))
        for platform in core.platforms:
            tasks.create_task(_tend_until(core, platform, stop))


async def _revoke_until(core: Core, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if not core.watch.off:
            await _survive(finish_revocations(core))
        await _idle(stop)


async def _measure_until(core: Core, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _survive(backlog.measure(core))
        await _idle(stop, MEASURED)


async def _tend_until(core: Core, platform: str, stop: asyncio.Event) -> None:
    """For one platform, so that a slow one delays no other; work under way is finished before it returns."""
    async with asyncio.TaskGroup() as under_way:
        while not stop.is_set():
            sure = core.watch.compared and not core.watch.off
            if sure:
                await _survive(app_trouble.look(core, platform))
            claimed = (await _survive(pacing.claim(core, platform, lease.LEASE)) or []) if sure else []
            for each in claimed:
                under_way.create_task(_tend_claimed(core, each))
            if not claimed:
                await _idle(stop)


async def _idle(stop: asyncio.Event, seconds: float = IDLE) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _survive(work: Coroutine[Any, Any, T]) -> T | None:
    """One failed turn does not end the loop."""
    try:
        return await work
    except StoreUnavailable as error:
        log.warning("worker.store_unavailable", error=str(error))
    except Exception:
        log.exception("worker.failed")
    return None


async def tend_due(core: Core) -> int:
    """Do what is due now, as far as the platforms' pace allows, and return how many there were."""
    for name in core.platforms:
        await app_trouble.look(core, name)
    claimed = [each for name in core.platforms for each in await pacing.claim(core, name, lease.LEASE)]
    await asyncio.gather(*(_tend_claimed(core, each) for each in claimed))
    return len(claimed) + await finish_revocations(core)


async def _tend_claimed(core: Core, claimed: pacing.Claimed) -> None:
    try:
        await tend(core, await lease.held(core, claimed.id, claimed.fence, admitted=True, probe=claimed.probe))
    except Stale:
        log.info("worker.stale", connection=claimed.id)
    except StoreUnavailable as error:
        log.warning("worker.store_unavailable", connection=claimed.id, error=str(error))
    except Exception as error:
        show = log.error if isinstance(error, Unreadable | Problem) else log.exception
        show("worker.failed", connection=claimed.id, error=str(error))
        await _survive(_set_aside(core, claimed))


async def _set_aside(core: Core, claimed: pacing.Claimed) -> None:
    """Try again in an hour what cannot be worked on, so that it does not delay the others."""
    async with core.store.writing() as tx:
        if await tx.one(sql.lease_held, id=claimed.id, fence=claimed.fence):
            connection = await lease.load(tx, claimed.id)
            due_at = core.clock() + HOUR
            await tx.run(sql.connection_due, id=claimed.id, due_at=due_at, attempts=connection.attempts + 1)


async def tend(core: Core, held: Held) -> None:
    """Do the most pressing thing for one connection; the next thing becomes due by itself."""
    if await verify_waiting(core, held):
        return
    if held.grant is None:
        await _rest(core, held)
        return
    at = renewal_at(core, held.connection, held.grant)
    if held.connection.status in SERVED and at is not None and at <= core.clock():
        await renew(core, held, ACTOR)
    else:
        await verify(core, held, ACTOR)


async def _rest(core: Core, held: Held) -> None:
    """No more checks: its owner was asked to sign in again."""
    async with core.store.writing() as tx:
        await lease.still_held(tx, held)
        await tx.run(sql.connection_due, id=held.connection.id, due_at=None, attempts=0)


async def finish_revocations(core: Core) -> int:
    """Revoke at the platforms, at their pace, the grants of ended connections and those that no connection has.

    Returns how many there were.
    """
    async with core.store.reading() as tx:
        now = core.clock()
        left = await tx.one(sql.revocations_left, now=now) or await tx.one(sql.strays_left, now=now)
    return sum([await _finish_of(core, name) for name in core.platforms]) if left else 0


async def _finish_of(core: Core, platform: str) -> int:
    now, most = core.clock(), core.platform(platform).at_once
    async with core.store.reading() as tx:
        due = await tx.one(sql.untold, platform=platform, now=now, most=most)
    # No more places than there is work: the others are the connections'.
    places, probe = await pacing.take(core, platform, due["count"]) if due and due["count"] else (0, False)
    if not places:
        return 0
    async with core.store.writing() as tx:
        rows = await tx.all(sql.revocations_claim, platform=platform, now=now, until=now + lease.LEASE, most=places)
        lost = await strays.claim(tx, platform, now, places - len(rows))
    work: list[Coroutine[Any, Any, Any]] = [disconnect.finish(core, row, ACTOR, probe=probe) for row in rows]
    work += [strays.finish(core, stray, admitted=True, probe=probe) for stray in lost]
    await asyncio.gather(*map(_survive, work))
    return len(work)
