"""What happened to a connection: written, and queued for webhooks, in the transaction of the change itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from symphony_connect.audit.trail import Entry
from symphony_connect.base.clock import MINUTE
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.event_types import DELIVERED, EventType
from symphony_connect.connections.history import described
from symphony_connect.core import Core
from symphony_connect.store.db import Transaction

AUDITED = ("status", "reason", "upstream", "days", "until")
"""What of an event the audit holds: no names, no words of others."""


@dataclass(frozen=True)
class Event:
    """What is written of a change. `connection_id` and `brand_id` are None where it is a whole platform's."""

    workspace_id: str
    connection_id: str | None
    brand_id: int | None
    platform: str
    type: EventType
    actor: str
    data: dict[str, Any]


async def record(tx: Transaction, core: Core, connection: Connection, type: EventType, actor: str, **data: Any) -> str:
    """Write an event in the transaction of the change that it describes; returns its id."""
    where = (connection.workspace_id, connection.id, connection.brand_id, connection.platform)
    return await _add(tx, core, Event(*where, type, actor, data))


async def record_pause(tx: Transaction, core: Core, platform: str, actor: str, until: int) -> None:
    """Write that a platform wants fewer calls, once for each workspace that has connections there."""
    for row in await tx.all(sql.workspaces_on, platform=platform):
        await _add(tx, core, Event(row["id"], None, None, platform, "platform.paused", actor, {"until": until}))


async def _add(tx: Transaction, core: Core, event: Event) -> str:
    at = await _time(tx, core, event.connection_id)
    row = {**vars(event), "id": core.ids.new("evt", at), "at": at, "data": json.dumps(event.data)}
    await tx.run(sql.event_add, **row)
    detail = {"event": row["id"], **{name: event.data[name] for name in AUDITED if name in event.data}}
    where = (event.workspace_id, event.actor, event.type, event.connection_id, event.brand_id, event.platform)
    core.audit.add(tx, Entry(at, *where, detail))
    if event.type in DELIVERED:
        of = {name: row[name] for name in ("workspace_id", "connection_id", "type", "at")}
        await tx.run(sql.deliveries_queue, **of, event_id=row["id"], body=json.dumps(described(row)), now=core.clock())
    return str(row["id"])


async def _time(tx: Transaction, core: Core, connection_id: str | None) -> int:
    """Now; or just behind the connection's last event, so that no two are at the same time and their order is known."""
    now = core.clock()
    if connection_id is None:
        return now
    last = await tx.one(sql.last_event, connection_id=connection_id)
    # One that a clock put far ahead binds nobody.
    return last["at"] + 1 if last and last["at"] is not None and now <= last["at"] < now + MINUTE else now
