"""What the dashboard's pages ask the store, among ten thousand and a million connections.

Half of them wait for a platform that does not answer, and each was renewed within a day: what the first page counts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from bench import place
from bench.claiming import AT_ONCE, BETWEEN, NOW, NUMBERS, fill
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.base.clock import HOUR
from symphony_connect.core import Core
from symphony_connect.store import db
from symphony_connect.store.db import Store
from symphony_connect.store.migrate import migrate
from symphony_connect.web.dashboard import listing, lists, overview
from symphony_connect.web.dashboard.listing import Filter
from symphony_connect.web.dashboard.search import Sought
from tests.platforms.chosen import ANY, OTHER

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


async def main(sizes: Sizes) -> list[Row]:
    """How many times as long a page takes among many connections as among few."""
    found: dict[str, list[Row]] = {name: [] for name in PAGES}
    with place.folder() as folder, place.postgres() as server:
        for engine in place.ENGINES:
            both = []
            for size in (BETWEEN, sizes.connections):
                url = f"sqlite:///{folder}/{size}.db" if engine == "sqlite" else server.new_database()
                both.append(await measured(url, size))
            for name in PAGES:
                few, many = (each[name] for each in both)
                what = f"{name}, {place.NAMES[engine]}, {sizes.connections:,} connections"
                found[name].append(Row(what, f"{BETWEEN:,}", (many / few,), f"{many:,.1f} ms, {few:,.1f} ms"))
    return [row for rows in found.values() for row in rows]
