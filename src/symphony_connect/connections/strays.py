"""Grants that a platform issued and no connection has: kept sealed until the platform has revoked them.

A renewal may bring one while its connection is being ended. A sign-in has one from the exchange of its code until a
connection or a page has the token; a sign-in that is refused, denied or cut short leaves it. They are revoked, at the
platform's pace, for up to KEPT. When an active connection is of the same person, nothing is revoked: it would lose its
token too. While the same person may be about to have one, the revocation waits.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, replace

import structlog

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import Grant, Reason, Status
from symphony_connect.connections import handed_over, pacing, sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.lease import LEASE
from symphony_connect.core import Core
from symphony_connect.platforms.base import (
    Misconfigured,
    Platform,
    PlatformError,
    RateLimited,
    TokenRefused,
    Unavailable,
)
from symphony_connect.store.db import Row, Transaction
from symphony_connect.vault.vault import Binding, Unreadable

KEPT = 7 * DAY
"""How long a revocation is tried; then the last copy is destroyed without it."""
SIGN_IN_OVER = HOUR
"""The person of a sign-in that failed starts again soon. What could not be revoked at once waits until after that."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Stray:
    """One of them, claimed by this process. Times are milliseconds since the epoch."""

    id: str
    workspace_id: str
    platform: str
    identity_id: str | None
    flow_id: str | None
    sealed: bytes
    created_at: int

    @property
    def binding(self) -> Binding:
        return Binding(self.workspace_id, 0, self.platform, "stray", self.id)


async def keep(
    core: Core,
    workspace_id: str,
    platform: Platform,
    grant: Grant,
    identity_id: str | None = None,
    *,
    wait: int = LEASE,
    flow_id: str | None = None,
    brand_id: int | None = None,
) -> Stray:
    """Store one that the worker revokes after `wait` milliseconds. Raises StoreUnavailable.

    `flow_id` and `brand_id`: the sign-in that it was issued to, and the brand that sign-in is for.
    """
    now, id = core.clock(), core.ids.new("stray")
    unsealed = Stray(id, workspace_id, platform.name, identity_id, flow_id, b"", now)
    async with core.store.writing() as tx:
        return await _add(tx, core, unsealed, grant, brand_id, wait)


async def _add(tx: Transaction, core: Core, unsealed: Stray, grant: Grant, brand_id: int | None, wait: int) -> Stray:
    stray = replace(unsealed, sealed=await core.vault.seal_grant(tx, unsealed.binding, grant))
    await tx.run(sql.stray_add, **asdict(stray), brand_id=brand_id, due_at=stray.created_at + wait)
    log.info("stray.kept", platform=stray.platform, stray=stray.id)
    return stray


async def known(core: Core, flow_id: str, grant: Grant, identity_id: str | None) -> bool:
    """The platform has said whose a sign-in's grant is; `grant` is the form of it that lasts longest.

    False where none is kept.
    """
    async with core.store.writing() as tx:
        row = await tx.one(sql.stray_of_flow, flow_id=flow_id)
        if row is not None:
            sealed = await core.vault.seal_grant(tx, Stray(**row).binding, grant)
            await tx.run(sql.stray_known, id=row["id"], identity_id=identity_id, sealed=sealed)
    return row is not None


async def grant_of_flow(core: Core, flow_id: str) -> Grant | None:
    """The grant that is kept for a sign-in; None where none is, or where it does not open any more."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.stray_of_flow, flow_id=flow_id)
    with contextlib.suppress(Unreadable):
        return await core.vault.open_grant(Stray(**row).binding, row["sealed"]) if row else None
    return None


async def set_aside(
    tx: Transaction, core: Core, connection: Connection, slot: str, *, unless: Grant | None = None
) -> None:
    """Take a grant from its connection, in the caller's transaction: the worker revokes it.

    `slot` is live or pending; whose a pending one is, nobody knows. Nothing is kept of the grant that `unless` is.
    """
    row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot=slot)
    await tx.run(sql.grant_delete, connection_id=connection.id, slot=slot)
    if row is None or not core.platform(connection.platform).revokes:
        return
    try:
        grant = await core.vault.open_grant(connection.binding(slot), row["sealed"])
    except Unreadable:
        return
    if unless is not None and grant.access_token == unless.access_token:
        return
    person = connection.identity.id if connection.identity and slot == "live" else None
    id, now = core.ids.new("stray"), core.clock()
    unsealed = Stray(id, connection.workspace_id, connection.platform, person, None, b"", now)
    await _add(tx, core, unsealed, grant, connection.brand_id, wait=0)


async def finish_of_flow(core: Core, flow_id: str) -> None:
    """A sign-in was refused or denied: revoke its grant now, while the person has not started again."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.stray_of_flow, flow_id=flow_id)
    if row is not None:
        await finish(core, Stray(**row))


