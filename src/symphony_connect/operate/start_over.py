"""Empties a development service, so that each test of an integration starts from nothing."""

from __future__ import annotations

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import ConfigError
from symphony_connect.store import db
from symphony_connect.store.migrate import DERIVED, tables

AUDIT = frozenset({"audit_keys", "audit_rows", "audit_chains"})
KEPT = AUDIT | {"workspaces", "api_keys", "vault_keysets", "dashboard_links", "dashboard_sessions"}
"""Tables that stay: keys go on working, whoever is signed in to the dashboard stays so, and running processes go on
with their chains of the audit."""


async def start_over(settings: Settings) -> None:
    """Forget every brand, connection, token, link and event; nothing is revoked at the platforms.

    Raises ConfigError in production, StoreUnavailable.
    """
    if settings.production:
        raise ConfigError("Only a development service can start over: SYMPHONY_PUBLIC_URL is not a loopback address.")
    async with db.opened(settings.database_url.reveal()) as store, store.writing() as tx:
        # Those that are made from others go last: the deletions before them are counted in them.
        for table in (*reversed(tables(derived=False)), *DERIVED):
            if table not in KEPT:
                await tx.script(f"DELETE FROM {table}")  # noqa: S608 - the names are those of our own migrations
