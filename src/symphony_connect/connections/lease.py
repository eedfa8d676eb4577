"""One holder at a time for whatever changes a connection's grant, over all tasks and processes.

The lease is a time and a fencing number in the connection's own row. A holder that slept past its
time finds another number when it comes to write, and its work is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Grant
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.platforms.base import Unavailable
from symphony_connect.store.db import Transaction

T = TypeVar("T")

LEASE = 90 * SECOND
"""Longer than all upstream calls of one change together can take."""
HORIZON = LEASE + 30 * MINUTE
"""A lease that ends later than this was taken before the clock was set back."""
ANSWER_WITHIN = 35.0
"""Seconds for all calls of one question to a platform together. A change asks two; its lease is longer than both."""
PATIENCE = 25 * SECOND
"""How long a caller waits for another holder before it gets `busy`."""


class Stale(Exception):
    """Another holder took over, or the connection was disconnected: nothing is written."""


@dataclass(frozen=True)
class Held:
    """A connection under lease, with its live grant opened."""

    connection: Connection
    grant: Grant | None
    fence: int
    admitted: bool = False
    """Whether its calls to the platform were allowed for when it was claimed (`pacing.py`)."""
    probe: bool = False


async def hold(core: Core, id: str) -> Held | None:
    """Take the lease; None while another holder has it, or when the connection is gone."""
    now = core.clock()
    async with core.store.writing() as tx:
        taken = await tx.one(sql.lease_take, id=id, now=now, until=now + LEASE, horizon=now + HORIZON)
    return await held(core, id, taken["fence"]) if taken else None


async def held(core: Core, id: str, fence: int, *, admitted: bool = False, probe: bool = False) -> Held:
    """The connection and its opened grant, for a lease that was just taken."""
    async with core.store.reading() as tx:
        connection = await load(tx, id)
        row = await tx.one(sql.grant_sealed, connection_id=id, slot="live")
    grant = await core.vault.open_grant(connection.binding("live"), row["sealed"]) if row else None
    return Held(connection, grant, fence, admitted, probe)


async def hold_or_wait(core: Core, id: str) -> Held:
    """Take the lease, waiting for another holder. Raises Problem `busy` or `connection_not_found`."""
    waited, pause = 0.0, 0.02
    while waited * SECOND < PATIENCE:
        held = await hold(core, id)
        if held:
            return held
        async with core.store.reading() as tx:
            connection = await load(tx, id)
        if connection.status == "disconnected":
            raise Problem("connection_not_found", "The connection has just been disconnected.")
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, 0.25)
    raise Problem("busy", "Another change of this connection is under way; ask again.", retry_after=2)


async def load(tx: Transaction, id: str) -> Connection:
    row = await tx.one(sql.connection_by_id, id=id)
    if row is None:
        raise Problem("connection_not_found", "There is no such connection.")
    return Connection.of(row)


async def still_held(tx: Transaction, held: Held) -> None:
    """Call first in every transaction that ends a lease; it gives the lease back. Raises Stale."""
    if not await tx.one(sql.lease_held, id=held.connection.id, fence=held.fence):
        raise Stale


async def give_back(core: Core, held: Held) -> None:
    """End a lease without a change. Raises Stale."""
    async with core.store.writing() as tx:
        await still_held(tx, held)


async def within_lease(question: Awaitable[T]) -> T:
    """The platform's answer, while the lease is sure to hold. Raises Unavailable after `ANSWER_WITHIN` seconds."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await question
    except TimeoutError:
        raise Unavailable(f"no whole answer within {ANSWER_WITHIN:g} seconds") from None
