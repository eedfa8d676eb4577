"""PostgreSQL: a pool of sessions, with whichever of the URL's servers answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg

from symphony_connect.store.look_ups import ForMany, ForOne, Found, Question
from symphony_connect.store.postgres_servers import ACQUIRE_WITHIN, FAILURES, Servers, Session, sentence, unreachable
from symphony_connect.store.postgres_url import parsed
from symphony_connect.store.statements import One
from symphony_connect.store.transaction import Compiled, StoreUnavailable, Transaction

MOST_SESSIONS = 10
POOLER = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
OURS = (asyncpg.IntegrityConstraintViolationError, asyncpg.SyntaxOrAccessError, asyncpg.DataError)
"""Mistakes of this service, not failures of the database."""


class PostgresStore:
    engine = "postgresql"

    def __init__(self, pool: asyncpg.Pool, servers: Servers, *, prepares: bool) -> None:
        self._pool = pool
        self._servers = servers
        self._idle: list[Session] = []
        """Sessions for look-ups, which the pool would reset after each use."""
        self._look_ups: dict[One, tuple[ForOne, ForMany]] = {}
        self._prepares = prepares
        self._compiled = Compiled("asyncpg", self.engine)

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[PostgresStore]:
        """Raises ConfigError for a URL that cannot be right, StoreUnavailable when no server answers."""
        address = parsed(url)
        servers = Servers(address)
        try:
            pool = await asyncpg.create_pool(
                min_size=1, max_size=MOST_SESSIONS, connect=servers.connect, connection_class=Session
            )
        except (*FAILURES, ValueError) as error:
            raise unreachable(error) from error
        checks = asyncio.create_task(servers.keep_checking())
        store = cls(pool, servers, prepares=address.prepares)
        try:
            yield store
        finally:
            checks.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await checks
            for session in store._idle:
                session.terminate()
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._connection() as connection:
            if self._prepares:
                yield Transaction(connection, self._compiled)
            else:
                # Behind a pooler a statement's parts may otherwise reach different sessions.
                async with connection.transaction():
                    yield Transaction(connection, self._compiled)

    async def look_up(self, statement: One, questions: Sequence[Question], now: int) -> list[Found | None]:
        """Over a session of its own, which is given up when it fails."""
        if not self._prepares:
            async with self.reading() as tx:
                return await self._looked_up(tx.connection, statement, questions, now)
        session = None
        try:
            session = self._idle_session() or await self._servers.connect()
            rows = await self._looked_up(session, statement, questions, now)
        except BaseException as error:
            if session is not None:
                session.terminate()
            if failure := _failure(error):
                raise failure from error
            raise
        self._idle.append(session)
        return rows

    def asking(self, _statement: One) -> None:
        return None

    async def _looked_up(
        self, session: Any, statement: One, questions: Sequence[Question], now: int
    ) -> list[Found | None]:
        """A single question without the arrays, which cost it a third of its time."""
        if statement not in self._look_ups:
            self._look_ups[statement] = ForOne(statement), ForMany(statement, questions[0])
        for_one, for_many = self._look_ups[statement]
        if len(questions) == 1:
            return [await session.fetchrow(for_one.text, *for_one.arguments(questions[0], now))]
        found: list[Found | None] = [None] * len(questions)
        for row in await session.fetch(for_many.text, *for_many.arguments(questions, now)):
            found[row[-1] - 1] = row
        return found

    def _idle_session(self) -> Session | None:
        """One that is still open; those that were cut meanwhile are dropped."""
        while self._idle:
            if not (session := self._idle.pop()).is_closed():
                return session
        return None

    def pages(self) -> AbstractAsyncContextManager[Transaction]:
        return self.reading()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        async with self._connection() as connection, AsyncExitStack() as ending, connection.transaction():
            tx = Transaction(connection, self._compiled)
            yield tx
            for each in tx.at_the_end:
                await ending.enter_async_context(each(tx))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield Transaction(connection, self._compiled)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        async with _failures(), self._pool.acquire(timeout=ACQUIRE_WITHIN) as connection:
            yield connection


@asynccontextmanager
async def _failures() -> AsyncIterator[None]:
    """Every failure of the database as StoreUnavailable; mistakes of ours stay what they are."""
    try:
        yield
    except Exception as error:
        if failure := _failure(error):
            raise failure from error
        raise


def _failure(error: BaseException) -> StoreUnavailable | None:
    """What a failure of the database is raised as; None for everything else."""
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return StoreUnavailable(f"PostgreSQL refuses the database user: {sentence(error)}")
    if isinstance(error, POOLER):
        return StoreUnavailable(
            "The database's pooler gives each transaction another session: add statement_cache_size=0 to "
            "SYMPHONY_DATABASE_URL"
        )
    # InternalClientError, one of FAILURES: what the driver says when its session was cut between two of its own steps.
    if isinstance(error, FAILURES) and not isinstance(error, OURS):
        return StoreUnavailable(f"PostgreSQL: {sentence(error)}")
    return None
