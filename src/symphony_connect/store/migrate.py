"""Numbered `.sql` files, each applied once, under a lock that replicas starting together wait for."""

from __future__ import annotations

import re
from pathlib import Path

from symphony_connect.store import sql
from symphony_connect.store.db import Store

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(store: Store) -> list[str]:
    """Bring the schema up to date in one transaction; returns the names of what was applied."""
    applied = []
    async with store.writing() as tx:
        # SQLite's write transaction is the lock already; PostgreSQL needs one said aloud.
        if store.engine == "postgresql":
            await tx.script("SELECT pg_advisory_xact_lock(7305841)")
        await tx.script("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
        done = {row["name"] for row in await tx.all(sql.migrations_done)}
        for path in sorted(MIGRATIONS.glob("*.sql")):
            if path.stem not in done:
                await tx.script(path.read_text(encoding="utf-8"))
                await tx.run(sql.migration_record, name=path.stem)
                applied.append(path.stem)
    return applied


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
