"""Numbered `.sql` files, each applied once, under a lock that replicas starting together wait for."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg

from symphony_connect.base.errors import ConfigError
from symphony_connect.store import sql
from symphony_connect.store.db import Store
from symphony_connect.store.transaction import StoreUnavailable, Transaction

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 3600.0
"""Seconds for one statement, as an index over a large table needs them, and for the process that migrates already."""


async def migrate(store: Store) -> list[str]:
    """Bring the schema up to date in one transaction; returns the names of what was applied.

    Raises ConfigError when a newer version has changed the schema, or when the database user may not.
    One that is up to date already is only read, so a user without the right to create tables will do.
    """
    try:
        async with store.reading() as tx:
            if not _pending(await _done(tx)):
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
    # SQLite's write transaction is the lock already; PostgreSQL needs one said aloud.
    if store.engine == "postgresql":
        patience = {"timeout": PATIENCE}
        await tx.script("SELECT pg_advisory_xact_lock(7305841)", **patience)
    await tx.script("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
    pending = _pending(await _done(tx))
    for path in pending:
        await tx.script(path.read_text(encoding="utf-8"), **patience)
        await tx.run(sql.migration_record, name=path.stem)
    return [path.stem for path in pending]


async def _done(tx: Transaction) -> set[str]:
    """The names of what was applied; none in a database without tables."""
    if not await tx.all(sql.columns_of, table="migrations"):
        return set()
    return {row["name"] for row in await tx.all(sql.migrations_done)}


def _pending(done: set[str]) -> list[Path]:
    """In their order. Raises ConfigError when the database knows one that this version does not."""
    files = sorted(MIGRATIONS.glob("*.sql"))
    if unknown := sorted(done - {path.stem for path in files}):
        raise ConfigError(
            f"A newer version has changed this database ({', '.join(unknown)}); this version knows its schema up to "
            f"{files[-1].stem}. Start the newer version, or put back the backup from before the upgrade."
        )
    return [path for path in files if path.stem not in done]


async def unapplied(store: Store) -> int:
    """How many migrations wait to be applied, without applying them. Raises StoreUnavailable."""
    names = {path.stem for path in MIGRATIONS.glob("*.sql")}
    async with store.reading() as tx:
        if not await tx.all(sql.columns_of, table="migrations"):
            return len(names)
        return len(names - {row["name"] for row in await tx.all(sql.migrations_done)})


def tables() -> list[str]:
    """The tables of the schema in the order of their making: each refers only to those before it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))
    return re.findall(r"^CREATE TABLE (\w+)", text, re.MULTILINE)
