"""The keys of a workspace: made, listed, revoked. Only fingerprints are stored."""

from __future__ import annotations

import json
from dataclasses import dataclass

from symphony_connect.access import api_keys, sql
from symphony_connect.base.clock import DAY
from symphony_connect.base.config import is_origin
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.store.db import Row, Transaction


@dataclass(frozen=True)
class NewKey:
    """What a key is to be. A publishable one has origins and no scopes; a secret one scopes and no origins."""

    name: str
    publishable: bool = False
    scopes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    days: int | None = None


@dataclass(frozen=True)
class Made:
    """`key` is nowhere else: whoever made it shows it once."""

    id: str
    key: str
    kind: str
    expires_at: int | None


def check(ask: NewKey, grantable: frozenset[str]) -> None:
    """Raises Problem `invalid_request`, or `missing_scope` when the maker would grant what it lacks."""
    unknown = [scope for scope in ask.scopes if scope not in api_keys.SCOPES]
    if unknown:
        known = ", ".join(api_keys.SCOPES)
        raise Problem("invalid_request", f"There is no scope {unknown[0]!r}; known are: {known}.", field="scopes")
    if ask.publishable == bool(ask.scopes):
        words = "A publishable key takes no scopes." if ask.publishable else "Choose at least one scope."
        raise Problem("invalid_request", words, field="scopes")
    if ask.origins and not ask.publishable:
        raise Problem("invalid_request", "Only publishable keys have origins.", field="origins")
    for origin in ask.origins:
        if not is_origin(origin):
            raise Problem(
                "invalid_request",
                f"An origin looks exactly like https://app.example.com, not {origin[:200]!r}.",
                field="origins",
            )
    lacking = set(ask.scopes) - grantable
    if lacking:
        raise Problem("missing_scope", f"You cannot grant what you lack: {', '.join(sorted(lacking))}.")


async def create(core: Core, workspace: str, ask: NewKey) -> Made:
    """Store a new key for the workspace of this name, which is made when there is none."""
    async with core.store.writing() as tx:
        row = await tx.one(sql.workspace_by_name, name=workspace)
        workspace_id = row["id"] if row else core.ids.new("ws")
        if row is None:
            await tx.run(sql.workspace_add, id=workspace_id, name=workspace, at=core.clock())
        return await _make(tx, core, workspace_id, ask)


async def create_in(core: Core, workspace_id: str, ask: NewKey) -> Made:
    """Store a new key of a workspace that exists."""
    async with core.store.writing() as tx:
        return await _make(tx, core, workspace_id, ask)


async def list_keys(core: Core) -> list[Row]:
    """Every key of every workspace, without what only its owner knows."""
    async with core.store.reading() as tx:
        return await tx.all(sql.keys_list)


async def revoke(core: Core, id: str) -> bool:
    """Revoke a key of any workspace; False when no key that still works has this id."""
    async with core.store.writing() as tx:
        return await tx.one(sql.key_revoke, id=id, at=core.clock()) is not None


async def revoke_in(core: Core, workspace_id: str, id: str) -> bool:
    """Revoke a key of this workspace; False when no key of it that still works has this id."""
    async with core.store.writing() as tx:
        return await tx.one(sql.key_revoke_in, workspace_id=workspace_id, id=id, at=core.clock()) is not None


async def _make(tx: Transaction, core: Core, workspace_id: str, ask: NewKey) -> Made:
    kind = "publishable" if ask.publishable else "secret"
    now = core.clock()
    made = Made(core.ids.new("key"), api_keys.make(kind, core.ids), kind, now + ask.days * DAY if ask.days else None)
    await tx.run(
        sql.key_add,
        id=made.id,
        workspace_id=workspace_id,
        kind=kind,
        hash=fingerprint(made.key),
        hint=api_keys.hint(made.key),
        name=ask.name,
        scopes=json.dumps(ask.scopes),
        origins=json.dumps(ask.origins),
        at=now,
        expires_at=made.expires_at,
    )
    return made
