"""Claiming what is due, and reading a token's row, among few and among many connections, 1 % of them due."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.base.clock import DAY
from symphony_connect.connections import sql
from symphony_connect.operate import sql as operate_sql
from symphony_connect.store import db, search
from symphony_connect.store.db import Store
from symphony_connect.store.migrate import migrate
from tests.platforms.chosen import ANY, OTHER

FEW, BETWEEN = 1_000, 10_000
"""Connections in the small databases, for reads and for claims."""
TURNS = 100
BATCH = 100
SHARED = 32
"""Questions in one statement: half of 64 callers, as two statements are under way."""
Work = Callable[[Store, int], Awaitable[None]]
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
    brand = 2 * (1 + turn * 37 % (FEW // 2))
    found = await store.look_up(sql.fresh_token, [{"hash": "hash", "brand_id": brand, "platform": ANY}], NOW)
    if found[0] is None or found[0][-1] is None:
        raise RuntimeError("no grant was found")


async def read_many(store: Store, turn: int) -> None:
    """As many as share a statement in a busy process."""
    questions = [
        {"hash": "hash", "brand_id": 2 * (1 + (turn * SHARED + place) * 37 % (FEW // 2)), "platform": ANY}
        for place in range(SHARED)
    ]
    found = await store.look_up(sql.fresh_token, questions, NOW)
    if any(row is None for row in found):
        raise RuntimeError("a grant was not found")


async def _bytes(store: Store) -> float:
    """Of the database."""
    async with store.reading() as tx:
        if store.engine == "postgresql":
            return float(await tx.connection.fetchval("SELECT pg_database_size(current_database())"))
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        return float((await tx.connection.execute_fetchall(asked))[0][0])


async def look(store: Store, turn: int) -> None:
    """What an idle worker does every second: nothing is due for this platform."""
    async with store.reading() as tx:
        await tx.one(sql.due_now, platform=ANY, now=NOW - DAY - turn)


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.postgres() as server:
        for engine in place.ENGINES:
            async with AsyncExitStack() as stack:
                stores = [
                    await _filled(stack, place.url(engine, _made(folder, engine, size), server), size)
                    for size in (FEW, BETWEEN, sizes.connections)
                ]
                rows += await _measured(place.NAMES[engine], stores, sizes)
    return rows


def _made(folder: Path, engine: str, size: int) -> Path:
    (at := folder / f"{engine}-{size}").mkdir()
    return at


async def _filled(stack: AsyncExitStack, url: str, size: int) -> Store:
    store = await stack.enter_async_context(db.opened(url))
    await migrate(store)
    await fill(store, size)
    return store


async def _measured(engine: str, stores: list[Store], sizes: Sizes) -> list[Row]:
    few, between, many = stores
    small, middle, large = f"{FEW:,}", f"{BETWEEN:,}", f"{sizes.connections:,}"
    reads = await _rounds(read, few, many, sizes)
    claims = await _rounds(claim, between, many, sizes)
    looks = await _rounds(look, between, many, sizes)
    shared = await _rounds(read_many, few, many, sizes)
    a_second = tuple(SHARED / took * 1000 for _, took in shared)
    a_connection = (await _bytes(many) - await _bytes(few)) / (sizes.connections - FEW)
    return [
        Row(
            f"a token's row, {engine}, {large} connections",
            f"{small} connections",
            tuple(least / took for least, took in reads),
            _figures(reads),
            at_least=0.95,
        ),
        Row(
            f"claim of {BATCH} due, {engine}, {large} connections",
            f"{middle} connections",
            tuple(took / least for least, took in claims),
            _figures(claims),
            at_most=1.5,
        ),
        Row(
            f"look when nothing is due, {engine}, {large} connections",
            f"{middle} connections",
            tuple(took / least for least, took in looks),
            _figures(looks),
        ),
        Row(f"tokens' rows, {SHARED} in a statement, {engine}", "", a_second, unit=" /s", name=f"rows {many.engine}"),
        Row(f"size of a connection, {engine}", "", (a_connection,), unit=" bytes", name=f"bytes {many.engine}"),
    ]


async def _rounds(work: Work, few: Store, many: Store, sizes: Sizes) -> list[tuple[float, float]]:
    """For each round the median time among few and among many, in ms: one after the other, turn by turn."""
    found, turns = [], itertools.count()
    for _ in range(sizes.rounds):
        took = [
            (await _took(work, few, turn), await _took(work, many, turn)) for turn in itertools.islice(turns, TURNS)
        ]
        found.append((statistics.median(one[0] for one in took), statistics.median(one[1] for one in took)))
    return found


async def _took(work: Work, store: Store, turn: int) -> float:
    began = time.perf_counter()
    await work(store, turn)
    return (time.perf_counter() - began) * 1000


def _figures(rounds: list[tuple[float, float]]) -> str:
    least, took = (statistics.median(one[side] for one in rounds) for side in (0, 1))
    return f"{took:.2f} ms, {least:.2f} ms"
