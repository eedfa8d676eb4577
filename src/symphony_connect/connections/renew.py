"""Renewing a grant before it ends. What follows when a platform says no is in `failures.py`.

Every function here works under a lease (`lease.py`) and gives it back.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from symphony_connect.base.model import Grant, Inspection, Reason, Status
from symphony_connect.connections import app_trouble, connect, disconnect, pacing, sql, strays
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import Outcome, another_person, lose, put_off, somebody_elses_token
from symphony_connect.connections.lease import LEASE, Held, Stale, load, still_held, within_lease
from symphony_connect.connections.status import apply_inspection, change_status
from symphony_connect.connections.tally import RENEWALS, counted
from symphony_connect.core import Core
from symphony_connect.platforms.base import (
    NotSent,
    OutcomeUnknown,
    Platform,
    PlatformError,
    RateLimited,
    TokenRefused,
    Unavailable,
)
from symphony_connect.store.db import StoreUnavailable, Transaction


def spends_once(platform: Platform, grant: Grant) -> bool:
    """Whether renewing this grant uses a refresh token that may be good for one use only."""
    return platform.refresh_tokens_work_once and grant.refresh_token is not None


@counted(RENEWALS)
async def renew(core: Core, held: Held, actor: str) -> Outcome:
    """Ask the platform for a later-ending grant and store it. The old one goes on serving until then.

    Raises Stale when somebody else took over, StoreUnavailable before anything is spent.
    """
    grant = held.grant
    assert grant is not None
    platform = core.platform(held.connection.platform)
    spends = spends_once(platform, grant)
    interrupted = False
    try:
        async with pacing.asking(core, platform.name, held.admitted, held.probe):
            # Written before anything is spent: it proves the store writable and tells a crash apart from a silence.
            interrupted = await _journal(core, held) if spends else False
            try:
                new = await platform.renew(grant)
            except OutcomeUnknown:
                if not spends:
                    raise
                # If the lost call never arrived, this one works; if it did, this one is refused.
                interrupted = True
                new = await platform.renew(grant)
    except PlatformError as answered:
        error = await app_trouble.whose(core, platform, answered)
        if isinstance(error, TokenRefused) and grant.refresh_token is not None:
            return await _refresh_refused(core, held, Reason.OUTCOME_UNKNOWN if interrupted else None, actor, error)
        if isinstance(error, TokenRefused):
            return await lose(core, held, error.reason, actor, error)
        nothing_spent = not interrupted and _nothing_spent(answered)
        return await put_off(core, held, error, actor, renewing=True, nothing_spent=nothing_spent)
    if new.holder and held.connection.identity and new.holder != held.connection.identity.id:
        return await _another_holder(core, held, new, actor)
    return await (_save_rotated if spends else _save)(core, held, new, actor)


async def _another_holder(core: Core, held: Held, new: Grant, actor: str) -> Outcome:
    """The renewal seems to have brought another person's token: asked again, and not stored when it is."""
    platform = core.platform(held.connection.platform)
    try:
        inspection = await within_lease(platform.inspect(new))
    except PlatformError as error:
        return await put_off(core, held, error, actor, renewing=True)
    if not another_person(held.connection, inspection):
        return await _save(core, held, new, actor)
    if platform.revokes:
        # Revoked soon by the worker, because this work holds the connection's lease.
        person = inspection.identity.id
        await strays.keep(core, held.connection.workspace_id, platform, new, person, wait=0)
    return await lose(core, held, Reason.TOKEN_REFUSED, actor, somebody_elses_token())


def _nothing_spent(error: PlatformError) -> bool:
    """Whether the answer is sure to mean that a refresh token was not used.

    A platform may answer that it is busy, or wants fewer calls, after it has done what it was asked for.
    """
    return isinstance(error, NotSent) or not isinstance(error, Unavailable | RateLimited)


async def _journal(core: Core, held: Held) -> bool:
    """Note that a one-time refresh token is about to be spent; True when an earlier note has no outcome."""
    id, now = held.connection.id, core.clock()
    async with core.store.writing() as tx:
        if not await tx.one(sql.lease_begin, id=id, fence=held.fence, now=now, until=now + LEASE):
            raise Stale
        open_note = await tx.one(sql.journal_note, connection_id=id)
        await tx.run(sql.journal_open, connection_id=id, fence=held.fence, at=now)
    return open_note is not None


async def _save_rotated(core: Core, held: Held, new: Grant, actor: str) -> Outcome:
    """Tried again while the process runs, because the platform will not issue this grant twice."""
    pause = 0.05
    while True:
        try:
            return await _save(core, held, new, actor)
        except Stale:
            with suppress(StoreUnavailable):
                return await _save_late(core, held, new, actor)
        except StoreUnavailable:
            pass
        await asyncio.sleep(pause)
        pause = min(pause * 2, 2.0)


