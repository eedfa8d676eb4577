"""Ten brands or ten thousand: a page asks the store as often, and for as many rows."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symphony_connect.access import dashboard_access as access
from symphony_connect.access import sql as access_sql
from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.core import Core
from symphony_connect.platforms import names
from symphony_connect.store.db import Row, Store, Transaction
from symphony_connect.web.dashboard import brands, connection, events, home, keys, others, webhooks
from symphony_connect.web.pages import HERE
from tests.journey.dashboard.seed import many, statements
from tests.platforms.chosen import ANY

FEW, MANY = 10, 10_000


@dataclass
class Counting:
    """A store that counts what is asked of it."""

    store: Store
    statements: int = 0
    rows: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def engine(self) -> str:
        return self.store.engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        async with self.store.reading() as tx:
            yield CountingTransaction(tx, self)

    @asynccontextmanager
    async def pages(self) -> AsyncIterator[Any]:
        async with self.store.pages() as tx:
            yield CountingTransaction(tx, self)

    def note(self, rows: int) -> None:
        self.statements += 1
        self.rows += rows


@dataclass
class CountingTransaction:
    tx: Transaction
    counts: Counting

    async def one(self, statement: Any, /, **parameters: Any) -> Row | None:
        row = await self.tx.one(statement, **parameters)
        self.counts.note(1)
        return row

    async def all(self, statement: Any, /, **parameters: Any) -> list[Row]:
        rows = await self.tx.all(statement, **parameters)
        self.counts.note(len(rows))
        return rows


PAGES: dict[str, Callable[[Core, Visitor], Awaitable[Any]]] = {
    "home": lambda core, who: home.home(core, who),
    "search": lambda core, who: home.home(core, who, q="bikes"),
    "last pages": lambda core, who: home.home(core, who, after="3.0.conn.200"),
    "filtered": lambda core, who: home.home(core, who, status="connected", lane="never"),
    "pulse": lambda core, who: home.pulse(core, who),
    "brands": lambda core, who: brands.brands_page(core, who),
    "events": lambda core, who: events.events_page(core, who),
    "settings": lambda core, who: others.settings_page(core, who),
    "keys": lambda core, who: keys.keys_page(core, who),
    "webhooks": lambda core, who: webhooks.webhooks_page(core, who),
    "connection": lambda core, who: connection.connection_page(core, who, f"conn_00100000{ANY}"),
}


async def counted(core: Core) -> dict[str, tuple[int, int]]:
    """Statements and rows of each page."""
    session = await access.begin(core, "ws_1", None)
    found = {}
    for name, page in PAGES.items():
        counting = Counting(core.store)
        seen = replace(core, store=counting)
        who = await access.visitor_of(seen, session)
        assert who is not None
        answer = await page(seen, who)
        assert answer.status_code == 200
        found[name] = counting.statements, counting.rows
    return found


async def pour(core: Core, brands: int) -> None:
    async with core.store.writing() as tx:
        for statement in statements(many(brands * 2), "ws_1", core.clock()):
            await tx.connection.execute(statement)


async def test_a_page_costs_the_same_for_ten_brands_and_for_ten_thousand(database_url: str, tmp_path: Path) -> None:
    settings = config.load({"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_DATA_DIR": str(tmp_path)})
    async with opened_core(settings) as core:
        async with core.store.writing() as tx:
            await tx.run(access_sql.workspace_add, id="ws_1", name="acme", at=core.clock())
        await pour(core, FEW)
        few = await counted(core)
        await pour(core, MANY)
        if core.store.engine == "postgresql":
            async with core.store.writing() as tx:
                await tx.script("ANALYZE")
        lots = await counted(core)
    assert {name: cost[0] for name, cost in lots.items()} == {name: cost[0] for name, cost in few.items()}
    assert max(cost[0] for cost in lots.values()) <= 12 + len(names())
    # 51 rows of a table, 13 weeks in two lanes of three kinds, and the facts.
    assert {name: cost[1] for name, cost in lots.items() if cost[1] > 200} == {}


def test_what_the_browser_loads_is_small() -> None:
    files = [HERE / "static" / name for name in ("dashboard.css", "dashboard.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 10_000