async def finish_of_brand(core: Core, workspace_id: str, brand_id: int) -> None:
    """A brand is deleted: revoke what its unfinished sign-ins were issued. After the first
    that cannot be revoked now, the worker does the rest."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.strays_of_brand, workspace_id=workspace_id, brand_id=brand_id)
    for row in rows:
        if not await finish(core, Stray(**row)):
            return


def active(sibling: Row) -> bool:
    """Whether a connection has a token that a revocation would end.

    A token at a checkpoint works again once its owner has passed that.
    """
    return bool(sibling["status"] != Status.NEEDS_RECONNECT or sibling["reason"] == Reason.CHECKPOINT)


def suspended(error: PlatformError) -> bool:
    """Whether the platform refuses the token only until its owner has passed a checkpoint."""
    return isinstance(error, TokenRefused) and error.reason is Reason.CHECKPOINT


async def _shared(core: Core, platform: str, identity_id: str) -> bool:
    """Whether this person has an active connection, whose token a revocation would end too."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.siblings, platform=platform, identity_id=identity_id, id="")
    return any(active(row) for row in rows)


async def _busy(core: Core, stray: Stray, person: str) -> bool:
    """Whether this person may be about to have an active connection."""
    now = core.clock()
    of = {"id": stray.id, "platform": stray.platform, "identity_id": person}
    async with core.store.reading() as tx:
        busy = await tx.one(sql.stray_person_busy, **of, since=now - handed_over.LIFE, now=now)
    return busy is not None


async def claim(tx: Transaction, platform: str, now: int, most: int) -> list[Stray]:
    """Those that are due; no other process takes them meanwhile."""
    rows = await tx.all(sql.strays_claim, platform=platform, now=now, until=now + LEASE, most=most) if most else []
    return [Stray(**row) for row in rows]


async def finish(core: Core, stray: Stray, *, admitted: bool = False, probe: bool = False) -> bool:
    """Revoke one, and destroy the last copy once the platform has answered. False when it is tried again later.

    `admitted` and `probe` as in `pacing.asking`.
    """
    platform, person = core.platform(stray.platform), stray.identity_id
    if not platform.revokes:
        return await _delete(core, stray, "not_offered")
    try:
        grant = await core.vault.open_grant(stray.binding, stray.sealed)
    except Unreadable:
        return await _delete(core, stray, "unreadable")
    try:
        async with pacing.asking(core, stray.platform, admitted, probe):
            person = person or (await platform.inspect(grant)).identity.id
            if await _shared(core, stray.platform, person):
                return await _delete(core, stray, "shared_identity")
            if await _busy(core, stray, person):
                return await _later(core, stray, person)
            await platform.revoke(grant)
    except (Unavailable, RateLimited, Misconfigured) as error:
        return await _later(core, stray, person, error)
    except PlatformError as error:
        if suspended(error):
            return await _later(core, stray, person, error)
        return await _delete(core, stray, "refused")
    return await _delete(core, stray, "revoked")


async def _later(core: Core, stray: Stray, person: str | None, error: PlatformError | None = None) -> bool:
    now = core.clock()
    if now - stray.created_at >= KEPT:
        return await _delete(core, stray, "unreachable" if error else "busy")
    at = max((error and error.retry_at) or 0, now + min(max(now - stray.created_at, MINUTE), HOUR))
    if stray.flow_id:
        at = max(at, stray.created_at + SIGN_IN_OVER)
    async with core.store.writing() as tx:
        await tx.run(sql.stray_later, id=stray.id, identity_id=person, at=min(at, now + pacing.LONGEST))
    return False


async def _delete(core: Core, stray: Stray, upstream: str) -> bool:
    async with core.store.writing() as tx:
        await tx.run(sql.stray_delete, id=stray.id)
    log.info("stray.destroyed", platform=stray.platform, stray=stray.id, upstream=upstream)
    return True
