"""What a search finds, on both databases alike; that it asks an index; and that counts follow the connections."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.access import sql as access_sql
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import DAY
from symphony_connect.core import Core
from symphony_connect.operate import sweep
from symphony_connect.store import search as store_search
from symphony_connect.store.db import Transaction
from symphony_connect.store.transaction import Compiled
from symphony_connect.web.dashboard import listing, lists, overview, sql
from symphony_connect.web.dashboard import search as dashboard_search
from symphony_connect.web.dashboard.listing import Filter
from symphony_connect.web.dashboard.search import Sought
from tests.journey.dashboard.seed import Seed, many, statements

SOME = [
    Seed(7_001, name="Café Über 100%", person="Ana Iwu"),
    Seed(8_002, name="Tidal_Tea", person="ΣΊΣΥΦΟΣ Straße"),
    Seed(9_003, name="E\u0301clair İzmir", person='Quote "quoted" O\'Neill'),
]
SEARCHES = {
    "über": {7_001},
    "ÜBER café": {7_001},
    "CAFÉ": {7_001},
    "iwu café 7001 ana": {7_001},
    "100%": {7_001},
    "%": {7_001},
    "l_t": {8_002},
    "tea dal": {8_002},
    "σίσυφος": {8_002},
    "STRASSE": {8_002},
    "strasse ΣΊΣΥΦΟΣ 8002": {8_002},
    "act_80021": {8_002},
    "éclair": {9_003},
    "ÉCLAIR": {9_003},
    "i\u0307zmir": {9_003},
    '"quoted"': {9_003},
    "o'neill": {9_003},
    '" AND "': set(),
    "ana 8002": set(),
    "nobody": set(),
    "qz": set(),
}
WAYS = {
    "soon met": {},
    "by the index": {"FEW_STEPS": 1},
    "row by row": {"FEW_STEPS": 1, "RARE": -1},
}


@pytest.fixture
async def core(database_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = config.load({"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_DATA_DIR": str(tmp_path)})
    async with opened_core(settings) as core:
        async with core.store.writing() as tx:
            for id in ("ws_1", "ws_2"):
                await tx.run(access_sql.workspace_add, id=id, name=id, at=core.clock())
        yield core


async def pour(core: Core, seeds: Any, workspace: str = "ws_1") -> None:
    async with core.store.writing() as tx:
        for statement in statements(seeds, workspace, core.clock()):
            await tx.connection.execute(statement)


async def found(core: Core, text: str, workspace: str = "ws_1") -> set[int]:
    """Brands of all pages of connections."""
    brands, after = set(), ""
    while True:
        page = await listing.load(core, workspace, Filter(q=text, after=after))
        brands |= {row["brand_id"] for row in page.rows}
        if not page.next:
            return brands
        after = page.next


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_of_searching_finds_the_same(core: Core, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(dashboard_search, name, value)
    await pour(core, SOME)
    await pour(core, many(40))
    await pour(core, SOME, "ws_2")
    for text, brands in SEARCHES.items():
        assert await found(core, text) == brands, (way, text)
    for text, brands in {"ÜBER 700": {7_001}, "tea dal": {8_002}, "ÉCLAIR": {9_003}, "ana": set()}.items():
        page = await lists.brands(core, "ws_1", 0, 51, Sought.of(text))
        assert {row["brand_id"] for row in page.rows} == brands, (way, text)


async def test_a_search_that_stops_goes_on_from_there(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two letters are in no index: so many rows are looked at, and the page says where it stopped."""
    await pour(core, SOME)
    await pour(core, many(60))
    monkeypatch.setattr(dashboard_search, "FEW_STEPS", 5)
    monkeypatch.setattr(dashboard_search, "MOST_STEPS", 10)
    first = await listing.load(core, "ws_1", Filter(q="qz"))
    assert first.stopped
    assert first.next
    assert await found(core, "ll") == {9_003}
    assert await found(core, "iw") >= {7_001}
    brands = await lists.brands(core, "ws_1", 0, 51, Sought.of("qz"))
    assert brands.stopped is not None


@pytest.mark.parametrize("statement", ["dashboard_connections_found", "dashboard_brands_found"])
async def test_the_index_over_letters_is_used(core: Core, statement: str) -> None:
    await pour(core, many(2_000))
    column = "words" if "connections" in statement else "brand"
    async with core.store.writing() as tx:
        await tx.script("ANALYZE")
        plan = await plan_of(tx, core.store.engine, statement, Sought.of("northwind 100017"), column)
    if core.store.engine == "sqlite":
        assert "SCAN searched_grams VIRTUAL TABLE INDEX" in plan
    else:
        assert f"Bitmap Index Scan on searched_{column}" in plan, plan
    for table in ("connections", "brands", "searched"):
        assert f"Seq Scan on {table}" not in plan, plan
        assert f"SCAN {table}\n" not in plan, plan


