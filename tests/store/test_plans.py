"""What every process asks every second, every caller on every call, and the first page, needs an index at any size."""

from __future__ import annotations

import re

import pytest

from bench.claiming import NOW, fill
from symphony_connect.connections import sql
from symphony_connect.store import db
from symphony_connect.store.db import Compiled, Store
from symphony_connect.store.look_ups import ForMany
from symphony_connect.store.migrate import migrate
from symphony_connect.store.statements import Statement
from symphony_connect.web.dashboard import sql as dashboard_sql
from tests.platforms.chosen import ANY
from tests.tools.postgres import Postgres

ASKED = {
    "due_now": f"'{ANY}', 0",
    "leased": f"'{ANY}', {NOW}, 'proc', 4000",
    "overdue": f"'{ANY}', {NOW - 3_600_000}, 1000",
    "token_read": f"1, '{ANY}', 'hash', {NOW}",
    "fresh_token": f"1, '{ANY}', 'hash', {NOW}",
    "dashboard_put_off": f"'ws', '{ANY}', 1000",
}
"""Queries with their parameters, in the order in which the text has them."""


@pytest.mark.parametrize("query", ASKED)
async def test_no_table_is_read_from_end_to_end(postgres: Postgres, query: str) -> None:
    """With the plan that PostgreSQL settles on for a statement it has seen often, whatever its parameters."""
    async with db.opened(postgres.new_database()) as store:
        await migrate(store)
        await fill(store, 20_000)
        text = Compiled("asyncpg", store.engine)[getattr(sql, query, None) or getattr(dashboard_sql, query)].sql
        await check_plan(store, text, ASKED[query])


async def test_many_token_reads_at_once_read_no_table_from_end_to_end(postgres: Postgres) -> None:
    async with db.opened(postgres.new_database()) as store:
        await migrate(store)
        await fill(store, 20_000)
        made = ForMany(sql.fresh_token, {"hash": "hash", "brand_id": 1, "platform": ANY})
        await check_plan(store, made.text, f"{NOW}, '{{hash,hash}}', '{{1,2}}', '{{{ANY},{ANY}}}'")


async def check_plan(store: Store, text: str, values: str) -> None:
    async with store.writing() as tx:
        await tx.script("SET LOCAL plan_cache_mode = force_generic_plan")
        await tx.script(f"PREPARE asked AS {text.rstrip().rstrip(';')}")
        plan = "\n".join(row["QUERY PLAN"] for row in await tx.connection.fetch(f"EXPLAIN EXECUTE asked ({values})"))
    large = re.findall(r"Seq Scan on (connections|grants|brands)", plan)
    assert large == [], plan


HOUR = 3_600_000
OF_PAGES: dict[str, dict[str, str | int]] = {
    "dashboard_renewals": {
        "since": NOW - 24 * HOUR,
        "now": NOW,
        "length": 2 * HOUR,
        "slots": 18,
        "most": 5_000,
        "late": NOW,
        "most_late": 10,
    },
    "dashboard_last_links": {"asked": f"""'[{{"id": "c", "brand": 17, "platform": "{ANY}"}}]'"""},
    "dashboard_last_link": {"brand_id": 17, "platform": f"'{ANY}'"},
    "dashboard_events_narrowed": {
        **{"brand_id": 17, "type": "''", "platform": f"'{ANY}'", "since": 0, "at": NOW, "id": "'x'"},
        **{"steps": 20_000, "most": 51},
    },
    "dashboard_sorted": {
        **{"steps": 20_001, "first_urgency": 0, "last_urgency": 4, "late": NOW, "sort": "'brand'", "platform": "''"},
        **{"lane": "'overdue'", "why": "''", "low": 0, "high": 0, "until": 0, "most": 50, "shown": 0},
        **{f"word{place}": "'%'" for place in range(1, 7)},
    },
}
"""What the dashboard asks, with its parameters as SQL writes them."""


@pytest.mark.parametrize("query", OF_PAGES)
async def test_no_page_reads_a_table_from_end_to_end(postgres: Postgres, query: str) -> None:
    statement: Statement = getattr(dashboard_sql, query)
    values = {"workspace_id": "'ws'", **OF_PAGES[query]}
    text = re.sub(r"(?<!:):([a-z_]+[0-9]?)\b", lambda found: str(values[found[1]]), statement.texts["postgresql"])
    async with db.opened(postgres.new_database()) as store:
        await migrate(store)
        await fill(store, 20_000)
        async with store.writing() as tx:
            # Some tables are empty here: what no index can answer is still read from end to end.
            await tx.script("SET LOCAL enable_seqscan = off")
            plan = "\n".join(row["QUERY PLAN"] for row in await tx.connection.fetch(f"EXPLAIN {text}"))
    large = re.findall(r"Seq Scan on (connections|events|connect_sessions)", plan)
    assert large == [], plan
