"""After a backup was put back: nothing is served until its platform has confirmed it.

What happened since the backup is unknown here. A grant may have been revoked; a refresh token that
works once may have been spent; what was used up or signed out is back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symphony_connect.access import sql as access_sql
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.renew import spends_once
from symphony_connect.connections.status import change_status
from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.signin import sql as signin_sql
from symphony_connect.store.db import Transaction
from symphony_connect.vault.vault import Unreadable

ACTOR = "restored"
BATCH = 200


@dataclass
class Restored:
    """What was set back: connections to confirm, and open connect links that were ended."""

    unverified: int = 0
    links: int = 0


async def restored(core: Core, progress: Callable[[int, int], None]) -> Restored:
    """Set every connection to unverified, in batches; goes on where an earlier run was cut short.

    That is seen from each connection, not from a place in their order: a backup may have been taken in the middle
    of such a run, and what was confirmed until then is as doubtful as the rest.

    The first transaction leaves a mark, and while it is there no stored token is served: so nothing is
    served between two batches, nor after a crash, before the last one is done. The worker asks the
    platforms. `progress` is called with how many are done and the total. Raises StoreUnavailable.
    """
    done, after = await _begun(core), ""
    async with core.store.reading() as tx:
        row = await tx.one(sql.connections_to_confirm_count)
    total = done.unverified + (row["count"] if row else 0)
    while True:
        async with core.store.writing() as tx:
            rows = await tx.all(sql.connections_to_confirm, after=after, most=BATCH)
            if not rows:
                await tx.run(sql.restore_end)
                return done
            for row in rows:
                await _doubt(tx, core, Connection.of(row))
            after, done.unverified = rows[-1]["id"], done.unverified + len(rows)
            await tx.run(sql.restore_advance, after_id=after, unverified=done.unverified)
        progress(done.unverified, total)


async def _begun(core: Core) -> Restored:
    """Leave the mark, or find that of an earlier run, and end what only works once."""
    async with core.store.writing() as tx:
        # Links work once, and a backup does not know which were used after it.
        ended = await tx.all(signin_sql.connect_sessions_end, workspace_id=None, platform=None, at=core.clock())
        await tx.run(sql.restore_begin, at=core.clock(), links=len(ended))
        await tx.run(signin_sql.flows_destroy, workspace_id=None, platform=None)
        await tx.run(connections_sql.handed_over_destroy, workspace_id=None, platform=None)
        await tx.run(access_sql.dashboard_sessions_destroy)
        await tx.run(access_sql.dashboard_links_destroy)
        row = await tx.one(sql.restore_unfinished)
    assert row is not None
    return Restored(row["unverified"], row["links"])


async def refuse_unfinished(core: Core) -> None:
    """Before servers start. Raises ConfigError when `restored` was cut short."""
    async with core.store.reading() as tx:
        if await tx.one(sql.restore_unfinished):
            raise ConfigError(
                "`symphony-connect restored` was cut short, and nothing is served before it is done. Run it again: "
                "it goes on where it was."
            )


async def _doubt(tx: Transaction, core: Core, connection: Connection) -> None:
    now = core.clock()
    await tx.one(connections_sql.lease_break, id=connection.id)
    await tx.run(connections_sql.connection_due, id=connection.id, due_at=now, attempts=0)
    await change_status(tx, core, connection, Status.UNVERIFIED, Reason.RESTORED, ACTOR, due_at=now)
    if await _may_be_spent(tx, core, connection):
        # As after a crash in the middle of a rotation: a refusal then says nothing of the owner.
        await tx.run(connections_sql.journal_open, connection_id=connection.id, fence=connection.fence, at=now)


async def _may_be_spent(tx: Transaction, core: Core, connection: Connection) -> bool:
    row = await tx.one(connections_sql.grant_sealed, connection_id=connection.id, slot="live")
    platform = core.platforms.get(connection.platform)
    if row is None or platform is None:
        return False
    try:
        grant = await core.vault.open_grant(connection.binding("live"), row["sealed"])
    except Unreadable:
        return False
    return spends_once(platform, grant)
