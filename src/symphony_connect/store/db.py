"""One interface over two engines: `reading()` and `writing()` give a `Transaction` that runs named statements.

SQLite: WAL, one writer connection behind a lock, one reader connection. PostgreSQL: a pool.
Every failure of the engine itself is raised as `StoreUnavailable`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import aiosql
import aiosqlite
import asyncpg
from aiosql.adapters.aiosqlite import AioSQLiteAdapter

from symphony_connect.base.errors import SymphonyError
from symphony_connect.store.statements import All, One, Run, Statement

Row = Mapping[str, Any]
LOCK_TIMEOUT = 30.0
"""Seconds that a process waits for SQLite's one write lock while others have it."""


class StoreUnavailable(SymphonyError):
    """The database cannot be reached, read or written now."""


class Transaction:
    """A connection of the database, on which the statements of a folder's `sql.py` run."""

    def __init__(self, connection: Any, compiled: Compiled) -> None:
        self.connection = connection
        """The driver's own."""
        self._compiled = compiled

    async def one(self, statement: One, /, **parameters: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = await self._compiled[statement](self.connection, **parameters)
        return row

    async def all(self, statement: All, /, **parameters: Any) -> list[Row]:
        """Every row."""
        return [row async for row in self._compiled[statement](self.connection, **parameters)]

    async def run(self, statement: Run, /, **parameters: Any) -> None:
        """For what returns nothing."""
        await self._compiled[statement](self.connection, **parameters)

    async def script(self, statements: str) -> None:
        """Plain statements, as migrations have them."""
        for statement in statements.split(";\n"):
            if statement.strip():
                await self.connection.execute(statement)


class Store(Protocol):
    """What the rest of the service sees of the database."""

    engine: str

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """For single statements: each sees the newest committed state."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Transaction]:
        """One transaction: committed at the end, rolled back on any exception."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """For reading much: every statement sees the state at the first one, and nobody waits for it."""
        ...


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """Open the database that the URL names; the scheme decides the engine. Raises StoreUnavailable."""
    maker = SqliteStore.opened if url.startswith("sqlite:///") else PostgresStore.opened
    async with maker(url) as store:
        yield store


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


class Compiled(dict[Statement, Any]):
    """Each statement as aiosql makes it for one driver, made when it is first used."""

    def __init__(self, driver: Any, engine: str) -> None:
        super().__init__()
        self._driver = driver
        self._engine = engine

    def __missing__(self, statement: Statement) -> Any:
        queries = aiosql.from_str(statement.texts[self._engine], self._driver)
        self[statement] = made = getattr(queries, statement.name)
        return made


class SqliteStore:
    engine = "sqlite"

    def __init__(self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._path = path
        self._writer = writer
        self._turn = asyncio.Lock()
        compiled = Compiled(_InOneGo, self.engine)
        self._compiled = compiled
        self._write = Transaction(writer, compiled)
        self._read = Transaction(reader, compiled)

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[SqliteStore]:
        path = Path(url.removeprefix("sqlite:///"))
        async with AsyncExitStack() as stack:
            try:
                _make_file(path)
                connections = [await _sqlite(path, stack), await _sqlite(path, stack)]
            except (sqlite3.Error, OSError) as error:
                raise StoreUnavailable(f"{path} cannot be opened for writing: {error}") from error
            yield cls(path, *connections)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        try:
            yield self._read
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            raise _sqlite_failure(error) from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        async with self._turn:
            try:
                try:
                    await _to_its_end(self._writer.execute("BEGIN IMMEDIATE"))
                    yield self._write
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
    """The thread goes through with it whether or not the caller waits: a cancelled one waits all the same."""
    task = asyncio.ensure_future(statement)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _sqlite_failure(error: sqlite3.DatabaseError) -> Exception:
    """A breach of a constraint is a mistake of ours, not the engine's trouble."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return error
    return StoreUnavailable(str(error))


def _make_file(path: Path) -> None:
    """A new one is its owner's alone, and what SQLite puts beside it is made alike. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


async def _sqlite(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    connection = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT))
    connection.row_factory = sqlite3.Row
    # SQLite's own knows ASCII only, and people search for names.
    await connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        await connection.execute(f"PRAGMA {pragma}")
    return connection


class PostgresStore:
    engine = "postgresql"

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._compiled = Compiled("asyncpg", self.engine)

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[PostgresStore]:
        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=10, timeout=10, command_timeout=30)
        except (OSError, asyncpg.PostgresError, ValueError) as error:
            raise StoreUnavailable(f"PostgreSQL cannot be reached: {error}") from error
        try:
            yield cls(pool)
        finally:
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._connection() as connection:
            yield Transaction(connection, self._compiled)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        async with self._connection() as connection, connection.transaction():
            yield Transaction(connection, self._compiled)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield Transaction(connection, self._compiled)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        try:
            async with self._pool.acquire(timeout=10) as connection:
                yield connection
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.SyntaxOrAccessError, asyncpg.DataError):
            raise
        # InternalClientError: what the driver says when its session was cut between two of its own steps.
        except (
            OSError,
            TimeoutError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            asyncpg.PostgresError,
        ) as error:
            raise StoreUnavailable(f"PostgreSQL: {error}") from error
