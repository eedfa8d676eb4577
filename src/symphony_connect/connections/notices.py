"""What a platform tells us by itself: a person took our app back, or wants deleted what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Reason, Status
from symphony_connect.base.notices import Notice
from symphony_connect.connections import disconnect, sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.status import change_status
from symphony_connect.core import Core
from symphony_connect.store import ended, search
from symphony_connect.store.db import Transaction

KEPT = 400 * DAY
"""How long a person can ask after a deletion by its code."""


@dataclass(frozen=True)
class Deletion:
    """`connections`: how many were ended. `done_at` is None while it is under way."""

    code: str
    at: int
    done_at: int | None
    connections: int


async def deauthorized(core: Core, platform: str, notice: Notice) -> int:
    """Every connection of this person needs its owner now, in every workspace; returns how many were lost.

    One that was signed in to after the notice was made is not: it is checked soon. So an old notice that is sent
    once more ends nothing.
    """
    if not notice.identity_id:
        return 0
    of = {"platform": platform, "identity_id": notice.identity_id}
    lost = 0
    async with core.store.writing() as tx:
        await tx.all(sql.siblings_lock, **of)
        for row in await tx.all(sql.siblings, **of, id=""):
            connection = Connection.of(row)
            if connection.status is Status.NEEDS_RECONNECT:
                continue
            if connection.issued_at is not None and connection.issued_at > notice.at + 1000:
                await tx.run(sql.connection_due_by, id=connection.id, at=core.clock())
                continue
            await _lose(tx, core, connection, _actor(platform))
            lost += 1
    return lost


async def _lose(tx: Transaction, core: Core, connection: Connection, actor: str) -> None:
    # Whoever is renewing it at this moment must not bring it back.
    await tx.one(sql.lease_break, id=connection.id)
    await tx.run(sql.journal_close, connection_id=connection.id)
    await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
    await change_status(tx, core, connection, Status.NEEDS_RECONNECT, Reason.APP_REMOVED, actor, due_at=None)


async def delete(core: Core, platform: str, notice: Notice) -> Deletion:
    """End every connection of this person, and delete what is stored of them; the same request is done once.

    Destroyed are tokens, names, ids and lists of ad accounts, in connections, events and deliveries.
    """
    begun = await _begin(core, platform, notice)
    if begun.done_at is not None:
        return begun
    of = {"platform": platform, "identity_id": notice.identity_id}
    async with core.store.reading() as tx:
        person = ended.person(platform, notice.identity_id)
        rows = await tx.all(sql.connections_of_person, **of, person=person) if notice.identity_id else []
    count = 0
    for row in rows:
        connection = Connection.of(row)
        if connection.status is not Status.DISCONNECTED:
            count += await disconnect.disconnect(core, connection, _actor(platform)) is not None
    async with core.store.writing() as tx:
        for row in rows:
            await _erase(tx, Connection.of(row))
        if notice.identity_id:
            await tx.run(sql.strays_of_person_delete, **of)
            await tx.run(sql.handed_over_of_person_delete, **of)
        await tx.run(sql.deletion_done, code=begun.code, at=core.clock(), connections=begun.connections + count)
    found = await status_of(core, platform, begun.code)
    assert found is not None
    return found


async def _begin(core: Core, platform: str, notice: Notice) -> Deletion:
    """The record of this request, which is made when it first comes."""
    now = core.clock()
    async with core.store.writing() as tx:
        await tx.run(sql.deletions_forget, before=now - KEPT)
        code = core.ids.secret(22)
        await tx.run(sql.deletion_add, code=code, platform=platform, request_hash=notice.request, at=now)
        row = await tx.one(sql.deletion_of_request, request_hash=notice.request)
    assert row is not None
    return Deletion(row["code"], row["at"], row["done_at"], row["connections"])


async def _erase(tx: Transaction, connection: Connection) -> None:
    """The last sealed copy too, even where the platform could not be told: the person wants nothing kept."""
    await tx.run(sql.grants_delete, connection_id=connection.id)
    await tx.run(sql.person_erase, id=connection.id)
    await tx.run(sql.person_erase_events, connection_id=connection.id)
    await tx.run(sql.person_erase_deliveries, connection_id=connection.id)
    await search.keep(tx, connection.workspace_id, connection.brand_id)


async def status_of(core: Core, platform: str, code: str) -> Deletion | None:
    """By the code that the person was given; None when there is no such request, or it is long over."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.deletion, platform=platform, code=code)
    return Deletion(row["code"], row["at"], row["done_at"], row["connections"]) if row else None


def _actor(platform: str) -> str:
    return f"{platform} callback"
