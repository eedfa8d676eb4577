"""Whether this process can serve: the database answers, and takes what is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.vault import sql as vault_sql

EVERY = 5.0
"""Seconds for which the outcome of a write counts: however often it is asked, it costs one small write in this time."""
PATIENCE = 2.0
"""Seconds after which a write that has not ended counts as one that cannot be done."""


@dataclass
class WriteCheck:
    """The last write of this process, or the one under way."""

    task: asyncio.Task[bool] | None = None
    began: float = 0.0


async def readiness(core: Core) -> str:
    """`ok`, `no database`, or `database takes no writes` (read-only, a full disk, a lock that is never released)."""
    try:
        async with core.store.reading() as tx:
            await tx.one(vault_sql.keyset)
    except StoreUnavailable:
        return "no database"
    return "ok" if await _writable(core) else "database takes no writes"


async def _writable(core: Core) -> bool:
    check: WriteCheck = core.checks.setdefault("write", WriteCheck())
    now = asyncio.get_running_loop().time()
    if check.task is None or (check.task.done() and now - check.began >= EVERY):
        check.task, check.began = asyncio.create_task(_write(core)), now
    # Never cancelled: on SQLite a write that waits for its lock ends only with it.
    done, _ = await asyncio.wait({check.task}, timeout=PATIENCE)
    return bool(done) and check.task.result()


async def _write(core: Core) -> bool:
    try:
        async with core.store.writing() as tx:
            await tx.run(sql.write_check, at=core.clock())
    except StoreUnavailable:
        return False
    return True
