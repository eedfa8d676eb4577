"""Ending a connection: destroyed here first, so that nobody is served; then the platform is told.

A grant on its way out rests in the slot `revoking`, which no reader sees, until the platform has
answered. Where it could not be told, because it is out of reach or wants fewer calls, the worker
tells it later, at the platform's pace, for up to KEPT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections import pacing, sql, strays
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import words
from symphony_connect.connections.lease import LEASE, load
from symphony_connect.connections.status import change_status
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, PlatformError, RateLimited, TokenRefused, Unavailable
from symphony_connect.store.db import Row
from symphony_connect.vault.vault import Unreadable

KEPT = 7 * DAY
"""How long a platform is tried to be told; then the last copy is destroyed all the same."""


@dataclass(frozen=True)
class Receipt:
    """What became of a connection. `upstream` is one of revoked, already_gone, shared_identity,
    not_verified, not_offered, unreadable, pending, unreachable, refused. After pending and unreachable,
    and a refusal at a checkpoint, the platform is told again later."""

    id: str
    connection: Connection
    upstream: str
    at: int
    platform: dict[str, str | None] | None = None


@dataclass(frozen=True)
class Buried:
    """A connection that nobody is served any more, and what its platform has yet to be told of."""

    connection: Connection
    shared: bool
    sealed: bytes | None
    since: int | None = None
    """When it was buried, where an earlier try to tell the platform failed; milliseconds since the epoch."""


async def disconnect(core: Core, connection: Connection, actor: str) -> Receipt | None:
    """Destroy here, revoke upstream unless another active connection needs it. None when somebody else just did."""
    buried = await bury(core, connection, actor)
    return await tell(core, buried, actor) if buried else None


async def bury(core: Core, connection: Connection, actor: str) -> Buried | None:
    """The part that asks no platform: from here on nobody is served. None when somebody else just did."""
    async with core.store.writing() as tx:
        if connection.identity:
            await tx.all(sql.siblings_lock, platform=connection.platform, identity_id=connection.identity.id)
        if not await tx.one(sql.lease_break, id=connection.id):
            return None
        # Whoever asks may have looked before somebody else signed in.
        current = await load(tx, connection.id)
        shared = await _shared(tx, current)
        row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="live")
        await tx.run(sql.journal_close, connection_id=connection.id)
        await tx.run(sql.grant_delete, connection_id=connection.id, slot="pending")
        if shared or row is None:
            await tx.run(sql.grants_delete, connection_id=connection.id)
        else:
            now = core.clock()
            await tx.run(sql.grant_to_revoke, connection_id=connection.id, at=now, until=now + LEASE)
        await change_status(tx, core, current, Status.DISCONNECTED, Reason.BY_REQUEST, actor, due_at=None)
    return Buried(current, shared, row["sealed"] if row else None)


async def tell(core: Core, buried: Buried, actor: str, *, admitted: bool = False, probe: bool = False) -> Receipt:
    """The other part: revoke upstream what was buried, and destroy the last copy once the platform has answered.

    `admitted` and `probe` as in `pacing.asking`. Asked again who needs it: a crash may lie between the two parts,
    and the person may have signed in since.
    """
    async with core.store.reading() as tx:
        shared = buried.shared or await _shared(tx, buried.connection)
    if shared:
        return await _receipt(core, buried.connection, actor, "shared_identity")
    if buried.sealed is None:
        return await _receipt(core, buried.connection, actor, "not_verified")
    if not core.platform(buried.connection.platform).revokes:
        return await _receipt(core, buried.connection, actor, "not_offered")
    try:
        grant = await core.vault.open_grant(buried.connection.binding(), buried.sealed)
    except Unreadable:
        return await _receipt(core, buried.connection, actor, "unreadable")
    try:
        async with pacing.asking(core, buried.connection.platform, admitted, probe):
            await core.platform(buried.connection.platform).revoke(grant)
    except PlatformError as error:
        return await _untold(core, buried, actor, error)
    return await _receipt(core, buried.connection, actor, "revoked")


async def _shared(session: Any, connection: Connection) -> bool:
    if connection.identity is None:
        return False
    siblings = await session.all(
        sql.siblings, platform=connection.platform, identity_id=connection.identity.id, id=connection.id
    )
    return any(strays.lives(row) for row in siblings)


async def _untold(core: Core, buried: Buried, actor: str, error: PlatformError) -> Receipt:
    """The platform did not revoke: tell it again later where that may help, else destroy the last copy."""
    # At a checkpoint a token only rests: once its owner has passed that, it works again.
    rests = isinstance(error, TokenRefused) and error.reason is Reason.CHECKPOINT
    match error:
        case TokenRefused() if not rests:
            return await _receipt(core, buried.connection, actor, "already_gone", error)
        case Unavailable():
            upstream = "unreachable"
        case RateLimited() | Misconfigured():
            upstream = "pending"
        case _:
            upstream = "refused"
    now = core.clock()
    since = buried.since if buried.since is not None else now
    if (upstream == "refused" and not rests) or now - since >= KEPT:
        return await _receipt(core, buried.connection, actor, upstream, error)
    return await _later(core, buried, actor, upstream, error, since)


async def _later(core: Core, buried: Buried, actor: str, upstream: str, error: PlatformError, since: int) -> Receipt:
    """Keep the last copy sealed, where no reader sees it; tried further apart the longer it takes. Told once."""
    now, id, platform = core.clock(), "", words(error) if error.code else None
    wait = min(max(now - since, MINUTE), HOUR)
    at = min(max(error.retry_at or 0, now if isinstance(error, pacing.Paused) else now + wait), now + pacing.LONGEST)
    async with core.store.writing() as tx:
        await tx.run(sql.revocation_later, connection_id=buried.connection.id, at=at)
        if buried.since is None:
            outcome = {"here": "destroyed", "upstream": upstream, "platform_error": platform}
            id = await record(tx, core, buried.connection, "connection.disconnected", actor, **outcome)
    return Receipt(id, buried.connection, upstream, now, platform)


async def let_go(core: Core, connection: Connection, grant: Grant) -> None:
    """A platform issued this while its connection was being ended: nobody may keep it, the platform neither.

    Stored before the platform is asked, so that neither its silence nor a crash here leaves the token alive.
    """
    platform = core.platform(connection.platform)
    if platform.revokes and connection.identity:
        stray = await strays.keep(core, connection.workspace_id, platform, grant, connection.identity.id)
        await strays.finish(core, stray)


async def finish(core: Core, row: Row, actor: str, *, probe: bool) -> None:
    """Tell the platform of a disconnect that it does not know of yet; `row` is one of `revocations_claim`."""
    async with core.store.reading() as tx:
        connection = await load(tx, row["connection_id"])
    buried = Buried(connection, False, row["sealed"], since=row["revoking_since"])
    await tell(core, buried, actor, admitted=True, probe=probe)


async def _receipt(
    core: Core, connection: Connection, actor: str, upstream: str, error: PlatformError | None = None
) -> Receipt:
    platform = words(error) if error else None
    async with core.store.writing() as tx:
        await tx.run(sql.grants_delete, connection_id=connection.id)
        await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
        id = await record(
            tx,
            core,
            connection,
            "connection.disconnected",
            actor,
            here="destroyed",
            upstream=upstream,
            platform_error=platform,
        )
    return Receipt(id, connection, upstream, core.clock(), platform)
