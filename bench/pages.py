"""What the dashboard's pages ask the store, among ten thousand and a million connections.

Half of them wait for a platform that does not answer, and each was renewed within a day: what the first page counts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from bench.claiming import AT_ONCE, NOW, NUMBERS, SIZES, fill
from symphony_connect.base.clock import HOUR
from symphony_connect.core import Core
from symphony_connect.store import db
from symphony_connect.store.db import Store
from symphony_connect.store.migrate import migrate
from symphony_connect.web.dashboard import listing, lists, overview
from symphony_connect.web.dashboard.listing import Filter
from symphony_connect.web.dashboard.search import Sought
from tests.platforms.chosen import ANY, OTHER
from tests.tools.postgres import Postgres

ROUNDS = 5
WORKSPACE = "ws"


@dataclass
class Desk:
    """As much of a core as these pages need."""

    store: Store
    platforms: Mapping[str, Any]

    def clock(self) -> int:
        return NOW


async def search_brands(core: Core) -> None:
    await lists.brands(core, WORKSPACE, 0, 51, Sought.of("nobody"))


@dataclass
class Quiet:
    """As much of a platform as these pages need."""

    display_name: str = "A platform"
    missing_settings: tuple[str, ...] = ()


async def trouble(store: Store, size: int) -> None:
    """One platform does not answer, and what it is asked for is overdue."""
    for first in range(1, size + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, size)
        async with store.writing() as tx:
            await tx.script(
                f"UPDATE connections SET attempts = 3, due_at = {NOW - 2 * HOUR} - brand_id"
                f" WHERE workspace_id = 'ws' AND brand_id BETWEEN {first} AND {last} AND platform = '{ANY}'"
            )
            await tx.script(
                NUMBERS[store.engine].format(first=first, last=last)
                + " INSERT INTO events (id, workspace_id, connection_id, brand_id, platform, type, actor, at, data)"
                f" SELECT 'evt_' || n, 'ws', 'conn_' || n, n, '{ANY}', 'connection.renewed', 'w', {NOW} - n, '{{}}'"
                " FROM s"
            )
    async with store.writing() as tx:
        await tx.script("ANALYZE")


PAGES: dict[str, Callable[[Core], Awaitable[Any]]] = {
    "home: the forecast and four facts": lambda core: overview.load(core, WORKSPACE),
    "home: the first page": lambda core: listing.load(core, WORKSPACE, Filter()),
    "search: every connection": lambda core: listing.load(core, WORKSPACE, Filter(q="some body")),
    "search: one connection": lambda core: listing.load(core, WORKSPACE, Filter(q="somebody 9999")),
    "search: two letters of none": lambda core: listing.load(core, WORKSPACE, Filter(q="qz")),
    "search: none": lambda core: listing.load(core, WORKSPACE, Filter(q="nobody")),
    "search: no brand": search_brands,
}


async def measured(url: str, size: int) -> dict[str, float]:
    """Milliseconds, the median."""
    async with db.opened(url) as store:
        await migrate(store)
        await fill(store, size)
        await trouble(store, size)
        core = cast("Core", Desk(store, dict.fromkeys((ANY, OTHER), Quiet())))
        found = {}
        for name, page in PAGES.items():
            took = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                await page(core)
                took.append((time.perf_counter() - began) * 1000)
            found[name] = statistics.median(took)
        return found


async def main() -> None:
    table = Table(title=f"The dashboard's statements; median of {ROUNDS}, in ms")
    for column in ("", "database", *(f"{size:,}" for size in SIZES)):
        table.add_column(column, justify="left" if column in ("", "database") else "right")
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(durable=True)
        server.up()
        try:
            for engine in ("SQLite", "PostgreSQL"):
                sizes = []
                for size in SIZES:
                    url = f"sqlite:///{folder}/{size}.db" if engine == "SQLite" else server.new_database()
                    sizes.append(await measured(url, size))
                for name in PAGES:
                    table.add_row(name, engine, *(f"{each[name]:,.1f}" for each in sizes))
        finally:
            server.remove()
    Console().print(table)
