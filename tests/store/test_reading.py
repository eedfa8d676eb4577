"""What is read is what was committed last, however many read at the same time."""

from __future__ import annotations

import asyncio
import contextlib

from symphony_connect.store import db, sql
from symphony_connect.store.migrate import migrate
from symphony_connect.store.sqlite import SqliteStore
from symphony_connect.store.transaction import StoreUnavailable

READERS = 40
WRITES = 50


async def test_whoever_reads_after_a_commit_sees_it(database_url: str) -> None:
    """Also among statements that overlap: a token that was just renewed must not be answered with the one before."""
    over = asyncio.Event()
    async with db.opened(database_url) as store:
        await migrate(store)

        async def read() -> list[str]:
            async with store.reading() as tx:
                return [row["name"] for row in await tx.all(sql.migrations_done)]

        async def keep_reading() -> None:
            while not over.is_set():
                await read()

        async def write() -> list[str]:
            unseen = []
            try:
                for number in range(WRITES):
                    async with store.writing() as tx:
                        await tx.run(sql.migration_record, name=f"made {number}")
                    async with store.reading() as tx:
                        seen = await tx.all(sql.migrations_done)
                    unseen += [f"made {number}"] if f"made {number}" not in [row["name"] for row in seen] else []
            finally:
                over.set()
            return unseen

        async with asyncio.TaskGroup() as tasks:
            written = tasks.create_task(write())
            for _ in range(READERS):
                tasks.create_task(keep_reading())
        assert written.result() == []


async def test_a_slow_page_holds_up_no_token_read(database_url: str) -> None:
    """A statement that never ends by itself runs for a page; whoever reads meanwhile is answered."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
    async with db.opened(database_url) as store:
        await migrate(store)
        began = asyncio.Event()

        async def page() -> None:
            async with store.pages() as tx:
                began.set()
                await tx.connection.execute(endless)

        slow = asyncio.create_task(page())
        await began.wait()
        async with asyncio.timeout(20):
            for _ in range(20):
                async with store.reading() as tx:
                    assert await tx.all(sql.migrations_done)
        assert not slow.done()
        if isinstance(store, SqliteStore):
            async with store.pages() as tx:
                await tx.connection.interrupt()
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError, StoreUnavailable):
            await slow
