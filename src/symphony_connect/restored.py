"""After a backup was put back: nothing is served until its platform has confirmed it.

What happened since the backup is unknown here. A grant may have been revoked; a refresh token that
works once may have been spent; what was used up or signed out is back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symphony_connect import lifecycle
from symphony_connect.core import Connection, Core
from symphony_connect.model import Reason, Status
from symphony_connect.store.db import Session
from symphony_connect.vault import Unreadable

ACTOR = "restored"
BATCH = 200


@dataclass
class Restored:
    """What was set back: connections to confirm, and open connect links that were ended."""

    unverified: int = 0
    links: int = 0


async def restored(core: Core, told: Callable[[int, int], None]) -> Restored:
    """One transaction. The worker asks the platforms, and nobody is served before. Raises StoreUnavailable."""
    done, after = Restored(), ""
    async with core.store.writing() as session:
        while rows := await session.all("to_confirm", after=after, most=BATCH):
            for row in rows:
                await _doubt(session, core, Connection.of(row))
            after, done.unverified = rows[-1]["id"], done.unverified + len(rows)
            told(done.unverified, done.unverified)
        # Links work once, and a backup does not know which were used after it.
        done.links = len(await session.all("connect_links_end", at=core.clock()))
        for place in ("flows_destroy", "handed_over_destroy"):
            await session.run(place, workspace_id=None, platform=None)
        for place in ("dashboard_sessions_destroy", "dashboard_links_destroy"):
            await session.run(place)
    return done


async def _doubt(session: Session, core: Core, connection: Connection) -> None:
    now = core.clock()
    await session.one("lease_break", id=connection.id)
    await session.run("connection_due", id=connection.id, due_at=now, attempts=0)
    await lifecycle.move(session, core, connection, Status.UNVERIFIED, Reason.RESTORED, ACTOR, due_at=now)
    if await _may_be_spent(session, core, connection):
        # As after a crash in the middle of a rotation: a refusal then says nothing of the owner.
        await session.run("rotation_begin", connection_id=connection.id, fence=connection.fence, at=now)


async def _may_be_spent(session: Session, core: Core, connection: Connection) -> bool:
    row = await session.one("grant_sealed", connection_id=connection.id, slot="live")
    platform = core.platforms.get(connection.platform)
    if row is None or platform is None:
        return False
    try:
        return platform.rotates(await core.vault.open_grant(connection.binding(), row["sealed"]))
    except Unreadable:
        return False
