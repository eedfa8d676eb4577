"""Who is asking: whether the API key is good, and whether it has the scope that a call needs."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from symphony_connect.access import api_keys, sql
from symphony_connect.access.api_keys import Scope
from symphony_connect.access.bounds import NONE, Bounds, loaded
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.store.db import Row


@dataclass(frozen=True)
class Caller:
    """One key of one workspace."""

    workspace_id: str
    key_id: str
    kind: str
    scopes: frozenset[str]
    origins: tuple[str, ...]
    bounds: Bounds = NONE
    expires_at: int | None = None
    """Milliseconds since the epoch, where it was read."""

    @classmethod
    def of(cls, row: Row | None, prefix: str = "") -> Caller:
        """From a row of `api_keys`, or of a join whose columns have the prefix. Raises Problem `invalid_key`."""
        if row is None:
            raise Problem("invalid_key", "This API key is unknown, expired or revoked.")
        return cls(
            workspace_id=row[f"{prefix}workspace_id"],
            key_id=row[f"{prefix}id"],
            kind=row[f"{prefix}kind"],
            scopes=frozenset(msgspec.json.decode(row[f"{prefix}scopes"])),
            origins=tuple(msgspec.json.decode(row[f"{prefix}origins"])),
            bounds=loaded(row[f"{prefix}bounds"]),
            expires_at=row["expires_at"] if not prefix else None,
        )

    @property
    def publishable(self) -> bool:
        return self.kind == "publishable"


def check_key(key: str) -> None:
    """Raises Problem `key_required` or `invalid_key` for a text that cannot be a key. Does not open the store."""
    if not key:
        raise Problem("key_required", "Send your API key in the header x-api-key.")
    if api_keys.kind_of(key) is None:
        raise Problem("invalid_key", "This is not an API key of ours: it is cut off or mistyped.")


async def find_caller(core: Core, key: str) -> Caller:
    """The holder of a key that is neither expired nor revoked. Raises Problem `key_required` or `invalid_key`."""
    check_key(key)
    now = core.clock()
    async with core.store.reading() as tx:
        caller = Caller.of(await tx.one(sql.key_by_hash, hash=fingerprint(key), now=now))
    core.reads.note_key(caller.key_id, now)
    return caller


def check_scope(caller: Caller, scope: Scope) -> None:
    """Raises Problem `missing_scope`. A publishable key has no scopes at all."""
    if caller.publishable:
        raise Problem("missing_scope", "A publishable key can only start sign-ins and register their tokens.")
    if scope not in caller.scopes:
        raise Problem("missing_scope", f"This key lacks the scope {scope}.")


async def find_page_caller(core: Core, key: str | None) -> Caller:
    """The workspace that a page belongs to: its publishable key says which, or there is only one workspace.

    Without a key, the caller's `key_id` is empty. Raises Problem `invalid_request` or `invalid_key`.
    """
    if key:
        if api_keys.kind_of(key) != "publishable":
            raise Problem("invalid_request", "data-key takes a publishable key (sym_pk_…).", field="key")
        return await find_caller(core, key)
    async with core.store.reading() as tx:
        workspaces = await tx.all(sql.workspaces, most=2)
    if len(workspaces) != 1:
        raise Problem(
            "invalid_request", 'Name your publishable key on the script tag: data-key="sym_pk_…".', field="key"
        )
    return Caller(workspaces[0]["id"], "", "publishable", frozenset(), ())
