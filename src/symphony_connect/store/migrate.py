"""Numbered `.sql` files, each applied once, under a lock that replicas starting together wait for.

`0007_name.sql` is for both engines, `0007_name.sqlite.sql` and `0007_name.postgresql.sql` are for one each.
"""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg

from symphony_connect.base.errors import ConfigError
from symphony_connect.store import ended, search, sql
from symphony_connect.store.db import Store
from symphony_connect.store.transaction import StoreUnavailable, Transaction

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 3600.0
"""Seconds for one statement, as an index over a large table needs them, and for the process that migrates already."""

DERIVED = frozenset({"searched", "connection_counts"})
"""Tables made from others: no export holds them."""
AFTERWARDS = {"0007_search_and_counts": search.rebuild, "0013_bound_and_ended": ended.forget_all}
"""What of a migration SQL cannot do, in the same transaction."""


async def migrate(store: Store) -> list[str]:
    """Bring the schema up to date in one transaction; returns the names of what was applied.

    Raises ConfigError when a newer version has changed the schema, or when the database user may not.
    One that is up to date already is only read, so a user without the right to create tables will do.
    """
    try:
        async with store.reading() as tx:
            if not _pending(store.engine, await _done(tx)):
                return []
        async with store.writing() as tx:
            return await _apply(store, tx)
    except StoreUnavailable as error:
        if isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError):
            raise ConfigError(
                f"{error}. The schema must be brought up to date: run `symphony-connect migrate` once with a "
                "database user who owns the tables and may create more, or allow this one: "
                "GRANT CREATE ON SCHEMA public TO <user>."
            ) from error
        raise


async def _apply(store: Store, tx: Transaction) -> list[str]:
    patience = {}
    # SQLite's write transaction is the lock already; PostgreSQL needs an explicit one.
    if store.engine == "postgresql":
        patience = {"timeout": PATIENCE}
        await tx.script("SELECT pg_advisory_xact_lock(7305841)", **patience)
    await tx.script("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
    pending = _pending(store.engine, await _done(tx))
    for name, path in pending.items():
        await tx.script(path.read_text(encoding="utf-8"), **patience)
        if name in AFTERWARDS:
            await AFTERWARDS[name](tx)
        await tx.run(sql.migration_record, name=name)
    return list(pending)


async def _done(tx: Transaction) -> set[str]:
    """The names of what was applied; none in a database without tables."""
    if not await tx.all(sql.columns_of, table="migrations"):
        return set()
    return {row["name"] for row in await tx.all(sql.migrations_done)}


def _files(engine: str) -> dict[str, Path]:
    """By name, in their order."""
    paths = (path for path in sorted(MIGRATIONS.glob("*.sql")) if Path(path.stem).suffix in ("", f".{engine}"))
    return {Path(path.stem).stem: path for path in paths}


def _pending(engine: str, done: set[str]) -> dict[str, Path]:
    """In their order. Raises ConfigError when the database knows one that this version does not."""
    files = _files(engine)
    if unknown := sorted(done - files.keys()):
        raise ConfigError(
            f"A newer version has changed this database ({', '.join(unknown)}); this version knows its schema up to "
            f"{list(files)[-1]}. Start the newer version, or put back the backup from before the upgrade."
        )
    return {name: path for name, path in files.items() if name not in done}


async def unapplied(store: Store) -> int:
    """How many migrations wait to be applied, without applying them. Raises StoreUnavailable."""
    async with store.reading() as tx:
        return len(_files(store.engine).keys() - await _done(tx))


def tables(*, derived: bool = True) -> list[str]:
    """The tables of the schema in the order of their making: each refers only to those before it.

    `derived`: with those that are made from others.
    """
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))
    named = dict.fromkeys(re.findall(r"^CREATE TABLE (\w+)", text, re.MULTILINE))
    return [table for table in named if derived or table not in DERIVED]
