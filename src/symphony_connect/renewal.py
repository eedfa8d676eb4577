"""Keeping a grant alive: renew, verify, and what follows when a platform says no.

Every function here works under a lease (`lease.py`) and gives it back.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from symphony_connect import connect, lifecycle
from symphony_connect.clock import HOUR, MINUTE, SECOND
from symphony_connect.core import Connection, Core, record
from symphony_connect.lease import Held, load, still_held
from symphony_connect.model import Grant, Inspection, Reason, Status
from symphony_connect.platforms.base import (
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TokenRefused,
    Unavailable,
)
from symphony_connect.refusals import words
from symphony_connect.store.db import StoreUnavailable

SAVE_ATTEMPTS = 40
BACK_OFF = (30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR)
"""Between tries while a platform is out of reach."""


@dataclass(frozen=True)
class Outcome:
    """What a renewal or verification came to. `error` is the platform's, when it failed."""

    connection: Connection
    changed: bool
    error: PlatformError | None = None


async def renew(core: Core, mine: Held, actor: str) -> Outcome:
    """Ask the platform for a later-ending grant and store it. The old one goes on serving until then."""
    grant = mine.grant
    assert grant is not None
    platform = core.platform(mine.connection.platform)
    rotates = platform.rotates(grant)
    # Written before anything is spent: it proves the store writable and tells a crash apart from a silence.
    interrupted = await _journal(core, mine) if rotates else False
    try:
        try:
            new = await platform.renew(grant)
        except OutcomeUnknown:
            if not rotates:
                raise
            # If the lost call never arrived, this one works; if it did, this one is refused.
            interrupted = True
            new = await platform.renew(grant)
    except TokenRefused as error:
        if interrupted:
            return await _refresh_token_spent(core, mine, grant, actor)
        return await lose(core, mine, error.reason, actor, error)
    except PlatformError as error:
        return await put_off(core, mine, error, actor, journal_stays=isinstance(error, OutcomeUnknown))
    return await _save(core, mine, new, actor)


async def _journal(core: Core, mine: Held) -> bool:
    """Note that a one-time refresh token is about to be spent; True when an earlier note has no outcome."""
    id = mine.connection.id
    async with core.store.writing() as session:
        open_note = await session.one("rotation", connection_id=id)
        await session.run("rotation_begin", connection_id=id, fence=mine.fence, at=core.clock())
    return open_note is not None


async def _save(core: Core, mine: Held, new: Grant, actor: str) -> Outcome:
    """Store a renewed grant; tried again while the process lives, for the platform will not give it twice."""
    for attempt in range(SAVE_ATTEMPTS):
        try:
            return await _store_renewed(core, mine, new, actor)
        except StoreUnavailable:
            if attempt == SAVE_ATTEMPTS - 1:
                raise
            await asyncio.sleep(min(0.05 * 2**attempt, 2.0))
    raise AssertionError("unreachable: the loop returns or raises")


async def _store_renewed(core: Core, mine: Held, new: Grant, actor: str) -> Outcome:
    before, now = mine.connection, core.clock()
    moved = new.expires_at is None or before.expires_at is None or new.expires_at > before.expires_at
    async with core.store.writing() as session:
        await still_held(session, mine)
        connection = await load(session, before.id)
        await connect.put_grant(session, core, connection, new, "live")
        await session.run("rotation_end", connection_id=before.id)
        await session.run("connection_due", id=before.id, due_at=None, attempts=0)
        if moved:
            await session.run("connection_announced", id=before.id, days=None)
            await record(
                session,
                core,
                connection,
                "connection.renewed",
                actor,
                expiresAt=new.expires_at,
                before=before.expires_at,
            )
        after = await lifecycle.settle(
            session,
            core,
            connection,
            _as_before(connection, new),
            actor,
            issued_at=now if moved else None,
            renewed_at=now if moved else None,
            renewal_not_before=0 if moved else now + core.platform(before.platform).verify_every,
        )
    return Outcome(after, moved)


def _as_before(connection: Connection, grant: Grant) -> Inspection:
    """A renewal says nothing of the person: identity and missing scopes stay as they were."""
    assert connection.identity is not None
    return Inspection(connection.identity, grant, connection.missing_scopes)


