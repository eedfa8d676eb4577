"""A connection of the database as the service uses it: named statements, whatever the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiosql

from symphony_connect.base.errors import SymphonyError
from symphony_connect.store.statements import All, One, Run, Statement

Row = Mapping[str, Any]


class StoreUnavailable(SymphonyError):
    """The database cannot be reached, read or written now."""


AtTheEnd = Callable[["Transaction"], AbstractAsyncContextManager[None]]


class Transaction:
    """A connection of the database, on which the statements of a folder's `sql.py` run."""

    def __init__(self, connection: Any, compiled: Compiled) -> None:
        self.connection = connection
        """The driver's own."""
        self._compiled = compiled
        self.at_the_end: list[AtTheEnd] = []
        """Entered behind the last statement of a write, in their order, and left when it is committed."""

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

    async def script(self, statements: str, **options: Any) -> None:
        """Plain statements, as migrations have them, with options of the driver's `execute`."""
        for statement in statements.split(";\n"):
            if statement.strip():
                await self.connection.execute(statement, **options)


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
