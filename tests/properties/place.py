"""One database for all examples, and the processes that live on it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

from symphony_connect.access import sql as access_sql
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.caller import Caller
from symphony_connect.audit.trail import Trail
from symphony_connect.base import config
from symphony_connect.base.ids import Ids
from symphony_connect.base.model import Grant
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.store import db
from symphony_connect.store.migrate import migrate
from symphony_connect.vault.vault import open_vault
from tests.properties.model import Seen
from tests.properties.process import LeapingLoop, Life, MortalStore
from tests.properties.scripted import NAME, Scripted, World

WORKSPACE = "ws_properties"
BRANDS = range(1, 5)
CALLER = Caller(WORKSPACE, "key_properties", "secret", frozenset(SCOPES), ())
TABLES = [
    "audit_rows",
    "audit_chains",
    "events",
    "rotations",
    "grants",
    "flows",
    "connect_sessions",
    "connections",
    "brands",
    "platform_paces",
]


class Process:
    """What dies together: a core with all that is in its memory."""

    def __init__(self, core: Core, life: Life) -> None:
        self.core = core
        self.life = life


class Place:
    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.settings = config.load({"SYMPHONY_DATABASE_URL": url, "SYMPHONY_DATA_DIR": str(folder)})
        self.world = World()
        self.tally: Counter[str] = Counter()
        self.loop = LeapingLoop(self._leapt)
        self.runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def _leapt(self, milliseconds: int) -> None:
        self.world.now += milliseconds

    async def _open(self) -> None:
        self.turn = asyncio.Lock()
        with self.loop.busy():
            self.stack = AsyncExitStack()
            self.store = await self.stack.enter_async_context(db.opened(self.url))
            await migrate(self.store)
            # What asks the server every second never ends: this loop would take it for work of the database.
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            self.vault = await open_vault(self.store, self.settings)
            async with self.store.writing() as tx:
                await tx.run(access_sql.workspace_add, id=WORKSPACE, name="properties", at=0)

    def close(self) -> None:
        with self.loop.busy():
            self.run(self.stack.aclose())
            self.runner.close()

    def begin(self) -> World:
        """An empty database and a platform that remembers nothing."""
        self.world = World(tally=self.tally)
        self.dice = random.Random(0)
        self.run(self._clear())
        return self.world

    async def _clear(self) -> None:
        with self.loop.busy():
            async with self.store.writing() as tx:
                for table in TABLES:
                    await tx.script(f"DELETE FROM {table}")

    def process(self) -> Process:
        """A new one on the same database; what the one before it had in memory is gone."""
        life = Life()
        core = Core(
            settings=self.settings,
            store=MortalStore(self.store, life, self.loop, self.turn),
            vault=self.vault,
            platforms={NAME: cast(Platform, Scripted(self.world, life))},
            clock=self.world.clock,
            ids=Ids(self.world.clock, self.dice.randbytes),
            audit=Trail(self.vault, self.world.clock),
            random=self.dice,
        )
        return Process(core, life)

    async def everything(self, *works: Coroutine[Any, Any, Any]) -> list[Any]:
        """Results and exceptions, when all that this began is over: no task goes on into the next event."""
        results = await asyncio.gather(*works, return_exceptions=True)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        return results

    async def seen(self) -> dict[int, Seen]:
        found = {}
        with self.loop.busy():
            async with self.store.reading() as tx:
                for brand in BRANDS:
                    row = await tx.one(
                        connections_sql.connection, workspace_id=WORKSPACE, brand_id=brand, platform=NAME
                    )
                    if row is not None:
                        connection = Connection.of(row)
                        live, pending = [await self._grant(tx, connection, slot) for slot in ("live", "pending")]
                        note = await tx.one(connections_sql.journal_note, connection_id=connection.id)
                        found[brand] = Seen(connection, live, pending, note is not None)
        return found

    async def _grant(self, tx: db.Transaction, connection: Connection, slot: str) -> Grant | None:
        row = await tx.one(connections_sql.grant_sealed, connection_id=connection.id, slot=slot)
        return await self.vault.open_grant(connection.binding(slot), row["sealed"]) if row else None