async def _refresh_token_spent(core: Core, mine: Held, grant: Grant, actor: str) -> Outcome:
    """A rotation's answer was lost, by crash or by network: the old access token may still be good."""
    platform = core.platform(mine.connection.platform)
    unrenewable = replace(grant, refresh_token=None, refresh_expires_at=None)
    try:
        inspection = await platform.inspect(unrenewable)
    except TokenRefused as error:
        return await lose(core, mine, Reason.OUTCOME_UNKNOWN, actor, error)
    except PlatformError as error:
        return await put_off(core, mine, error, actor, journal_stays=True)
    async with core.store.writing() as session:
        await still_held(session, mine)
        connection = await load(session, mine.connection.id)
        await connect.put_grant(session, core, connection, inspection.grant, "live")
        await session.run("rotation_end", connection_id=connection.id)
        after = await lifecycle.settle(session, core, connection, inspection, actor)
        row = await load(session, connection.id)
        if after.status is not Status.NEEDS_RECONNECT:
            await lifecycle.move(session, core, row, Status.EXPIRING, Reason.OUTCOME_UNKNOWN, actor, due_at=row.due_at)
            after = replace(after, status=Status.EXPIRING, reason=Reason.OUTCOME_UNKNOWN)
    return Outcome(after, False)


async def verify(core: Core, mine: Held, actor: str) -> Outcome:
    """Ask the platform whether the live grant is still good, and write down what it says."""
    assert mine.grant is not None
    platform = core.platform(mine.connection.platform)
    try:
        inspection = await platform.inspect(mine.grant)
    except TokenRefused as error:
        return await lose(core, mine, error.reason, actor, error)
    except Rejected as error:
        # The operator set another app: tokens of the one before are no good to it.
        return await lose(core, mine, Reason.TOKEN_REFUSED, actor, error)
    except PlatformError as error:
        return await put_off(core, mine, error, actor)
    if connect.useless(platform, inspection):
        return await lose(core, mine, Reason.PERMISSIONS_MISSING, actor)
    try:
        accounts = tuple(await platform.ad_accounts(inspection.grant))
    except PlatformError:
        accounts = None
    async with core.store.writing() as session:
        await still_held(session, mine)
        connection = await load(session, mine.connection.id)
        await connect.put_grant(session, core, connection, inspection.grant, "live")
        if accounts is not None:
            await connect.put_accounts(session, connection, accounts, core.clock())
        await session.run("connection_due", id=connection.id, due_at=None, attempts=0)
        after = await lifecycle.settle(session, core, connection, inspection, actor)
    return Outcome(after, after.status is not mine.connection.status)


async def lose(core: Core, mine: Held, reason: Reason, actor: str, error: PlatformError | None = None) -> Outcome:
    """Only the owner can help now. Others behind the same person are asked after soon."""
    async with core.store.writing() as session:
        await still_held(session, mine)
        connection = await load(session, mine.connection.id)
        await session.run("rotation_end", connection_id=connection.id)
        await lifecycle.move(session, core, connection, Status.NEEDS_RECONNECT, reason, actor, due_at=None)
        if connection.identity:
            await session.run(
                "siblings_due",
                platform=connection.platform,
                identity_id=connection.identity.id,
                id=connection.id,
                now=core.clock(),
            )
    return Outcome(replace(connection, status=Status.NEEDS_RECONNECT, reason=reason), True, error)


async def put_off(core: Core, mine: Held, error: PlatformError, actor: str, *, journal_stays: bool = False) -> Outcome:
    """Nothing is known of the grant: leave it as it is and come back later."""
    connection, now = mine.connection, core.clock()
    wait = BACK_OFF[min(connection.attempts, len(BACK_OFF) - 1)]
    if not isinstance(error, Unavailable) and error.retry_at is None:
        wait = HOUR
    due_at = max(now + wait, error.retry_at or 0) + core.random.randrange(wait // 4)
    async with core.store.writing() as session:
        await still_held(session, mine)
        if not journal_stays:
            await session.run("rotation_end", connection_id=connection.id)
        await session.run("connection_due", id=connection.id, due_at=due_at, attempts=connection.attempts + 1)
        await record(session, core, connection, "connection.put_off", actor, until=due_at, platform_error=words(error))
    return Outcome(connection, False, error)
