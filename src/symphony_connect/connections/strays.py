"""Grants that a platform issued and no connection has: kept sealed until the platform has revoked them.

A renewal may bring one while its connection is being ended; a sign-in may have exchanged its code at a platform
that then was busy until the person had to start again. The worker revokes them, at the platform's pace, for
up to KEPT. When an active connection is of the same person, nothing is revoked: it would lose its token too.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import Grant, Status
from symphony_connect.connections import pacing, sql
from symphony_connect.connections.lease import LEASE
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError, RateLimited, Unavailable
from symphony_connect.store.db import Transaction
from symphony_connect.vault.vault import Binding, Unreadable

KEPT = 7 * DAY
"""How long a revocation is tried; then the last copy is destroyed without it."""
SIGN_IN_OVER = HOUR
"""The person of a sign-in that failed starts again soon. Who it is must be asked after that, not before."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Stray:
    """One of them, claimed by this process. Times are milliseconds since the epoch."""

    id: str
    workspace_id: str
    platform: str
    identity_id: str | None
    sealed: bytes
    created_at: int

    @property
    def binding(self) -> Binding:
        return Binding(self.workspace_id, 0, self.platform, "stray", self.id)


async def keep(
    core: Core, workspace_id: str, platform: Platform, grant: Grant, identity_id: str | None = None, wait: int = LEASE
) -> Stray:
    """Store one that the worker revokes after `wait` milliseconds. Raises StoreUnavailable."""
    now, id = core.clock(), core.ids.new("stray")
    binding = Binding(workspace_id, 0, platform.name, "stray", id)
    async with core.store.writing() as tx:
        sealed = await core.vault.seal_grant(tx, binding, grant)
        await tx.run(
            sql.stray_add,
            id=id,
            workspace_id=workspace_id,
            platform=platform.name,
            identity_id=identity_id,
            sealed=sealed,
            at=now,
            due_at=now + wait,
        )
    log.info("stray.kept", platform=platform.name, stray=id)
    return Stray(id, workspace_id, platform.name, identity_id, sealed, now)


async def shared(core: Core, platform: str, identity_id: str) -> bool:
    """Whether this person has an active connection, whose token a revocation would end too."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.siblings, platform=platform, identity_id=identity_id, id="")
    return any(row["status"] != Status.NEEDS_RECONNECT for row in rows)


async def claim(tx: Transaction, platform: str, now: int, most: int) -> list[Stray]:
    """Those that are due; no other process takes them meanwhile."""
    rows = await tx.all(sql.strays_claim, platform=platform, now=now, until=now + LEASE, most=most) if most else []
    return [Stray(**row) for row in rows]


async def finish(core: Core, stray: Stray, *, admitted: bool = False, probe: bool = False) -> None:
    """Revoke one, and destroy the last copy once the platform has answered.

    `admitted` and `probe` as in `pacing.asking`.
    """
    try:
        grant = await core.vault.open_grant(stray.binding, stray.sealed)
    except Unreadable:
        await _delete(core, stray, "unreadable")
        return
    platform, person = core.platform(stray.platform), stray.identity_id
    try:
        async with pacing.asking(core, stray.platform, admitted, probe):
            person = person or (await platform.inspect(grant)).identity.id
            if await shared(core, stray.platform, person):
                await _delete(core, stray, "shared_identity")
                return
            await platform.revoke(grant)
    except (Unavailable, RateLimited, Misconfigured) as error:
        await _later(core, stray, person, error)
    except PlatformError:
        await _delete(core, stray, "refused")
    else:
        await _delete(core, stray, "revoked")


async def _later(core: Core, stray: Stray, person: str | None, error: PlatformError) -> None:
    now = core.clock()
    if now - stray.created_at >= KEPT:
        await _delete(core, stray, "unreachable")
        return
    at = max(error.retry_at or 0, now + min(max(now - stray.created_at, MINUTE), HOUR))
    async with core.store.writing() as tx:
        await tx.run(sql.stray_later, id=stray.id, identity_id=person, at=min(at, now + pacing.LONGEST))


async def _delete(core: Core, stray: Stray, upstream: str) -> None:
    async with core.store.writing() as tx:
        await tx.run(sql.stray_delete, id=stray.id)
    log.info("stray.destroyed", platform=stray.platform, stray=stray.id, upstream=upstream)