async def plan_of(tx: Transaction, engine: str, statement: str, sought: Sought, column: str) -> str:
    values: dict[str, Any] = {
        **dict.fromkeys(("urgency", "next_end", "low", "after"), 0),
        **{"workspace_id": "ws_1", "id": "", "last_urgency": 4, "platform": "", "lane": "", "why": ""},
        **{
            "rare": 100,
            "high": 2**62,
            "until": 2**62,
            "most": 51,
            **sought.patterns,
            "grams": sought.grams(engine, column),
        },
    }
    if engine == "sqlite":
        text = getattr(sql, statement).texts[engine]
        rows = await tx.connection.execute_fetchall(f"EXPLAIN QUERY PLAN {text}", values)
        return "\n".join(row["detail"] for row in rows) + "\n"
    query = getattr(sql, statement)
    order = list(dict.fromkeys(re.findall(r":(\w+)", query.texts[engine].partition("\n")[2])))
    text = Compiled("asyncpg", engine)[query].sql
    rows = await tx.connection.fetch(f"EXPLAIN {text}", *(values[name] for name in order))
    return "\n".join(row["QUERY PLAN"] for row in rows)


async def test_counts_follow_every_change(core: Core) -> None:
    """Whatever is done to a connection, and however often the counts are tidied meanwhile."""
    chance = random.Random(5)
    await pour(core, many(64))
    await pour(core, many(16), "ws_2")
    for turn in range(30):
        status = chance.choice(("connected", "expiring", "needs_reconnect", "unverified", "disconnected"))
        end = chance.choice(["NULL", str(core.clock() + chance.randrange(-5, 120) * DAY)])
        why = "NULL" if end == "NULL" else "'token_ends_soon'"
        changes = f"ends_at = {end}, ends_why = {why}, expires_at = {chance.choice(['NULL', end])}"
        which = f"SELECT id FROM connections WHERE brand_id = {100_000 + chance.randrange(8)} ORDER BY id LIMIT 1"
        async with core.store.writing() as tx:
            await tx.script(f"UPDATE connections SET {changes} WHERE id = ({which})")
            if status != "disconnected":
                await tx.script(f"UPDATE connections SET status = '{status}' WHERE id = ({which})")
        if turn % 7 == 0:
            await sweep.sweep(core)
        assert await kept(core) == await recounted(core)
    living = [row for row in await recounted(core) if row[0] == "ws_1" and row[1] != "disconnected"]
    assert (await overview.load(core, "ws_1")).total == sum(row[-1] for row in living)
    async with core.store.writing() as tx:
        await tx.script("DELETE FROM connections WHERE workspace_id = 'ws_2'")
    assert await kept(core) == await recounted(core)


KEY = (
    "workspace_id, status, COALESCE(ends_at / 86400000, -1), COALESCE(ends_why, ''),"
    " COALESCE(expires_at / 86400000, -1)"
)


async def kept(core: Core) -> list[tuple[Any, ...]]:
    return await rows_of(
        core,
        "SELECT workspace_id, status, ends_day, ends_why, expires_day, SUM(count) FROM connection_counts"
        " GROUP BY 1, 2, 3, 4, 5 HAVING SUM(count) <> 0",
    )


async def recounted(core: Core) -> list[tuple[Any, ...]]:
    return await rows_of(core, f"SELECT {KEY}, COUNT(*) FROM connections GROUP BY 1, 2, 3, 4, 5")


async def rows_of(core: Core, statement: str) -> list[tuple[Any, ...]]:
    async with core.store.reading() as tx:
        if core.store.engine == "sqlite":
            rows = await tx.connection.execute_fetchall(statement)
        else:
            rows = await tx.connection.fetch(statement)
    return sorted(tuple(row) for row in rows)


async def test_a_database_from_before_has_its_texts_after_the_migration(core: Core) -> None:
    await pour(core, SOME)
    before = await rows_of(core, "SELECT brand_id, connection_id, brand, words FROM searched WHERE words IS NOT NULL")
    async with core.store.writing() as tx:
        await store_search.rebuild(tx)
    after = await rows_of(core, "SELECT brand_id, connection_id, brand, words FROM searched WHERE words IS NOT NULL")
    assert after == before
    assert after[0][3].startswith("7001 café über 100%")
    assert await found(core, "straße tea") == {8_002}
