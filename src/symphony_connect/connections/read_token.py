"""Reading a token: from the store when it is fresh, renewed once however many ask when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from symphony_connect.access.api_keys import Scope
from symphony_connect.access.bounds import NONE, loaded
from symphony_connect.access.caller import Caller, check_key, check_scope
from symphony_connect.access.origins import check_origin
from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Grant, Reason, Secret, Status
from symphony_connect.connections import lease, sql
from symphony_connect.connections.connection import Connection, check_bounds, grant_binding, not_connected, words
from symphony_connect.connections.failures import SERVED, lose, problem_of
from symphony_connect.connections.lease import Stale
from symphony_connect.connections.lifetime import Lifetime
from symphony_connect.connections.renew import renew
from symphony_connect.connections.status import MARGIN, status_until_ends
from symphony_connect.core import Core
from symphony_connect.platforms.base import PlatformError
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.store.look_ups import Question

READER = "token read"
SCOPE: Scope = "tokens:read"
MIN_TTL = 300
"""Seconds that a token is good for at least, where a read does not say."""

_COLUMNS = """
key_id key_workspace_id key_kind key_scopes key_origins key_bounds known_brand_id id workspace_id brand_id platform
status reason status_at identity_id identity_name scopes missing_scopes ad_accounts ad_account_count selected issued_at
expires_at refresh_expires_at data_access_expires_at created_at verified_at renewed_at announced_days due_at renew_after
attempts fence sealed
"""
READ_COLUMNS = tuple(_COLUMNS.split())
"""Those of `token_read`, in their order, for whoever asks it as a shared statement."""


class Shown(NamedTuple):
    """What an answer shows of a token. `expires_at` is in milliseconds since the epoch."""

    platform: str
    access_token: Secret
    expires_at: int | None
    scopes: Sequence[str] | None
    ad_accounts_json: str | None
    """As stored: a list may hold thousands."""
    selected: Collection[str] | None


@dataclass(frozen=True)
class Token:
    """A grant that is served, and the connection it belongs to."""

    connection: Connection
    grant: Grant

    @property
    def shown(self) -> Shown:
        of = self.connection
        return Shown(of.platform, self.grant.access_token, of.expires_at, of.scopes, of.ad_accounts_json, of.selected)


@dataclass
class NeedsReconnect(Problem):
    """Only the brand's owner can help. `caller` is who read the token, where a read found it."""

    connection: Connection | None = None
    caller: Caller | None = None


async def read(core: Core, key: str, origin: str | None, brand_id: int, platform: str, min_ttl: int) -> Token:
    """The brand's token, for an API key with the scope `tokens:read`.

    `origin` is that of the page which asks, None for a server; `min_ttl` is in milliseconds. A token that is
    good for so long costs one statement and no upstream call; each token that is served is counted.
    Raises Problem for the key, and `brand_not_found`, `connection_not_found`, `unknown_platform`,
    and whatever `serve` raises.
    """
    check_key(key)
    of = {"hash": fingerprint(key), "brand_id": brand_id, "platform": platform}
    async with core.store.reading() as tx:
        row = await tx.one(sql.token_read, **of, now=core.clock())
    caller = Caller.of(row, "key_")
    assert row is not None
    try:
        check_origin(core.settings, caller, origin)
        check_scope(caller, SCOPE)
        check_bounds(core, caller, brand_id, platform)
        if row["id"] is None:
            raise not_connected(row["known_brand_id"] is not None, brand_id, core.platform(platform))
        token = await serve(core, Connection.of(row), row["sealed"], min_ttl)
    except Problem as problem:
        problem.key_id = caller.key_id
        if isinstance(problem, NeedsReconnect):
            problem.caller = caller
        raise
    core.reads.note(token.connection.id, caller.key_id, core.clock())
    await core.audited()
    return token


async def read_fresh(core: Core, key_hash: str, brand_id: int, platform: str, min_ttl: int) -> Shown | None:
    """As `read` for a server, where one statement is all it takes; None wherever there is more to do or to say.

    `key_hash` is the key's fingerprint.
    """
    now = core.clock()
    of: Question = {"hash": key_hash, "brand_id": brand_id, "platform": platform}
    row = await core.shared(sql.fresh_token).ask(of, now)
    if row is None:
        return None
    key_id, workspace_id, kind, key_scopes, bounds, id, status, issued_at, *row = row
    expires_at, data_access_expires_at, scopes, ad_accounts, selected, sealed, *_ = row
    if sealed is None or status not in SERVED or not _may_read(kind, key_scopes, bounds, brand_id, platform):
        return None
    tokens = core.vault.open_tokens_now(grant_binding(workspace_id, brand_id, platform, id, "live"), sealed)
    if tokens is None:
        return None
    life = Lifetime(issued_at, expires_at, data_access_expires_at, renewable=tokens.refresh_token is not None)
    if not life.fresh(now, life.needed(min_ttl)):
        return None
    core.reads.note(id, key_id, now)
    await core.audited()
    return Shown(
        platform,
        tokens.access_token,
        expires_at,
        words(scopes),
        ad_accounts,
        selected and frozenset(words(selected) or ()),
    )


def _may_read(kind: str, scopes: str, bounds: str, brand_id: int, platform: str) -> bool:
    """Whether a key, as it is stored, may read this token."""
    if kind != "secret" or SCOPE not in msgspec.json.decode(scopes):
        return False
    bounded = loaded(bounds)
    return bounded is NONE or (bounded.has_brand(brand_id) and bounded.has_platform(platform))


