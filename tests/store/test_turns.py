"""On SQLite, what is asked in one turn of the event loop is answered at its end, by what is committed then."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from symphony_connect.store.transaction import StoreUnavailable
from symphony_connect.store.turns import Turns

TEXT = "SELECT value, :now FROM things WHERE id = :id"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, value TEXT)")
        connection.execute("INSERT INTO things VALUES (1, 'one'), (2, 'two')")
    return tmp_path / "some.db"


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def failed(error: sqlite3.Error) -> Exception:
    return StoreUnavailable(str(error))


@pytest.fixture
def turns(reader: sqlite3.Connection) -> Turns:
    return Turns(reader, TEXT, failed)


Ask = Callable[[int], asyncio.Task[object]]


@pytest.fixture
def ask(turns: Turns) -> Ask:
    return lambda id: asyncio.create_task(turns.ask({"id": id}, id * 10))  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("ids", [[1], [2, 1, 3, 1]])
async def test_each_has_its_own_answer(reader: sqlite3.Connection, ask: Ask, ids: list[int]) -> None:
    known = {1: ("one", 10), 2: ("two", 20), 3: None}
    assert await asyncio.gather(*map(ask, ids)) == [known[id] for id in ids]
    assert not reader.in_transaction


@pytest.mark.parametrize("ids", [[1], [1, 2]])
async def test_nobody_is_answered_with_what_was_before_the_question(
    turns: Turns, writer: sqlite3.Connection, ids: list[int]
) -> None:
    for number in range(3):
        writer.execute("UPDATE things SET value = ?", (str(number),))
        answers = [asyncio.ensure_future(turns.ask({"id": id}, 0)) for id in ids]
        await asyncio.sleep(0)  # all have asked, none is answered
        writer.execute("UPDATE things SET value = ?", (f"{number} at last",))
        assert await asyncio.gather(*answers) == [(f"{number} at last", 0)] * len(ids)


@pytest.mark.parametrize("ids", [[1], [1, 2]])
async def test_a_failure_is_raised_to_all_who_asked_and_to_nobody_after(
    reader: sqlite3.Connection, writer: sqlite3.Connection, ask: Ask, ids: list[int]
) -> None:
    writer.execute("ALTER TABLE things RENAME TO others")
    found = await asyncio.gather(*map(ask, ids), return_exceptions=True)
    assert [type(each) for each in found] == [StoreUnavailable] * len(ids)
    assert not reader.in_transaction
    writer.execute("ALTER TABLE others RENAME TO things")
    assert await ask(2) == ("two", 20)


async def test_who_leaves_takes_nobody_along(ask: Ask) -> None:
    first, leaves, last = ask(1), ask(2), ask(2)
    await asyncio.sleep(0)
    leaves.cancel()
    assert [await first, await last] == [("one", 10), ("two", 20)]
