"""What is read is what was committed last, however many read at the same time."""

from __future__ import annotations

import asyncio

from symphony_connect.store import db, sql
from symphony_connect.store.migrate import migrate

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
