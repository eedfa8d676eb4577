"""What a database holds, row by row, read beside the service."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import asyncpg

TABLES = ("brands", "connections", "grants")
"""What a refused request must leave alone."""


def rows(database_url: str, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables (TABLES when none is named), as text where an engine has types of its own."""
    chosen = tables or TABLES
    if database_url.startswith("sqlite:///"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            return {
                table: sorted(map(tuple, connection.execute(f"SELECT * FROM {table}")), key=repr) for table in chosen
            }
    return asyncio.run(_postgresql(database_url, chosen))


async def _postgresql(url: str, tables: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            table: sorted((tuple(row.values()) for row in await connection.fetch(f"SELECT * FROM {table}")), key=repr)
            for table in tables
        }
    finally:
        await connection.close()


def execute(database_url: str, statement: str) -> None:
    """Do something to a database behind the service's back."""
    if database_url.startswith("sqlite:///"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=10)) as connection:
            connection.execute(statement)
        return

    async def run() -> None:
        connection = await asyncpg.connect(database_url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())
