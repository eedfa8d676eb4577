"""Ends many connections at once. First no token is served any more, on any server; then the platforms are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from symphony_connect.access import sql as access_sql
from symphony_connect.base.errors import Problem, SymphonyError
from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.disconnect import Buried
from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.signin import sql as signin_sql
from symphony_connect.store.db import Row, StoreUnavailable

ACTOR = "panic-revoke"
BATCH = 200
AT_ONCE = 8
"""Platform calls at the same time."""

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Scope:
    """Which connections; None means all of them."""

    workspace_id: str | None = None
    platform: str | None = None


@dataclass
class Ended:
    """One connection's receipt. `here`: destroyed or kept; `upstream`: as in `disconnect.Receipt`, or failed."""

    workspace: str
    brand_id: int
    platform: str
    connection_id: str
    here: str = "kept"
    upstream: str = "failed"
    why: str | None = None
    receipt_id: str | None = None


async def count(core: Core, scope: Scope) -> int:
    return sum([1 async for _ in _holding(core, scope)])


async def revoke_all(core: Core, scope: Scope, told: Told) -> list[Ended]:
    """End them all; returns a receipt for each connection that was active or still held a token, also when it failed.

    Raises StoreUnavailable when nothing could be started.
    """
    async with core.store.writing() as tx:
        # Unfinished sign-ins hold tokens too, and could still become connections.
        of = {"workspace_id": scope.workspace_id, "platform": scope.platform}
        await tx.run(signin_sql.flows_destroy, **of)
        await tx.run(connections_sql.handed_over_destroy, **of)
        # Their owners connect again by a new link, once it is safe.
        await tx.all(signin_sql.connect_sessions_end, **of, at=core.clock())
    found = [row async for row in _holding(core, scope)]
    graves = [await _buried(core, row) for row in found]
    limit, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(ended: Ended, buried: Buried | None) -> None:
        nonlocal done
        async with limit:
            if buried:
                await _tell(core, ended, buried)
        done += 1
        told(done, len(graves))

    await asyncio.gather(*(one(*grave) for grave in graves))
    return [ended for ended, _ in graves]


async def _holding(core: Core, scope: Scope) -> AsyncIterator[Row]:
    after, of = "", {"workspace_id": scope.workspace_id, "platform": scope.platform}
    while True:
        async with core.store.reading() as tx:
            rows = await tx.all(sql.connections_holding_tokens, after=after, most=BATCH, **of)
        for row in rows:
            yield row
        if not rows:
            return
        after = rows[-1]["id"]


async def _buried(core: Core, row: Row) -> tuple[Ended, Buried | None]:
    connection = Connection.of(row)
    ended = Ended(row["workspace"], connection.brand_id, connection.platform, connection.id)
    if connection.status is Status.DISCONNECTED:
        return ended, Buried(connection, False, row["buried"])
    try:
        buried = await disconnect.bury(core, connection, ACTOR)
    except (StoreUnavailable, Problem) as error:
        ended.why = str(error)
        return ended, None
    if buried is None:
        ended.here, ended.upstream, ended.why = "destroyed", "already_gone", "somebody else just disconnected it"
    return ended, buried


async def _tell(core: Core, ended: Ended, buried: Buried) -> None:
    try:
        receipt = await disconnect.tell(core, buried, ACTOR)
    except SymphonyError as error:
        ended.why = f"nobody is served it, but its last copy waits for the worker: {error}"
        return
    ended.here, ended.upstream, ended.receipt_id = "destroyed", receipt.upstream, receipt.id
    ended.why = receipt.platform["message"] if receipt.platform else None


async def workspace_id(core: Core, name: str) -> str:
    """Raises SymphonyError when there is no such workspace."""
    async with core.store.reading() as tx:
        row = await tx.one(access_sql.workspace_by_name, name=name)
    if row is None:
        raise SymphonyError(f"There is no workspace {name!r}; see: symphony-connect keys list")
    return str(row["id"])
