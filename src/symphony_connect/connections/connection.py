"""A connection as stored, and how to find one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

import msgspec

from symphony_connect.access.bounds import Bounds
from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount, Identity, Reason, Status
from symphony_connect.connections import sql
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.store.db import Row, Transaction
from symphony_connect.vault.vault import Binding

Account = TypeVar("Account", bound=AdAccount)

SHORT_LIST = 10_000
"""Letters of stored ad accounts that are read in one call."""


@dataclass(frozen=True)
class Connection:
    """One brand on one platform, as stored. Times are milliseconds since the epoch."""

    id: str
    workspace_id: str
    brand_id: int
    platform: str
    status: Status
    reason: Reason | None
    status_at: int
    identity: Identity | None
    scopes: tuple[str, ...] | None
    missing_scopes: tuple[str, ...]
    ad_accounts_json: str | None
    """As stored: a list may hold thousands, and most who load a connection look at none of them."""
    ad_account_count: int | None
    selected: tuple[str, ...] | None
    issued_at: int | None
    expires_at: int | None
    refresh_expires_at: int | None
    data_access_expires_at: int | None
    created_at: int
    verified_at: int | None
    renewed_at: int | None
    announced_days: int | None
    due_at: int | None
    renew_after: int | None
    """No renewal before this time: the last one failed, or did not move the end."""
    attempts: int
    fence: int
    waiting: bool = False
    """Whether a token was just stored that waits for its platform."""

    @classmethod
    def of(cls, row: Row) -> Connection:
        plain = {name: row[name] for name in _PLAIN}
        return cls(
            **plain,
            status=Status(row["status"]),
            reason=Reason(row["reason"]) if row["reason"] else None,
            identity=Identity(row["identity_id"], row["identity_name"]) if row["identity_id"] else None,
            scopes=words(row["scopes"]),
            missing_scopes=words(row["missing_scopes"]) or (),
            ad_accounts_json=row["ad_accounts"],
            selected=words(row["selected"]),
        )

    def binding(self, slot: str) -> Binding:
        """Where the sealed grant in this slot belongs."""
        return grant_binding(self.workspace_id, self.brand_id, self.platform, self.id, slot)

    @cached_property
    def ad_accounts(self) -> tuple[AdAccount, ...] | None:
        """All that the platform listed; None when it has not yet."""
        return None if self.ad_accounts_json is None else _ACCOUNTS.read(self.ad_accounts_json)

    @cached_property
    def used_accounts(self) -> tuple[AdAccount, ...]:
        """The ad accounts that the brand uses: the chosen ones, or all when nobody has chosen."""
        accounts = self.ad_accounts or ()
        if self.selected is None:
            return accounts
        chosen = frozenset(self.selected)
        return tuple(account for account in accounts if account.id in chosen)

    @property
    def used_count(self) -> int | None:
        """How many of them; None before the platform has listed them."""
        return self.ad_account_count if self.selected is None else len(self.used_accounts)

    def with_accounts(self, accounts: Sequence[AdAccount]) -> Connection:
        """The same connection with this list of ad accounts."""
        listed = json.dumps([asdict(account) for account in accounts])
        return replace(self, ad_accounts_json=listed, ad_account_count=len(accounts))

    def within(self, bounds: Bounds) -> Connection:
        """The same connection with those of its ad accounts that are in bounds."""
        if bounds.ad_accounts is None or self.ad_accounts is None:
            return self
        shown = self.with_accounts([account for account in self.ad_accounts if bounds.has_account(account.id)])
        selected = None if self.selected is None else tuple(id for id in self.selected if bounds.has_account(id))
        return replace(shown, selected=selected)


def grant_binding(workspace_id: str, brand_id: int, platform: str, connection_id: str, slot: str) -> Binding:
    """Where a connection's sealed grant in this slot belongs."""
    return Binding(workspace_id, brand_id, platform, "grant", f"{connection_id}/{slot}")


_PARSED = {"waiting", "status", "reason", "identity", "scopes", "missing_scopes", "ad_accounts_json", "selected"}
_PLAIN = tuple(name for name in Connection.__dataclass_fields__ if name not in _PARSED)


def words(text: str | None) -> tuple[str, ...] | None:
    """A list of words, from the JSON that is stored."""
    return None if text is None else tuple(msgspec.json.decode(text))


class AccountLists(Generic[Account]):
    """Reads ad accounts from the JSON that is stored, as AdAccount or a class made from it."""

    def __init__(self, kind: type[Account]) -> None:
        self._one = msgspec.json.Decoder(kind)
        self._all = msgspec.json.Decoder(tuple[kind, ...])  # type: ignore[valid-type]

    def read(self, text: str) -> tuple[Account, ...]:
        if len(text) < SHORT_LIST:
            return self._all.decode(text)
        # One by one: a single call for thousands would let no other thread work meanwhile.
        return tuple(map(self._one.decode, msgspec.json.decode(text, type=list[msgspec.Raw])))


_ACCOUNTS = AccountLists(AdAccount)


async def active_connection(tx: Transaction, workspace_id: str, brand_id: int, platform: str) -> Connection | None:
    """The brand's connection to the platform, unless there is none or it is disconnected."""
    row = await tx.one(sql.connection, workspace_id=workspace_id, brand_id=brand_id, platform=platform)
    return Connection.of(row) if row else None


async def find_or_none(core: Core, workspace_id: str, brand_id: int, platform: str) -> Connection | None:
    """The same, in a transaction of its own."""
    async with core.store.reading() as tx:
        return await active_connection(tx, workspace_id, brand_id, platform)


async def find(core: Core, caller: Caller, brand_id: int, platform: str) -> Connection:
    """The connection, with all its ad accounts. What is out of the caller's bounds is not found.

    Raises Problem `unknown_platform`, `brand_not_found` or `connection_not_found`.
    """
    check_bounds(core, caller, brand_id, platform)
    async with core.store.reading() as tx:
        connection = await active_connection(tx, caller.workspace_id, brand_id, platform)
        if connection:
            return connection
        brand = await tx.one(sql.brand, workspace_id=caller.workspace_id, brand_id=brand_id)
    raise not_connected(brand is not None, brand_id, core.platform(platform))


def check_bounds(core: Core, caller: Caller, brand_id: int, platform: str, field: str = "platform") -> None:
    """Raises Problem `unknown_platform` or `brand_not_found`, also for what the caller's key may not reach.

    `field` is how the caller sent the platform.
    """
    core.platform(platform, field)
    if not caller.bounds.has_platform(platform):
        raise core.unknown_platform(platform, field)
    if not caller.bounds.has_brand(brand_id):
        raise no_brand(brand_id)


def no_brand(brand_id: int) -> Problem:
    return Problem("brand_not_found", f"There is no brand {brand_id}.", field="brandId")


def not_connected(brand_known: bool, brand_id: int, platform: Platform) -> Problem:
    if not brand_known:
        return no_brand(brand_id)
    return Problem("connection_not_found", f"Brand {brand_id} is not connected to {platform.display_name}.")
