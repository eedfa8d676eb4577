"""Reading a token: from the store when it is fresh, renewed once however many ask when it is not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from symphony_connect import lease, lifecycle, renewal
from symphony_connect.core import Connection, Core
from symphony_connect.errors import Problem
from symphony_connect.lease import Stale
from symphony_connect.model import Grant, Reason, Status
from symphony_connect.platforms.base import PlatformError
from symphony_connect.refusals import problem_of
from symphony_connect.store.db import StoreUnavailable

READER = "token read"


@dataclass(frozen=True)
class Token:
    """A grant that is served, and the connection it belongs to."""

    connection: Connection
    grant: Grant


async def read(core: Core, connection: Connection, sealed: bytes | None, min_ttl: int) -> Token:
    """A token good for at least `min_ttl` milliseconds where the platform gives one; else the one that is valid.

    No upstream call when the stored token is fresh. Raises Problem `needs_reconnect`, `unverified`
    or `platform_unavailable`.
    """
    grant = await _servable(core, connection, sealed)
    if _good_for(connection, core.clock(), max(min_ttl, lifecycle.MARGIN)):
        return Token(connection, grant)
    error = None
    if core.platform(connection.platform).renew_at(grant, connection.issued_at or 0) is not None:
        try:
            connection, error = await _renewed(core, connection, max(min_ttl, lifecycle.MARGIN))
        except (Problem, StoreUnavailable):
            if _good_for(connection, core.clock(), lifecycle.MARGIN):
                return Token(connection, grant)
            raise
    if connection.status is Status.NEEDS_RECONNECT:
        raise needs_reconnect(connection)
    if _good_for(connection, core.clock(), lifecycle.MARGIN):
        return Token(connection, await _live_grant(core, connection))
    if error is not None:
        raise problem_of(error, core.platform(connection.platform), core.clock())
    raise needs_reconnect(await _ended(core, connection))


async def _servable(core: Core, connection: Connection, sealed: bytes | None) -> Grant:
    if connection.status is Status.NEEDS_RECONNECT:
        raise needs_reconnect(connection)
    if connection.status is Status.UNVERIFIED or sealed is None:
        name = core.platform(connection.platform).display_name
        raise Problem("unverified", f"The token is kept, but {name} has not confirmed it yet.", retry_after=30)
    return await core.vault.open_grant(connection.binding(), sealed)


def _good_for(connection: Connection, now: int, milliseconds: int) -> bool:
    """Neither clock runs out within the time; an end that nobody knows is no end."""
    data_end = connection.data_access_expires_at
    if data_end is not None and data_end <= now:
        return False
    return connection.expires_at is None or connection.expires_at - now >= milliseconds


def needs_reconnect(connection: Connection) -> Problem:
    reason = (connection.reason or Reason.EXPIRED).value
    return Problem(
        "needs_reconnect",
        f"Brand {connection.brand_id}'s owner must sign in again ({reason.replace('_', ' ')}). "
        "Make a connect session and send its link.",
        details={"reason": reason},
    )


async def _renewed(core: Core, connection: Connection, good_for: int) -> tuple[Connection, PlatformError | None]:
    """Renew, or find that somebody just did. In one process, one task does it for all who ask."""
    task = core.renewals.get(connection.id)
    if task is None:
        task = asyncio.create_task(_renew_unless_fresh(core, connection.id, good_for))
        core.renewals[connection.id] = task
        task.add_done_callback(lambda _: core.renewals.pop(connection.id, None))
    # A reader that goes away must not stop the renewal that others wait for.
    return await asyncio.shield(task)


async def _renew_unless_fresh(core: Core, id: str, good_for: int) -> tuple[Connection, PlatformError | None]:
    mine = await lease.hold_or_wait(core, id)
    connection = mine.connection
    try:
        if connection.status not in (Status.CONNECTED, Status.EXPIRING) or mine.grant is None:
            return await _give_back(core, mine), None
        if _good_for(connection, core.clock(), good_for):
            return await _give_back(core, mine), None
        outcome = await renewal.renew(core, mine, READER)
    except Stale:
        async with core.store.reading() as session:
            return await lease.load(session, id), None
    return outcome.connection, outcome.error


async def _give_back(core: Core, mine: lease.Held) -> Connection:
    async with core.store.writing() as session:
        await lease.still_held(session, mine)
    return mine.connection


async def _live_grant(core: Core, connection: Connection) -> Grant:
    async with core.store.reading() as session:
        row = await session.one("grant_sealed", connection_id=connection.id, slot="live")
    return await _servable(core, connection, row["sealed"] if row else None)


async def _ended(core: Core, connection: Connection) -> Connection:
    """The token ran out before anybody noticed: write it down."""
    mine = await lease.hold_or_wait(core, connection.id)
    data_end = mine.connection.data_access_expires_at
    out_of_data = data_end is not None and data_end <= core.clock()
    reason = Reason.DATA_ACCESS_EXPIRED if out_of_data else Reason.EXPIRED
    try:
        return (await renewal.lose(core, mine, reason, READER)).connection
    except Stale:
        async with core.store.reading() as session:
            return await lease.load(session, connection.id)