async def _save(core: Core, held: Held, new: Grant, actor: str) -> Outcome:
    async with core.store.writing() as tx:
        await still_held(tx, held)
        return await _write_renewed(tx, core, await load(tx, held.connection.id), held, new, actor)


async def _save_late(core: Core, held: Held, new: Grant, actor: str) -> Outcome:
    """The lease was lost while the platform answered.

    What it gave in exchange for the very grant that is still live supersedes it, whoever holds the
    lease now. Anything else is stale, and revoked: the connection was ended, or has another grant, perhaps another
    person's.
    """
    id = held.connection.id
    assert held.grant is not None
    async with core.store.writing() as tx:
        lives = await tx.one(sql.lease_break, id=id)
        row = await tx.one(sql.grant_sealed, connection_id=id, slot="live") if lives else None
        if row:
            live = await core.vault.open_grant(held.connection.binding("live"), row["sealed"])
            if live.access_token == held.grant.access_token:
                return await _write_renewed(tx, core, await load(tx, id), held, new, actor)
    await disconnect.revoke_late_grant(core, held.connection, new)
    raise Stale


async def _write_renewed(
    tx: Transaction, core: Core, connection: Connection, held: Held, new: Grant, actor: str
) -> Outcome:
    """In the caller's transaction. Only a later end counts as renewed; a grant that is not spent is kept until then."""
    now, old, id = core.clock(), held.grant, connection.id
    assert old is not None
    assert connection.identity is not None
    platform = core.platform(connection.platform)
    refreshed = old.refresh_token is not None
    new = _dated(connection, old, _refresh_kept(platform, old, new), now) if refreshed else new
    if old.expires_at is None:
        moved = refreshed and new.expires_at is not None
    else:
        moved = new.expires_at is None or new.expires_at > old.expires_at
    kept = new if moved or refreshed else old
    await connect.put_grant(tx, core, connection, kept, "live")
    await tx.run(sql.journal_close, connection_id=id)
    await tx.run(sql.connection_due, id=id, due_at=None, attempts=0)
    if moved:
        ends = {"expiresAt": new.expires_at, "before": old.expires_at}
        await record(tx, core, connection, "connection.renewed", actor, **ends)
    after = await apply_inspection(
        tx,
        core,
        connection,
        # A renewal says nothing of the person: identity and missing scopes stay as they were.
        Inspection(connection.identity, kept, connection.missing_scopes),
        actor,
        issued_at=now if moved else None,
        renewed_at=now if moved else None,
        renew_after=None if moved else now + platform.verify_every,
    )
    return Outcome(after, moved, new_token=kept.access_token != old.access_token)


def _refresh_kept(platform: Platform, old: Grant, new: Grant) -> Grant:
    """An answer without a refresh token leaves the one before it good (RFC 6749, section 6).

    Nor does an answer move an end that the platform fixed at the consent.
    """
    ends = new.refresh_expires_at
    if ends is None or not platform.refresh_end_moves:
        ends = old.refresh_expires_at or ends
    return replace(new, refresh_token=new.refresh_token or old.refresh_token, refresh_expires_at=ends)


def _dated(connection: Connection, old: Grant, new: Grant, now: int) -> Grant:
    """Another token whose lifetime the answer left out: it is taken to be the last one's."""
    before, issued_at = old.expires_at, connection.issued_at
    if new.access_token == old.access_token or new.expires_at != before or before is None or issued_at is None:
        return new
    return replace(new, expires_at=max(before, now + before - issued_at))


async def _refresh_refused(core: Core, held: Held, lost: Reason | None, actor: str, refusal: TokenRefused) -> Outcome:
    """The refresh token is spent, or was taken back: the access token may still be good until its own end.

    `lost` says that an answer was lost, by crash or by network, which is why it may be spent. One that is past
    the end that its platform named has expired, however the platform words the refusal.
    """
    grant = held.grant
    assert grant is not None
    over = grant.refresh_expires_at is not None and grant.refresh_expires_at <= core.clock()
    platform = core.platform(held.connection.platform)
    unrenewable = replace(grant, refresh_token=None, refresh_expires_at=None)
    try:
        inspection = await within_lease(platform.inspect(unrenewable))
    except PlatformError as answered:
        error = await app_trouble.whose(core, platform, answered)
        if isinstance(error, TokenRefused):
            return await lose(core, held, lost or (Reason.EXPIRED if over else refusal.reason), actor, error)
        return await put_off(core, held, error, actor, renewing=True)
    async with core.store.writing() as tx:
        await still_held(tx, held)
        connection = await load(tx, held.connection.id)
        await connect.put_grant(tx, core, connection, inspection.grant, "live")
        await tx.run(sql.journal_close, connection_id=connection.id)
        await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
        if lost:
            due_at = connection.due_at
            connection = await change_status(tx, core, connection, Status.EXPIRING, lost, actor, due_at=due_at)
        after = await apply_inspection(tx, core, connection, inspection, actor)
    return Outcome(after, True)
