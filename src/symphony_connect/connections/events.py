"""What happened to a connection: written in the transaction of the change itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.event_types import EventType
from symphony_connect.core import Core
from symphony_connect.store.db import Transaction


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
    id = core.ids.next("evt")
    await tx.run(sql.event_add, **{**vars(event), "data": json.dumps(event.data)}, id=id, at=core.clock())
    return id
