"""Whether this process can serve: the database answers."""

from __future__ import annotations

from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault import sql


async def is_ready(core: Core) -> bool:
    """Reads one row of the database; False when it cannot be reached."""
    try:
        async with core.store.reading() as tx:
            await tx.one(sql.keyset)
    except StoreUnavailable:
        return False
    return True
