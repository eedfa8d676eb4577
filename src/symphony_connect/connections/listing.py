"""The ad accounts that a grant reaches: all, some, or not known now."""

from __future__ import annotations

from dataclasses import replace

from symphony_connect.base.clock import MINUTE
from symphony_connect.base.model import AdAccount, Grant
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.core import Core
from symphony_connect.platforms.base import LISTED_TO, PartlyListed, Platform, PlatformError
from symphony_connect.store.db import Transaction

AGAIN = 10 * MINUTE
"""When the worker verifies a connection whose ad accounts could not all be listed, and goes on with them."""
MOST_NAMED = 1_000
"""Ad accounts that one event names in each list."""


async def list_accounts(
    platform: Platform, grant: Grant, before: tuple[AdAccount, ...] | None = None
) -> tuple[tuple[AdAccount, ...] | None, PlatformError | None]:
    """The ad accounts, or those of them that could be listed, with those known `before`; None when not known.

    With it what was in the way. A list that is refused says nothing about the token.
    """
    try:
        return tuple(await platform.ad_accounts(grant)), None
    except PartlyListed as error:
        listed = {account.id: account for account in (*(before or ()), *error.accounts)}
        return tuple(listed.values()), error
    except PlatformError as error:
        return None, error


def ran_out(error: PlatformError | None) -> bool:
    """Whether a later call must continue the list from where it stopped."""
    return isinstance(error, PartlyListed) and bool(error.place)


def placed(grant: Grant, error: PlatformError | None) -> Grant:
    """The grant to store after its ad accounts were listed: with the place where that stopped, or without one."""
    if error is not None and not isinstance(error, PartlyListed):
        return grant
    extra = {name: value for name, value in grant.extra.items() if name != LISTED_TO}
    place = error.place if error else ""
    return replace(grant, extra=extra | ({LISTED_TO: place} if place else {}))


async def put_accounts(
    tx: Transaction, core: Core, connection: Connection, accounts: tuple[AdAccount, ...], actor: str
) -> Connection:
    """Store the list, with an event where it is another one than before; returns the connection with it."""
    after, words = connection.with_accounts(accounts), " ".join(f"{account.id} {account.name}" for account in accounts)
    listed = {"ad_accounts": after.ad_accounts_json, "count": len(accounts), "words": words}
    await tx.run(sql.connection_ad_accounts, id=connection.id, **listed, at=core.clock())
    before = connection.ad_accounts if connection.ad_accounts_json != after.ad_accounts_json else None
    if before is not None and (changes := _changes(before, accounts)):
        await record(tx, core, connection, "ad_accounts.changed", actor, **changes)
    return after


def _changes(before: tuple[AdAccount, ...], after: tuple[AdAccount, ...]) -> dict[str, list[str]]:
    """Ids of ad accounts that came, went, or have another status; empty where none did."""
    was, now = ({each.id: each.status for each in accounts} for accounts in (before, after))
    changes = {
        "added": [id for id in now if id not in was],
        "removed": [id for id in was if id not in now],
        "changed": [id for id in now if id in was and was[id] != now[id]],
    }
    return {what: ids[:MOST_NAMED] for what, ids in changes.items()} if any(changes.values()) else {}
