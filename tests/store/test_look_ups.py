"""A look-up answers each question as if it stood alone, however many are asked at once."""

from __future__ import annotations

from typing import Any

import pytest

from bench.claiming import NOW, fill
from symphony_connect.connections import sql
from symphony_connect.store import db
from symphony_connect.store.db import Store, StoreUnavailable
from symphony_connect.store.look_ups import Question
from symphony_connect.store.migrate import migrate
from tests.platforms.chosen import ANY, OTHER
from tests.tools.postgres import Postgres


def question(brand: int, hash: str = "hash", platform: str = ANY) -> Question:
    return {"hash": hash, "brand_id": brand, "platform": platform}


QUESTIONS = [question(2), question(4), question(3), question(2, "nobody's"), question(5, platform=OTHER), question(2)]
FOUND = ["conn_2", "conn_4", None, "no key", "conn_5", "conn_2"]
"""Of brand 3 there is none on that platform."""


def ids(found: list[Any]) -> list[str | None]:
    return ["no key" if row is None else row[5] for row in found]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_each_question_has_its_own_answer(postgres: Postgres, tmp_path: Any, engine: str) -> None:
    url = f"sqlite:///{tmp_path}/some.db" if engine == "sqlite" else postgres.new_database()
    async with db.opened(url) as store:
        await migrate(store)
        await fill(store, 10)
        await check(store)
        if engine == "postgresql":
            async with db.opened(f"{url}?statement_cache_size=0") as pooled:
                await check(pooled)


async def check(store: Store) -> None:
    assert ids(await store.look_up(sql.fresh_token, QUESTIONS, NOW)) == FOUND
    alone = [ids(await store.look_up(sql.fresh_token, [each], NOW))[0] for each in QUESTIONS]
    assert alone == FOUND
    async with store.writing() as tx:
        await tx.script("UPDATE api_keys SET expires_at = 1")
    assert ids(await store.look_up(sql.fresh_token, QUESTIONS, NOW)) == ["no key"] * len(QUESTIONS)
    async with store.writing() as tx:
        await tx.script("UPDATE api_keys SET expires_at = NULL")


async def test_a_session_that_was_cut_is_not_used_again(postgres: Postgres) -> None:
    async with db.opened(postgres.new_database()) as store:
        await migrate(store)
        await fill(store, 10)
        await store.look_up(sql.fresh_token, QUESTIONS, NOW)
        async with store.writing() as tx:
            await tx.connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        found = []
        for _ in range(2):  # the first may still meet the session that was cut
            try:
                found = ids(await store.look_up(sql.fresh_token, QUESTIONS, NOW))
            except StoreUnavailable:
                continue
        assert found == FOUND
