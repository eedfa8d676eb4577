"""SQLite: WAL, one writer connection behind a lock, one reader connection, one for pages and one for look-ups."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiosqlite
from aiosql.adapters.aiosqlite import AioSQLiteAdapter

from symphony_connect.store.look_ups import Ask, Found, Question
from symphony_connect.store.statements import One
from symphony_connect.store.transaction import Compiled, StoreUnavailable, Transaction
from symphony_connect.store.turns import Turns

LOCK_TIMEOUT = 30.0
"""Seconds that a process waits for SQLite's one write lock while others have it."""
LOOK_UP_TIMEOUT = 0.1
"""Seconds that a look-up may hold up its process. In WAL mode a reader waits only while the log is recovered."""


class _InOneGo(AioSQLiteAdapter):
    """Every statement begins and ends in one turn of the connection's thread.

    One that is left half read while others begin keeps their common read transaction open, and all
    of them then see the state at its beginning instead of what was committed last.
    """

    async def select(self, conn: Any, _name: Any, sql: str, parameters: Any, record_class: Any = None) -> Any:  # noqa: ARG002
        for row in await conn.execute_fetchall(sql, parameters):
            yield row

    async def select_one(self, conn: Any, _name: Any, sql: str, parameters: Any, record_class: Any = None) -> Any:  # noqa: ARG002
        return next(iter(await conn.execute_fetchall(sql, parameters)), None)


class SqliteStore:
    engine = "sqlite"

    def __init__(
        self, path: Path, direct: sqlite3.Connection, writer: aiosqlite.Connection, *readers: aiosqlite.Connection
    ) -> None:
        self._path = path
        self._direct = direct
        self._writer = writer
        self._turn = asyncio.Lock()
        compiled = Compiled(_InOneGo, self.engine)
        self._compiled = compiled
        self._write = Transaction(writer, compiled)
        self._read, self._pages = (Transaction(reader, compiled) for reader in readers)

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[SqliteStore]:
        path = Path(url.removeprefix("sqlite:///"))
        async with AsyncExitStack() as stack:
            try:
                _make_file(path)
                connections = [await _sqlite(path, stack) for _ in range(3)]
                direct = stack.enter_context(closing(_direct(path)))
            except (sqlite3.Error, OSError) as error:
                raise StoreUnavailable(f"{path} cannot be opened for writing: {error}") from error
            yield cls(path, direct, *connections)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        try:
            yield self._read
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            raise _sqlite_failure(error) from error

    async def look_up(self, statement: One, questions: Sequence[Question], now: int) -> list[Found | None]:
        return self._turns(statement).look_up([(question, now) for question in questions])

    def asking(self, statement: One) -> Ask:
        return self._turns(statement).ask

    def _turns(self, statement: One) -> Turns:
        return Turns(self._direct, statement.texts[self.engine], _sqlite_failure)

    @asynccontextmanager
    async def pages(self) -> AsyncIterator[Transaction]:
        try:
            yield self._pages
        except sqlite3.DatabaseError as error:
            raise _sqlite_failure(error) from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        async with self._turn, AsyncExitStack() as ending:
            self._write.at_the_end = []
            try:
                try:
                    await _to_its_end(self._writer.execute("BEGIN IMMEDIATE"))
                    yield self._write
                    for each in self._write.at_the_end:
                        await ending.enter_async_context(each(self._write))
                    await _to_its_end(self._writer.execute("COMMIT"))
                except BaseException:
                    # Behind whatever statement the thread is still at, for a caller who was cancelled.
                    await _to_its_end(self._writer.rollback())
                    raise
            except sqlite3.DatabaseError as error:
                raise _sqlite_failure(error) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with AsyncExitStack() as stack:
            try:
                connection = await _sqlite(self._path, stack)
                await connection.execute("BEGIN")
                yield Transaction(connection, self._compiled)
            except sqlite3.DatabaseError as error:
                raise _sqlite_failure(error) from error


async def _to_its_end(statement: Coroutine[Any, Any, Any]) -> None:
    """The thread finishes it in any case, so a cancelled caller waits for that too."""
    task = asyncio.ensure_future(statement)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _sqlite_failure(error: sqlite3.Error) -> Exception:
    """A violated constraint is a mistake of this service, not a failure of the engine."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return error
    return StoreUnavailable(str(error))


def _make_file(path: Path) -> None:
    """A new one is its owner's alone, and what SQLite puts beside it is made alike. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)


def _direct(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=LOOK_UP_TIMEOUT)
    connection.execute("PRAGMA query_only=ON")
    return connection


async def _sqlite(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    connection = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT))
    connection.row_factory = sqlite3.Row
    # SQLite's own knows ASCII only, and people search for names.
    await connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        await connection.execute(f"PRAGMA {pragma}")
    return connection
