"""Disconnect: first no reader gets the token any more, then it is revoked at the platform.

Until the platform has answered, the grant stays sealed in the slot `revoking`, which no reader sees. When the
platform is out of reach or wants fewer calls, the worker tries again at the platform's pace, for up to KEPT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections import asset_lists, pacing, sql, strays
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import words
from symphony_connect.connections.lease import LEASE, load
from symphony_connect.connections.status import change_status
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, PlatformError, RateLimited, TokenRefused, Unavailable
from symphony_connect.store import ended, search
from symphony_connect.store.db import Row, Transaction
from symphony_connect.vault.vault import Unreadable

KEPT = 7 * DAY
"""How long a revocation is tried; then the last copy is destroyed without it."""


@dataclass(frozen=True)
class Receipt:
    """What became of a connection. `upstream` is one of revoked, already_gone, shared_identity,
    not_verified, not_offered, unreadable, pending, unreachable, refused. After pending and unreachable,
    and a refusal at a checkpoint, the revocation is tried again later."""

    id: str
    connection: Connection
    upstream: str
    at: int
    platform: dict[str, str | None] | None = None


@dataclass(frozen=True)
class Revocation:
    """A connection that was ended here, and the grant that its platform must still revoke."""

    connection: Connection
    shared: bool
    sealed: bytes | None
    since: int | None = None
    """When the connection was ended, if an earlier revocation failed; milliseconds since the epoch."""


async def disconnect(core: Core, connection: Connection, actor: str) -> Receipt | None:
    """End it here, and revoke upstream unless another active connection needs the grant.

    None when somebody else just ended it.
    """
    revocation = await end_here(core, connection, actor)
    return await revoke_upstream(core, revocation, actor) if revocation else None


async def end_here(core: Core, connection: Connection, actor: str) -> Revocation | None:
    """The part that calls no platform: from here on no reader gets the token. None when somebody else just ended it."""
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
        await strays.set_aside(tx, core, current, "pending")
        if shared or row is None:
            sealed = None
            await tx.run(sql.grants_delete, connection_id=connection.id)
        else:
            now, sealed = core.clock(), await _to_revoke(tx, core, current, row["sealed"])
            await tx.run(sql.grant_to_revoke, connection_id=connection.id, sealed=sealed, at=now, until=now + LEASE)
        await asset_lists.forget(tx, connection.id)
        await change_status(tx, core, current, Status.DISCONNECTED, Reason.BY_REQUEST, actor, due_at=None)
    return Revocation(current, shared, sealed)


async def _to_revoke(tx: Transaction, core: Core, connection: Connection, sealed: bytes) -> bytes:
    """The live grant sealed again for the slot `revoking`; one that does not open stays as it is."""
    try:
        grant = await core.vault.open_grant(connection.binding("live"), sealed)
    except Unreadable:
        return sealed
    return await core.vault.seal_grant(tx, connection.binding("revoking"), grant)


async def revoke_upstream(
    core: Core, revocation: Revocation, actor: str, *, admitted: bool = False, probe: bool = False
) -> Receipt:
    """The other part: revoke the grant at its platform, and destroy the last copy once the platform has answered.

    `admitted` and `probe` as in `pacing.asking`. Whether another connection needs the grant is looked up again:
    a crash may lie between the two parts, and the person may have signed in since.
    """
    async with core.store.reading() as tx:
        shared = revocation.shared or await _shared(tx, revocation.connection)
    if shared:
        return await _receipt(core, revocation.connection, actor, "shared_identity")
    if revocation.sealed is None:
        return await _receipt(core, revocation.connection, actor, "not_verified")
    if not core.platform(revocation.connection.platform).revokes:
        return await _receipt(core, revocation.connection, actor, "not_offered")
    try:
        grant = await core.vault.open_grant(revocation.connection.binding("revoking"), revocation.sealed)
    except Unreadable:
        return await _receipt(core, revocation.connection, actor, "unreadable")
    try:
        async with pacing.asking(core, revocation.connection.platform, admitted, probe):
            await core.platform(revocation.connection.platform).revoke(grant)
    except PlatformError as error:
        return await _not_revoked(core, revocation, actor, error)
    return await _receipt(core, revocation.connection, actor, "revoked")


async def _shared(session: Any, connection: Connection) -> bool:
    if connection.identity is None:
        return False
    siblings = await session.all(
        sql.siblings, platform=connection.platform, identity_id=connection.identity.id, id=connection.id
    )
    return any(strays.active(row) for row in siblings)


async def _not_revoked(core: Core, revocation: Revocation, actor: str, error: PlatformError) -> Receipt:
    """The platform did not revoke: try again later where that may help, else destroy the last copy."""
    suspended = strays.suspended(error)
    match error:
        case TokenRefused() if not suspended:
            return await _receipt(core, revocation.connection, actor, "already_gone", error)
        case Unavailable():
            upstream = "unreachable"
        case RateLimited() | Misconfigured():
            upstream = "pending"
        case _:
            upstream = "refused"
    now = core.clock()
    since = revocation.since if revocation.since is not None else now
    if (upstream == "refused" and not suspended) or now - since >= KEPT:
        return await _receipt(core, revocation.connection, actor, upstream, error)
    return await _later(core, revocation, actor, upstream, error, since)


async def _later(
    core: Core, revocation: Revocation, actor: str, upstream: str, error: PlatformError, since: int
) -> Receipt:
    """Keep the last copy sealed, where no reader sees it, and wait longer after each try. One event for all tries."""
    now, id, platform = core.clock(), "", words(error) if error.code else None
    wait = min(max(now - since, MINUTE), HOUR)
    at = min(max(error.retry_at or 0, now if isinstance(error, pacing.Paused) else now + wait), now + pacing.LONGEST)
    async with core.store.writing() as tx:
        await tx.run(sql.revocation_later, connection_id=revocation.connection.id, at=at)
        if revocation.since is None:
            outcome = {"here": "destroyed", "upstream": upstream, "platform_error": platform}
            id = await record(tx, core, revocation.connection, "connection.receipt", actor, **outcome)
    return Receipt(id, revocation.connection, upstream, now, platform)


async def revoke_late_grant(core: Core, connection: Connection, grant: Grant) -> None:
    """Revokes a grant that arrived after its connection was ended, or got another grant.

    Stored before the platform is called, so that neither its silence nor a crash here leaves the token valid.
    """
    platform = core.platform(connection.platform)
    if platform.revokes and connection.identity:
        stray = await strays.keep(core, connection.workspace_id, platform, grant, connection.identity.id)
        await strays.finish(core, stray)


async def finish(core: Core, row: Row, actor: str, *, probe: bool) -> None:
    """Revoke at the platform what was ended here earlier; `row` is one of `revocations_claim`."""
    async with core.store.reading() as tx:
        connection = await load(tx, row["connection_id"])
    revocation = Revocation(connection, False, row["sealed"], since=row["revoking_since"])
    await revoke_upstream(core, revocation, actor, admitted=True, probe=probe)


async def _receipt(
    core: Core, connection: Connection, actor: str, upstream: str, error: PlatformError | None = None
) -> Receipt:
    platform = words(error) if error else None
    async with core.store.writing() as tx:
        await tx.run(sql.grants_delete, connection_id=connection.id)
        await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
        identity = connection.identity
        await ended.forget(tx, connection.id, connection.platform, identity.id if identity else None)
        await search.keep(tx, connection.workspace_id, connection.brand_id)
        id = await record(
            tx,
            core,
            connection,
            "connection.receipt",
            actor,
            here="destroyed",
            upstream=upstream,
            platform_error=platform,
        )
    return Receipt(id, connection, upstream, core.clock(), platform)
