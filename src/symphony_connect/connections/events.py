"""What happened to a connection: written in the transaction of the change itself."""

from __future__ import annotations

import json
from typing import Any

from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.store.db import Transaction


async def record(tx: Transaction, core: Core, connection: Connection, type: str, actor: str, **data: Any) -> str:
    """Write an event in the transaction of the change that it describes; returns its id."""
    id = core.ids.new("evt")
    await tx.run(
        sql.event_add,
        id=id,
        workspace_id=connection.workspace_id,
        connection_id=connection.id,
        brand_id=connection.brand_id,
        platform=connection.platform,
        type=type,
        actor=actor,
        at=core.clock(),
        data=json.dumps(data),
    )
    return id
