"""How many statements a token read and a renewal are: counted, for time says nothing on a busy machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from symphony_connect.base.ids import fingerprint
from symphony_connect.connections import read_token
from symphony_connect.store.sqlite import SqliteStore
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.conftest import environment, opened
from tests.renewal.house import House
from tests.tools.sandbox import Sandbox

RENEWAL = {LASTING: 18, ROTATING: 27}
"""The most statements of one renewal, its lease and the ends of its transactions included."""


@pytest.fixture
async def embedded(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(environment(sandbox, tmp_path, f"sqlite:///{tmp_path / 'symphony.db'}"), sandbox) as house:
        yield house


@asynccontextmanager
async def counted(house: House) -> AsyncIterator[list[str]]:
    """Every statement that SQLite runs meanwhile, each once: SQLite names it again for every trigger that it fires."""
    store, ran = cast(SqliteStore, house.core.store), list[str]()

    def note(statement: str) -> None:
        if ran[-1:] != [statement]:
            ran.append(statement)

    threads = (store._writer, store._read.connection, store._pages.connection)
    store._direct.set_trace_callback(note)
    for each in threads:
        await each.set_trace_callback(note)
    yield ran
    for each in threads:
        await each.set_trace_callback(None)
    store._direct.set_trace_callback(None)


async def test_a_fresh_token_is_one_statement(embedded: House) -> None:
    row = await embedded.row(await embedded.connect(LASTING))
    key = await keyring.create(embedded.core, "tests", NewKey("some", scopes=("tokens:read",)))
    async with counted(embedded) as ran:
        shown = await read_token.read_fresh(embedded.core, fingerprint(key.key), row.brand_id, row.platform, 300_000)
    assert shown is not None
    assert len(ran) == 1, ran


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_a_renewal_is_no_more_statements_than_its_steps_need(embedded: House, platform: str) -> None:
    id = await embedded.connect(platform)
    before = await embedded.sealed(id)
    async with counted(embedded) as ran:
        await embedded.renew_one(id)
    assert await embedded.sealed(id) != before
    assert len(ran) <= RENEWAL[platform], "\n".join([str(len(ran)), *ran])
