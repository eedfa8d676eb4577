"""Stores that interfere with a rotation: something comes between, or the process ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from symphony_connect.store.db import Store, Transaction


class Meddled:
    """A store in which something happens just before the first value is written: the second write of all."""

    def __init__(self, store: Store, between: Callable[[], Awaitable[None]]) -> None:
        self.engine = store.engine
        self.store = store
        self.between = between
        self.writes = 0

    def reading(self) -> Any:
        return self.store.reading()

    def snapshot(self) -> Any:
        return self.store.snapshot()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        self.writes += 1
        if self.writes == 2:
            await self.between()
        async with self.store.writing() as tx:
            yield tx


class Cut(Exception):
    """The process ends here."""


class CutStore:
    """A store whose n-th statement, or commit, is never reached."""

    def __init__(self, store: Store, statements: int) -> None:
        self.engine = store.engine
        self.store = store
        self.left = statements

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cut

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        async with self.store.reading() as tx:
            yield CutTransaction(self, tx)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        async with self.store.writing() as tx:
            yield CutTransaction(self, tx)
            self.count()
        self.count()


class CutTransaction:
    def __init__(self, store: CutStore, tx: Transaction) -> None:
        self.store, self.tx = store, tx

    async def one(self, statement: Any, **parameters: Any) -> Any:
        self.store.count()
        return await self.tx.one(statement, **parameters)

    async def all(self, statement: Any, **parameters: Any) -> Any:
        self.store.count()
        return await self.tx.all(statement, **parameters)

    async def run(self, statement: Any, **parameters: Any) -> Any:
        self.store.count()
        return await self.tx.run(statement, **parameters)
