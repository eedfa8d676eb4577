"""Whole tables in and out, a batch at a time. Names of tables and columns come from our own migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import aiosqlite
import asyncpg

from symphony_connect.base.errors import SymphonyError
from symphony_connect.store import sql
from symphony_connect.store.db import Transaction

BATCH = 500
MISFITS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    OverflowError,
    UnicodeError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
)


class Misfit(SymphonyError):
    """A row does not fit its table."""


async def count(tx: Transaction, table: str) -> int:
    rows = [row async for row in _rows(tx, f"SELECT COUNT(*) AS held FROM {table}")]  # noqa: S608 - a table of ours
    return int(rows[0]["held"])


async def columns(tx: Transaction, table: str) -> list[str]:
    return [row["name"] for row in await tx.all(sql.columns_of, table=table)]


def scan(tx: Transaction, table: str, columns: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """Every row, in a transaction (`snapshot` or `writing`); never the whole table in memory."""
    return _rows(tx, f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - names of ours


async def empty(tx: Transaction, table: str) -> None:
    await tx.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a table of ours


async def fill(tx: Transaction, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have exactly these columns. Raises Misfit; the transaction is spoilt then."""
    sqlite = isinstance(tx.connection, aiosqlite.Connection)
    places = ", ".join("?" if sqlite else f"${number}" for number in range(1, len(columns) + 1))
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of ours
    try:
        await tx.connection.executemany(insert, [tuple(row[column] for column in columns) for row in rows])
    except MISFITS as error:
        why = str(error).splitlines()[0]
        raise Misfit(f"A row does not fit the table {table}: {why}.") from error


async def _rows(tx: Transaction, statement: str) -> AsyncIterator[dict[str, Any]]:
    if isinstance(tx.connection, aiosqlite.Connection):
        async with tx.connection.execute(statement) as cursor:
            async for row in cursor:
                yield dict(row)
    else:
        async for row in tx.connection.cursor(statement, prefetch=BATCH):
            yield dict(row)
