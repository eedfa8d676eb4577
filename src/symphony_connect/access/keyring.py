"""The keys of a workspace: made, listed, revoked. Only fingerprints are stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from symphony_connect.access import api_keys, sql
from symphony_connect.access.bounds import NONE, Bounds, beyond, check_known, check_scopes, inherited, loaded
from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import SECOND
from symphony_connect.base.config import is_loopback, is_origin
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
    seconds: int | None = None
    """Until it ends; None: it has no end."""
    bounds: Bounds = NONE


@dataclass(frozen=True)
class Made:
    """`key` is nowhere else: whoever made it shows it once."""

    id: str
    key: str = field(repr=False)
    kind: str
    expires_at: int | None
    bounds: Bounds


def check(core: Core, ask: NewKey) -> None:
    """Raises Problem `invalid_request` for a key that makes no sense, whoever makes it."""
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
    if ask.publishable and (ask.bounds.ad_accounts is not None or ask.bounds.read_only):
        raise Problem(
            "invalid_request",
            "A publishable key only starts sign-ins and registers their tokens: it has no ad accounts to name and "
            "reads nothing. Bound it to brands or platforms.",
            field="publishable",
        )
    check_known(ask.bounds, core.platforms)
    check_scopes(ask.bounds, ask.scopes)


def narrowed(maker: Caller, ask: NewKey) -> NewKey:
    """The key as this maker may make it: what is not bounded has the maker's own bounds.

    Raises Problem `missing_scope` when the maker would grant what it lacks.
    """
    lacking = set(ask.scopes) - maker.scopes
    if lacking:
        raise Problem("missing_scope", f"You cannot grant what you lack: {', '.join(sorted(lacking))}.")
    bounds = inherited(ask.bounds, maker.bounds)
    if not bounds.within(maker.bounds):
        raise Problem("missing_scope", f"You cannot grant what you lack: {beyond(bounds, maker.bounds)}.")
    return replace(ask, bounds=bounds)


async def create(core: Core, workspace: str, ask: NewKey) -> Made:
    """Store a new key for the workspace of this name, which is made when there is none.

    Raises Problem `invalid_request`.
    """
    check(core, ask)
    async with core.store.writing() as tx:
        row = await tx.one(sql.workspace_by_name, name=workspace)
        workspace_id = row["id"] if row else core.ids.new("ws")
        if row is None:
            await tx.run(sql.workspace_add, id=workspace_id, name=workspace, at=core.clock())
        return await _make(tx, core, workspace_id, ask)


async def create_by(core: Core, maker: Caller, ask: NewKey) -> Made:
    """Store a new key of the maker's workspace. It has no more scopes, no wider bounds and no later end than the maker.

    Raises Problem `invalid_request` or `missing_scope`.
    """
    ask = narrowed(maker, ask)
    check(core, ask)
    async with core.store.writing() as tx:
        return await _make(tx, core, maker.workspace_id, ask, latest=maker.expires_at)


async def list_keys(core: Core) -> list[Row]:
    """Every key of every workspace, without what only its owner knows."""
    async with core.store.reading() as tx:
        return await tx.all(sql.keys_list)


async def revoke(core: Core, id: str) -> bool:
    """Revoke a key of any workspace; False when no key that still works has this id."""
    async with core.store.writing() as tx:
        return await tx.one(sql.key_revoke, id=id, at=core.clock()) is not None


async def keys_of(core: Core, caller: Caller, *, after: str, most: int) -> list[Row]:
    """Keys of the caller's workspace in the order of their making, as far as they are within its own bounds."""
    found: list[Row] = []
    async with core.store.reading() as tx:
        while len(found) < most:
            rows = await tx.all(sql.keys_of_workspace, workspace_id=caller.workspace_id, after=after, most=most)
            found += [row for row in rows if loaded(row["bounds"]).within(caller.bounds)]
            if len(rows) < most:
                break
            after = rows[-1]["id"]
    return found[:most]


async def revoke_by(core: Core, caller: Caller, id: str) -> bool:
    """Revoke a key of the caller's workspace; False when none within its bounds that still works has this id."""
    async with core.store.writing() as tx:
        row = await tx.one(sql.key_of_workspace, workspace_id=caller.workspace_id, id=id)
        if row is None or not loaded(row["bounds"]).within(caller.bounds):
            return False
        return await tx.one(sql.key_revoke_in, workspace_id=caller.workspace_id, id=id, at=core.clock()) is not None


def _check_secure(core: Core, origins: tuple[str, ...]) -> None:
    """Raises Problem `invalid_request`."""
    for origin in origins:
        if core.settings.production and not (origin.startswith("https://") or is_loopback(origin)):
            raise Problem(
                "invalid_request",
                f"In production an origin begins with https://, not {origin[:200]!r}: anybody on the way could "
                "read what its pages are given.",
                field="origins",
            )


async def _make(tx: Transaction, core: Core, workspace_id: str, ask: NewKey, latest: int | None = None) -> Made:
    """`latest`: the maker's own end, in milliseconds since the epoch."""
    _check_secure(core, ask.origins)
    kind = "publishable" if ask.publishable else "secret"
    now = core.clock()
    ends = [end for end in (now + ask.seconds * SECOND if ask.seconds else None, latest) if end is not None]
    made = Made(core.ids.new("key"), api_keys.make(kind, core.ids), kind, min(ends, default=None), ask.bounds)
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
        bounds=ask.bounds.dumped(),
        at=now,
        expires_at=made.expires_at,
    )
    return made
