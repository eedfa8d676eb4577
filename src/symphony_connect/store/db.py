"""One interface over two engines: `reading()` and `writing()` give a `Transaction` that runs named statements.

Every failure of the engine itself is raised as `StoreUnavailable`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from symphony_connect.store.look_ups import Ask, Found, Question
from symphony_connect.store.postgres import PostgresStore
from symphony_connect.store.sqlite import SqliteStore
from symphony_connect.store.statements import One
from symphony_connect.store.transaction import Compiled, Row, StoreUnavailable, Transaction

__all__ = ["Compiled", "Row", "Store", "StoreUnavailable", "Transaction", "opened"]


class Store(Protocol):
    """What the rest of the service sees of the database."""

    engine: str

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """For single statements: each sees the newest committed state."""
        ...

    async def look_up(self, statement: One, questions: Sequence[Question], now: int) -> list[Found | None]:
        """For the statement of a token read, which must find its row by an index: the shortest way there is.

        An answer for each question, in their order. `now` is in milliseconds.
        """
        ...

    def asking(self, statement: One) -> Ask | None:
        """How one question is asked; None where a statement under way is waited for (`shared.py`)."""
        ...

    def pages(self) -> AbstractAsyncContextManager[Transaction]:
        """As `reading`, for statements that may take long: no token read waits behind them."""
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


async def wait_until_up(url: str, within: float, on_wait: Callable[[str], None]) -> None:
    """Wait for a PostgreSQL that is not up yet, for at most `within` seconds; `on_wait` gets the reason, once.

    SQLite has no server to wait for. Raises ConfigError for a URL that cannot be right, StoreUnavailable
    when the time is over.
    """
    if url.startswith("sqlite:///"):
        return
    end, silent = asyncio.get_running_loop().time() + within, True
    while True:
        try:
            async with opened(url):
                return
        except StoreUnavailable as error:
            if asyncio.get_running_loop().time() >= end:
                raise
            if silent:
                on_wait(f"{error}. Waiting for it, at most {within:g} s.")
            silent = False
            await asyncio.sleep(min(1.0, within))