async def serve(core: Core, connection: Connection, sealed: bytes | None, min_ttl: int) -> Token:
    """A token good for at least `min_ttl` milliseconds where the platform gives one; else the one that is valid.

    `sealed` is the connection's stored grant. No upstream call when it is good for long enough. Raises NeedsReconnect,
    Problem `unverified`, `busy` or the one for the platform's failure (`failures.problem_of`), and StoreUnavailable.
    """
    grant = await _servable(core, connection, sealed)
    needed = Lifetime.of(connection, grant).needed(min_ttl)
    if Lifetime.of(connection, grant).fresh(core.clock(), needed):
        return Token(connection, grant)
    trouble: Problem | StoreUnavailable | None = None
    if _may_renew(core, connection, grant):
        try:
            now_served, error = await _renewed(core, connection, needed)
            if now_served != connection:
                connection, grant = now_served, await _live_grant(core, now_served)
            trouble = problem_of(error, core.platform(connection.platform), core.clock()) if error else None
        except StoreUnavailable as failure:
            trouble = failure
        except Problem as failure:
            if failure.code != "busy":
                raise
            trouble = failure
    if Lifetime.of(connection, grant).good_for(core.clock(), MARGIN):
        return Token(connection, grant)
    if trouble is not None:
        raise trouble
    return await _last(core, connection)


def _may_renew(core: Core, connection: Connection, grant: Grant) -> bool:
    """Whether a renewal is possible, allowed again by now, and of use: it does not move the end of data access."""
    if core.platform(connection.platform).renew_at(grant, connection.issued_at or 0) is None:
        return False
    now, data_end = core.clock(), connection.data_access_expires_at
    return now >= (connection.renew_after or 0) and (data_end is None or data_end - now > MARGIN)


async def _servable(core: Core, connection: Connection, sealed: bytes | None) -> Grant:
    if connection.status is Status.NEEDS_RECONNECT:
        raise needs_reconnect(connection)
    if connection.status is Status.DISCONNECTED:
        raise Problem("connection_not_found", "The connection has just been disconnected.")
    if connection.status is Status.UNVERIFIED or sealed is None:
        name = core.platform(connection.platform).display_name
        raise Problem("unverified", f"The token is kept, but {name} has not confirmed it yet.", retry_after=30)
    return await core.vault.open_grant(connection.binding("live"), sealed)


def needs_reconnect(connection: Connection) -> NeedsReconnect:
    reason = (connection.reason or Reason.EXPIRED).value
    return NeedsReconnect(
        "needs_reconnect",
        f"Brand {connection.brand_id}'s owner must sign in again ({reason.replace('_', ' ')}). "
        "Make a connect session and send its link.",
        details={"reason": reason},
        connection=connection,
    )


async def _renewed(core: Core, connection: Connection, good_for: int) -> tuple[Connection, PlatformError | None]:
    """Renew, or find that somebody just did. In one process, one task does it for all who ask."""
    task = core.renewals.get(connection.id)
    if task is None:
        task = asyncio.create_task(_renew_unless_fresh(core, connection.id, good_for))
        core.renewals[connection.id] = task
        task.add_done_callback(lambda done: _over(core, connection.id, done))
    # A reader that goes away must not stop the renewal that others wait for.
    done, _ = await asyncio.wait({task}, timeout=lease.PATIENCE / SECOND)
    if not done:
        raise Problem("busy", "The token is being renewed; ask again.", retry_after=2)
    result: tuple[Connection, PlatformError | None] = task.result()
    return result


def _over(core: Core, id: str, task: asyncio.Task[Any]) -> None:
    core.renewals.pop(id, None)
    if not task.cancelled():
        task.exception()  # the readers that still wait raise it; without any, asyncio must not log it


async def _renew_unless_fresh(core: Core, id: str, good_for: int) -> tuple[Connection, PlatformError | None]:
    held = await lease.hold_or_wait(core, id)
    connection = held.connection
    try:
        if connection.status not in SERVED or held.grant is None:
            await lease.give_back(core, held)
            return connection, None
        # Checked again with what is stored now: the holder before may have renewed it, or found that it cannot be.
        fresh = Lifetime.of(connection, held.grant).fresh(core.clock(), good_for)
        if fresh or not _may_renew(core, connection, held.grant):
            await lease.give_back(core, held)
            return connection, None
        outcome = await renew(core, held, READER)
    except Stale:
        return await _as_stored(core, id), None
    return outcome.connection, outcome.error


async def _as_stored(core: Core, id: str) -> Connection:
    async with core.store.reading() as tx:
        return await lease.load(tx, id)


async def _live_grant(core: Core, connection: Connection) -> Grant:
    async with core.store.reading() as tx:
        row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="live")
    return await _servable(core, connection, row["sealed"] if row else None)


async def _last(core: Core, connection: Connection) -> Token:
    """The token ends too soon and cannot be renewed: store that it has ended, unless it was renewed meanwhile."""
    if (await _as_stored(core, connection.id)).status in SERVED:
        await _end(core, connection.id)
    connection = await _as_stored(core, connection.id)
    grant = await _live_grant(core, connection)
    if Lifetime.of(connection, grant).good_for(core.clock(), MARGIN):
        return Token(connection, grant)
    name = core.platform(connection.platform).display_name
    wait = max(((connection.renew_after or 0) - core.clock()) // SECOND, 1)
    raise Problem("platform_unavailable", f"{name} could not renew the token yet; try again.", retry_after=wait)


async def _end(core: Core, id: str) -> None:
    held = await lease.hold_or_wait(core, id)
    with suppress(Stale):
        if held.grant and held.connection.status in SERVED:
            status, reason = status_until_ends(held.connection, held.grant, core.clock())
            if status is Status.NEEDS_RECONNECT and reason is not None:
                await lose(core, held, reason, READER)
                return
        await lease.give_back(core, held)
