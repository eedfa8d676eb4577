"""Claiming what is due, and reading a token's row, among ten thousand and a million connections, 1 % of them due."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from symphony_connect.base.clock import DAY
from symphony_connect.connections import sql
from symphony_connect.operate import sql as operate_sql
from symphony_connect.store import db, search
from symphony_connect.store.db import Store
from symphony_connect.store.migrate import migrate
from tests.platforms.chosen import ANY, OTHER
from tests.tools.postgres import Postgres

SIZES = (10_000, 1_000_000)
ROUNDS = 200
BATCH = 16
NOW = 1_800_000_000_000

NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})",
    "postgresql": "WITH s(n) AS (SELECT generate_series({first}, {last}))",
}
SEALED = {"sqlite": "randomblob(420)", "postgresql": "decode(repeat(md5(n::text), 26), 'hex')"}
BEGIN = (
    "INSERT INTO workspaces (id, name, created_at) VALUES ('ws', 'bench', 0)",
    "INSERT INTO api_keys (id, workspace_id, kind, hash, hint, name, scopes, origins, created_at)"
    " VALUES ('key', 'ws', 'secret', 'hash', '', '', '[]', '[]', 0)",
)
FILL = (
    "{numbers} INSERT INTO brands (workspace_id, brand_id, created_at, updated_at) SELECT 'ws', n, 0, 0 FROM s",
    "{numbers} INSERT INTO connections (id, workspace_id, brand_id, platform, status, status_at, identity_id,"
    " identity_name, issued_at, expires_at, created_at, verified_at, due_at) SELECT 'conn_' || n, 'ws', n,"
    " CASE n % 2 WHEN 0 THEN '{any}' ELSE '{other}' END, 'connected', 0, 'person_' || n, 'Somebody', 0, {later}, 0, 0,"
    " CASE n % 100 WHEN 0 THEN {now} - n ELSE {later} + n END FROM s",
    "{numbers} INSERT INTO grants (connection_id, slot, sealed, sealed_at) SELECT 'conn_' || n, 'live', {sealed}, 0"
    " FROM s",
)
AT_ONCE = 25_000
"""Rows in one statement: no statement of the service may take longer than half a minute, nor may these."""


async def fill(store: Store, size: int) -> None:
    words = {"now": NOW, "later": NOW + DAY, "sealed": SEALED[store.engine]}
    statements = [*BEGIN]
    for first in range(1, size + 1, AT_ONCE):
        numbers = NUMBERS[store.engine].format(first=first, last=min(first + AT_ONCE - 1, size))
        statements += [statement.format(numbers=numbers, any=ANY, other=OTHER, **words) for statement in FILL]
    for statement in statements:
        async with store.writing() as tx:
            await tx.script(statement)
    async with store.writing() as tx:
        await search.rebuild(tx)
    async with store.writing() as tx:
        await tx.run(operate_sql.counts_tidy)
        await tx.script("ANALYZE")


async def claim(store: Store, turn: int) -> None:
    """Each at a later hour, when the leases taken before have run out: there is always something due."""
    now = NOW + turn * 100_000
    async with store.writing() as tx:
        rows = await tx.all(sql.claim_due, platform=ANY, now=now, until=now + 90_000, most=BATCH, holder="bench")
    if len(rows) != BATCH:
        raise RuntimeError(f"{len(rows)} were claimed, not {BATCH}")


async def read(store: Store, turn: int) -> None:
    brand = 2 * (1 + turn * 37 % (SIZES[0] // 2))
    found = await store.look_up(sql.fresh_token, [{"hash": "hash", "brand_id": brand, "platform": ANY}], NOW)
    if found[0] is None or found[0][-1] is None:
        raise RuntimeError("no grant was found")


async def look(store: Store, turn: int) -> None:
    """What an idle worker does every second: nothing is due for this platform."""
    async with store.reading() as tx:
        await tx.one(sql.due_now, platform=ANY, now=NOW - DAY - turn)


async def median(work: Callable[[Store, int], Awaitable[None]], store: Store) -> float:
    """Milliseconds."""
    took = []
    for turn in range(ROUNDS):
        began = time.perf_counter()
        await work(store, turn)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def measured(url: str, size: int) -> dict[str, float]:
    async with db.opened(url) as store:
        await migrate(store)
        await fill(store, size)
        return {name: await median(work, store) for name, work in WORKS.items()}


WORKS: dict[str, Callable[[Store, int], Awaitable[None]]] = {
    f"claim {BATCH} of the due": claim,
    "look, nothing due": look,
    "read a token's row": read,
}


async def main() -> None:
    table = Table(title=f"1 % due; median of {ROUNDS}, in ms")
    for column in ("", "database", *(f"{size:,}" for size in SIZES), "ratio"):
        table.add_column(column, justify="left" if column in ("", "database") else "right")
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(durable=True)
        server.up()
        try:
            urls: dict[str, Callable[[int], Any]] = {
                "SQLite": lambda size: f"sqlite:///{Path(folder) / str(size)}.db",
                "PostgreSQL": lambda _: server.new_database(),
            }
            for engine, url in urls.items():
                few, many = [await measured(url(size), size) for size in SIZES]
                for work in WORKS:
                    numbers = f"{few[work]:.2f}", f"{many[work]:.2f}", f"{many[work] / few[work]:.2f}"
                    table.add_row(work, engine, *numbers)
        finally:
            server.remove()
    Console().print(table)
