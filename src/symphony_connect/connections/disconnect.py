"""Ending a connection: destroyed here first, so that nobody is served; then the platform is told.

A grant on its way out rests in the slot `revoking`, which no reader sees, until the platform has
answered; the worker finishes what a crash left there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import words
from symphony_connect.connections.lease import load
from symphony_connect.connections.status import move
from symphony_connect.core import Core
from symphony_connect.platforms.base import PlatformError, TokenRefused
from symphony_connect.store.db import Row
from symphony_connect.vault.vault import Unreadable


@dataclass(frozen=True)
class Receipt:
    """What became of a connection. `upstream` is one of revoked, already_gone, shared_identity,
    not_verified, not_offered, unreadable, unreachable, refused."""

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


async def disconnect(core: Core, connection: Connection, actor: str) -> Receipt | None:
    """Destroy here, revoke upstream unless another living connection needs it. None when somebody else just did."""
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
            await tx.run(sql.grant_to_revoke, connection_id=connection.id, at=core.clock())
        await move(tx, core, current, Status.DISCONNECTED, Reason.BY_REQUEST, actor, due_at=None)
    return Buried(current, shared, row["sealed"] if row else None)


async def tell(core: Core, buried: Buried, actor: str) -> Receipt:
    """The other part: revoke upstream what was buried, and destroy the last copy.

    Asked again who needs it: a crash may lie between the two parts, and the person may have signed in since.
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
    return await revoke(core, buried.connection, grant, actor)


async def _shared(session: Any, connection: Connection) -> bool:
    if connection.identity is None:
        return False
    siblings = await session.all(
        sql.siblings, platform=connection.platform, identity_id=connection.identity.id, id=connection.id
    )
    return any(row["status"] != Status.NEEDS_RECONNECT for row in siblings)


async def revoke(core: Core, connection: Connection, grant: Grant, actor: str) -> Receipt:
    """Tell the platform, then destroy the last copy whatever it answered."""
    try:
        await core.platform(connection.platform).revoke(grant)
    except TokenRefused as error:
        # At a checkpoint it only rests: once its owner has passed that, it works again.
        outcome = "refused" if error.reason is Reason.CHECKPOINT else "already_gone"
        return await _receipt(core, connection, actor, outcome, error)
    except PlatformError as error:
        outcome = "unreachable" if error.code is None else "refused"
        return await _receipt(core, connection, actor, outcome, error)
    return await _receipt(core, connection, actor, "revoked")


async def let_go(core: Core, connection: Connection, grant: Grant) -> None:
    """A platform issued this while its connection was being ended: nobody may keep it, the platform neither."""
    async with core.store.reading() as tx:
        shared = await _shared(tx, connection)
    platform = core.platform(connection.platform)
    if platform.revokes and not shared:
        with suppress(PlatformError):
            await platform.revoke(grant)


async def finish(core: Core, row: Row, actor: str) -> None:
    """Tell the platform of a disconnect that a crash cut short; `row` is one of `revocations_claim`."""
    async with core.store.reading() as tx:
        connection = await load(tx, row["connection_id"])
    await tell(core, Buried(connection, False, row["sealed"]), actor)


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
