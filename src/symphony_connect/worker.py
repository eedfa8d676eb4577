"""The loop that keeps connections alive: due → claim → renew, verify or announce."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from symphony_connect import connect, disconnect, lease, lifecycle, renewal
from symphony_connect.clock import DAY
from symphony_connect.core import Connection, Core, record
from symphony_connect.errors import Problem
from symphony_connect.lease import Held, Stale
from symphony_connect.model import Reason, Status
from symphony_connect.platforms.base import PlatformError, RateLimited, TokenRefused, Unavailable
from symphony_connect.renewal import Outcome
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault import Unreadable

ACTOR = "worker"
BATCH = 50
AT_ONCE = 8
"""Connections tended at the same time by one process."""
IDLE = 1.0
"""Seconds between looks at an empty list."""

log = structlog.get_logger()


async def run(core: Core, stop: asyncio.Event) -> None:
    """Tend what is due until told to stop; a batch under way is finished first."""
    while not stop.is_set():
        try:
            busy = await tend_due(core)
        except StoreUnavailable as error:
            log.warning("worker.store_unavailable", error=str(error))
            busy = 0
        if not busy:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), IDLE)


async def tend_due(core: Core) -> int:
    """Claim what is due now, tend it, and return how many there were."""
    now = core.clock()
    async with core.store.writing() as session:
        claimed = await session.all("claim_due", now=now, until=now + lease.LEASE, most=BATCH)
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(id: str, fence: int) -> None:
        async with limit:
            await _tend_claimed(core, id, fence)

    await asyncio.gather(*(one(row["id"], row["fence"]) for row in claimed))
    return len(claimed) + await finish_revocations(core)


async def _tend_claimed(core: Core, id: str, fence: int) -> None:
    try:
        await tend(core, await lease.held(core, id, fence))
    except Stale:
        log.info("worker.stale", connection=id)
    except (Unreadable, Problem, StoreUnavailable) as error:
        log.error("worker.failed", connection=id, error=str(error))


async def tend(core: Core, mine: Held) -> None:
    """Do the most pressing thing for one connection; the next thing becomes due by itself."""
    if await verify_pending(core, mine):
        return
    if mine.grant is None:
        await _rest(core, mine)
        return
    connection, now = mine.connection, core.clock()
    renew_at = core.platform(connection.platform).renew_at(mine.grant, connection.issued_at or now)
    if renew_at is not None and renew_at <= now:
        outcome = await renewal.renew(core, mine, ACTOR)
    else:
        outcome = await renewal.verify(core, mine, ACTOR)
    await _end_or_announce(core, outcome)


async def verify_pending(core: Core, mine: Held) -> bool:
    """A token that came while its platform was out of reach; True when there was one."""
    connection = mine.connection
    async with core.store.reading() as session:
        row = await session.one("grant_sealed", connection_id=connection.id, slot="pending")
    if row is None:
        return False
    platform = core.platform(connection.platform)
    grant = await core.vault.open_grant(connection.binding(), row["sealed"])
    try:
        found = await connect.examine(platform, grant)
        connect.refuse_useless(platform, found)
        async with core.store.writing() as session:
            await lease.still_held(session, mine)
            await connect.attach(
                session,
                core,
                connection.binding(),
                found,
                actor=ACTOR,
                replace_identity=bool(row["replaces"]),
            )
    except (Unavailable, RateLimited) as error:
        await renewal.put_off(core, mine, error, ACTOR)
    except (PlatformError, Problem) as error:
        await _refuse_pending(core, mine, error)
    return True


async def _refuse_pending(core: Core, mine: Held, error: PlatformError | Problem) -> None:
    """The waiting token is no good: it goes, and what served before goes on serving."""
    reason = error.reason if isinstance(error, TokenRefused) else Reason.TOKEN_REFUSED
    async with core.store.writing() as session:
        await lease.still_held(session, mine)
        connection = await lease.load(session, mine.connection.id)
        await session.run("grant_delete", connection_id=connection.id, slot="pending")
        await record(session, core, connection, "connection.token_refused", ACTOR, message=str(error))
        if connection.status is Status.UNVERIFIED:
            await lifecycle.move(session, core, connection, Status.NEEDS_RECONNECT, reason, ACTOR, due_at=None)


async def _end_or_announce(core: Core, outcome: Outcome) -> None:
    connection, now = outcome.connection, core.clock()
    if connection.status not in (Status.CONNECTED, Status.EXPIRING):
        return
    mine = await lease.hold(core, connection.id)
    if mine is None or mine.grant is None:
        return
    status, reason = lifecycle.standing(mine.connection, mine.grant, now)
    if status is Status.NEEDS_RECONNECT and reason is not None:
        await renewal.lose(core, mine, reason, ACTOR)
        return
    await _announce(core, mine, now)


async def _announce(core: Core, mine: Held, now: int) -> None:
    """Say once at each of 14, 7 and 1 days that only a person can prolong this."""
    connection = mine.connection
    assert mine.grant is not None
    end = lifecycle.person_needed_at(connection, mine.grant)
    passed = [day for day in lifecycle.ANNOUNCE_DAYS if end and end[0] - now <= day * DAY]
    async with core.store.writing() as session:
        await lease.still_held(session, mine)
        if end and passed and (connection.announced_days is None or min(passed) < connection.announced_days):
            await session.run("connection_announced", id=connection.id, days=min(passed))
            await record(
                session,
                core,
                connection,
                "connection.expiring",
                ACTOR,
                days=min(passed),
                at=end[0],
                reason=end[1],
            )


async def _rest(core: Core, mine: Held) -> None:
    """Nothing to keep alive; a disconnect that was cut short is finished."""
    async with core.store.writing() as session:
        await lease.still_held(session, mine)
        await session.run("connection_due", id=mine.connection.id, due_at=None, attempts=0)


async def finish_revocations(core: Core) -> int:
    """Tell platforms of disconnects that a crash cut short; returns how many there were."""
    async with core.store.reading() as session:
        rows = await session.all("revocations_left", before=core.clock() - lease.LEASE, most=BATCH)
    for row in rows:
        connection = Connection.of(row)
        grant = await core.vault.open_grant(connection.binding(), row["sealed"])
        await disconnect.revoke(core, connection, grant, ACTOR)
    return len(rows)
