"""What every process asks every second, every caller on every call, and the first page, needs an index at any size."""

from __future__ import annotations

import json
import re

import pytest

from bench.claiming import NOW, fill
from symphony_connect.connections import sql
from symphony_connect.store import db
from symphony_connect.store.db import Compiled
from symphony_connect.store.migrate import migrate
from symphony_connect.web.dashboard import sql as dashboard_sql
from tests.platforms.chosen import ANY
from tests.tools.postgres import Postgres

QUESTIONS = json.dumps([("hash", 1, ANY)])
ASKED = {
    "due_now": f"'{ANY}', 0",
    "leased": f"'{ANY}', {NOW}, 'proc', 4000",
    "overdue": f"'{ANY}', {NOW - 3_600_000}, 1000",
    "token_reads": f"'{QUESTIONS}', {NOW}",
    "dashboard_put_off": f"'ws', '{ANY}', 1000",
    "dashboard_events_of_type": f"'ws', 'connection.renewed', {NOW}, 1000",
}
"""Queries with their parameters, in the order in which the text has them."""


@pytest.mark.parametrize("query", ASKED)
async def test_no_table_is_read_from_end_to_end(postgres: Postgres, query: str) -> None:
    """With the plan that PostgreSQL settles on for a statement it has seen often, whatever its parameters."""
    async with db.opened(postgres.new_database()) as store:
        await migrate(store)
        await fill(store, 20_000)
        async with store.writing() as tx:
            compiled = Compiled("asyncpg", store.engine)
            text = compiled[getattr(sql, query, None) or getattr(dashboard_sql, query)].sql
            await tx.script("SET LOCAL plan_cache_mode = force_generic_plan")
            await tx.script(f"PREPARE asked AS {text.rstrip().rstrip(';')}")
            plan = "\n".join(
                row["QUERY PLAN"] for row in await tx.connection.fetch(f"EXPLAIN EXECUTE asked ({ASKED[query]})")
            )
    large = re.findall(r"Seq Scan on (connections|grants|brands|events)", plan)
    assert large == [], plan
