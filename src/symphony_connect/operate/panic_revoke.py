"""Ends many connections at once. First no server gives out a token any more; then the platforms revoke them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem, SymphonyError
from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect, pacing
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.disconnect import Revocation
from symphony_connect.connections.worker import finish_revocations
from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.signin import sql as signin_sql
from symphony_connect.store.db import Row, StoreUnavailable

ACTOR = "panic-revoke"
BATCH = 200
AT_ONCE = 8
"""Platform calls at the same time."""

Progress = Callable[[int, int], None]
"""Called with how many are done, and how many there are."""


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


async def revoke_all(core: Core, scope: Scope, progress: Progress) -> list[Ended]:
    """End them all; returns a receipt for each connection that was active or still held a token, also when it failed.

    Raises StoreUnavailable when nothing could be started.
    """
    async with core.store.writing() as tx:
        # Unfinished sign-ins hold tokens too, and could still become connections.
        of = {"workspace_id": scope.workspace_id, "platform": scope.platform}
        await tx.run(signin_sql.flows_destroy, **of)
        await tx.run(connections_sql.handed_over_destroy, **of)
        await tx.run(connections_sql.strays_hasten, **of, now=core.clock())
        # Their owners connect again by a new link, once it is safe.
        await tx.all(signin_sql.connect_sessions_end, **of, at=core.clock())
    found = [row async for row in _holding(core, scope)]
    receipts = [await _ended(core, row) for row in found]
    done = 0

    def one_done() -> None:
        nonlocal done
        done += 1
        progress(done, len(receipts))

    names = dict.fromkeys(ended.platform for ended, _ in receipts)
    theirs = {name: [each for each in receipts if each[0].platform == name] for name in names}
    await asyncio.gather(*(_Revoking(core, name, one_done).all(theirs[name]) for name in names))
    # What unfinished sign-ins were issued; the worker revokes the rest.
    while await finish_revocations(core):
        pass
    return [ended for ended, _ in receipts]


class _Revoking:
    """Revokes at one platform, at its pace. What it does not take or answer is left to the worker."""

    def __init__(self, core: Core, platform: str, one_done: Callable[[], None]) -> None:
        self._core = core
        self._platform = platform
        self._one_done = one_done
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._stopped = False
        self._unanswered = 0

    async def all(self, receipts: Sequence[tuple[Ended, Revocation | None]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for ended, revocation in receipts:
                await self._limit.acquire()
                probe = await self._place() if revocation else None
                tasks.create_task(self._one(ended, revocation, probe))

    async def _place(self) -> bool | None:
        """Wait for a place, and say whether it asks again after a pause; None when the rest is left to the worker."""
        platform = self._core.platform(self._platform)
        while not self._stopped:
            places, paused = await pacing.take(self._core, self._platform, 1)
            if places:
                return paused
            if paused:
                self._stopped = True
            else:
                await asyncio.sleep(pacing.spacing(platform) / SECOND)
        return None

    async def _one(self, ended: Ended, revocation: Revocation | None, probe: bool | None) -> None:
        try:
            if revocation and probe is None:
                ended.here, ended.upstream = "destroyed", "pending"
                ended.why = "the platform takes no more calls now; the worker revokes it later"
            elif revocation:
                await _revoke(self._core, ended, revocation, bool(probe))
        finally:
            self._limit.release()
        self._unanswered = self._unanswered + 1 if ended.upstream == "unreachable" else 0
        self._stopped |= ended.upstream == "pending" or self._unanswered >= AT_ONCE
        self._one_done()


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


async def _ended(core: Core, row: Row) -> tuple[Ended, Revocation | None]:
    connection = Connection.of(row)
    ended = Ended(row["workspace"], connection.brand_id, connection.platform, connection.id)
    if connection.status is Status.DISCONNECTED:
        return ended, Revocation(connection, False, row["revoking"])
    try:
        revocation = await disconnect.end_here(core, connection, ACTOR)
    except (StoreUnavailable, Problem) as error:
        ended.why = str(error)
        return ended, None
    if revocation is None:
        ended.here, ended.upstream, ended.why = "destroyed", "already_gone", "somebody else just disconnected it"
    return ended, revocation


async def _revoke(core: Core, ended: Ended, revocation: Revocation, probe: bool) -> None:
    try:
        receipt = await disconnect.revoke_upstream(core, revocation, ACTOR, admitted=True, probe=probe)
    except SymphonyError as error:
        ended.why = f"no reader gets it, but its last copy waits for the worker: {error}"
        return
    ended.here, ended.upstream, ended.receipt_id = "destroyed", receipt.upstream, receipt.id
    ended.why = receipt.platform["message"] if receipt.platform else None
