"""Reading a token: from the store when it is fresh, renewed once however many ask when it is not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections import lease, sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.failures import SERVED, lose, problem_of
from symphony_connect.connections.lease import Stale
from symphony_connect.connections.renew import renew
from symphony_connect.connections.status import MARGIN, standing
from symphony_connect.core import Core
from symphony_connect.platforms.base import PlatformError
from symphony_connect.store.db import StoreUnavailable

READER = "token read"


@dataclass(frozen=True)
class Token:
    """A grant that is served, and the connection it belongs to."""

    connection: Connection
    grant: Grant


async def read(core: Core, connection: Connection, sealed: bytes | None, min_ttl: int) -> Token:
    """A token good for at least `min_ttl` milliseconds where the platform gives one; else the one that is valid.

    No upstream call when the stored token is fresh. Raises Problem `needs_reconnect`, `unverified`,
    `busy` or what the platform's failure is told as; StoreUnavailable.
    """
    grant = await _servable(core, connection, sealed)
    needed = max(_within_reach(connection, grant, min_ttl), MARGIN)
    if _fresh(connection, grant, core.clock(), needed):
        return Token(connection, grant)
    trouble: Problem | StoreUnavailable | None = None
    if _may_renew(core, connection, grant):
        try:
            now_served, error = await _renewed(core, connection, needed)
            if now_served != connection:
                connection, grant = now_served, await _live_grant(core, now_served)
            trouble = problem_of(error, core.platform(connection.platform), core.clock()) if error else None
        except StoreUnavailable as failure:
            trouble = failure
        except Problem as failure:
            if failure.code != "busy":
                raise
            trouble = failure
    if _good_for(connection, core.clock(), MARGIN):
        return Token(connection, grant)
    if trouble is not None:
        raise trouble
    return await _last(core, connection)


def _within_reach(connection: Connection, grant: Grant, min_ttl: int) -> int:
    """No more than a new token is good for after a while: else every read would exchange the one before it."""
    if connection.expires_at is None or connection.issued_at is None or grant.refresh_token is None:
        return min_ttl
    life = connection.expires_at - connection.issued_at
    return min(min_ttl, life - life // 24)


def _may_renew(core: Core, connection: Connection, grant: Grant) -> bool:
    """Whether it would help to ask, and nobody has asked just now. Data access moves only by a new sign-in."""
    if core.platform(connection.platform).renew_at(grant, connection.issued_at or 0) is None:
        return False
    now, data_end = core.clock(), connection.data_access_expires_at
    return now >= (connection.renew_after or 0) and (data_end is None or data_end - now > MARGIN)


async def _servable(core: Core, connection: Connection, sealed: bytes | None) -> Grant:
    if connection.status is Status.NEEDS_RECONNECT:
        raise needs_reconnect(connection)
    if connection.status is Status.DISCONNECTED:
        raise Problem("connection_not_found", "The connection has just been disconnected.")
    if connection.status is Status.UNVERIFIED or sealed is None:
        name = core.platform(connection.platform).display_name
        raise Problem("unverified", f"The token is kept, but {name} has not confirmed it yet.", retry_after=30)
    return await core.vault.open_grant(connection.binding(), sealed)


def _good_for(connection: Connection, now: int, milliseconds: int) -> bool:
    """Neither clock runs out within the time; an end that nobody knows is no end."""
    data_end = connection.data_access_expires_at
    if data_end is not None and data_end - now <= MARGIN:
        return False
    return connection.expires_at is None or connection.expires_at - now > milliseconds


def _fresh(connection: Connection, grant: Grant, now: int, milliseconds: int) -> bool:
    """Good for long enough; what can be renewed and has no known end may end at any moment."""
    unknown = connection.expires_at is None and grant.refresh_token is not None
    return not unknown and _good_for(connection, now, milliseconds)


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
        task.add_done_callback(lambda done: _over(core, connection.id, done))
    # A reader that goes away must not stop the renewal that others wait for.
    done, _ = await asyncio.wait({task}, timeout=lease.PATIENCE / SECOND)
    if not done:
        raise Problem("busy", "The token is being renewed; ask again.", retry_after=2)
    result: tuple[Connection, PlatformError | None] = task.result()
    return result


def _over(core: Core, id: str, task: asyncio.Task[Any]) -> None:
    core.renewals.pop(id, None)
    if not task.cancelled():
        task.exception()  # told to those who waited, if any still do


async def _renew_unless_fresh(core: Core, id: str, good_for: int) -> tuple[Connection, PlatformError | None]:
    mine = await lease.hold_or_wait(core, id)
    connection = mine.connection
    try:
        if connection.status not in SERVED or mine.grant is None:
            return await _give_back(core, mine), None
        # Asked again of what is there now: who was here before may have found it past renewing.
        fresh = _fresh(connection, mine.grant, core.clock(), good_for)
        if fresh or not _may_renew(core, connection, mine.grant):
            return await _give_back(core, mine), None
        outcome = await renew(core, mine, READER)
    except Stale:
        return await _as_stored(core, id), None
    return outcome.connection, outcome.error


async def _give_back(core: Core, mine: lease.Held) -> Connection:
    async with core.store.writing() as tx:
        await lease.still_held(tx, mine)
    return mine.connection


async def _as_stored(core: Core, id: str) -> Connection:
    async with core.store.reading() as tx:
        return await lease.load(tx, id)


async def _live_grant(core: Core, connection: Connection) -> Grant:
    async with core.store.reading() as tx:
        row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="live")
    return await _servable(core, connection, row["sealed"] if row else None)


async def _last(core: Core, connection: Connection) -> Token:
    """Not good for long enough, and nothing more to be had: its end is written down, unless somebody did better."""
    if (await _as_stored(core, connection.id)).status in SERVED:
        await _end(core, connection.id)
    connection = await _as_stored(core, connection.id)
    grant = await _live_grant(core, connection)
    if _good_for(connection, core.clock(), MARGIN):
        return Token(connection, grant)
    name = core.platform(connection.platform).display_name
    wait = max(((connection.renew_after or 0) - core.clock()) // SECOND, 1)
    raise Problem("platform_unavailable", f"{name} could not renew the token yet; try again.", retry_after=wait)


async def _end(core: Core, id: str) -> None:
    mine = await lease.hold_or_wait(core, id)
    with suppress(Stale):
        if mine.grant and mine.connection.status in SERVED:
            status, reason = standing(mine.connection, mine.grant, core.clock())
            if status is Status.NEEDS_RECONNECT and reason is not None:
                await lose(core, mine, reason, READER)
                return
        await _give_back(core, mine)
