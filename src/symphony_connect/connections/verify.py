"""Asking a platform whether a stored grant is good: the live one, or one that waits to be confirmed.

Every function here works under a lease (`lease.py`) and gives it back.
"""

from __future__ import annotations

from dataclasses import replace

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount, Grant, Reason, Status
from symphony_connect.connections import app_trouble, asset_lists, connect, listing, pacing, sql
from symphony_connect.connections.brought import Kept
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import Outcome, another_person, lose, put_off, somebody_elses_token
from symphony_connect.connections.lease import Held, load, still_held, within_lease
from symphony_connect.connections.renew import renew
from symphony_connect.connections.status import apply_inspection, change_status, why_lost
from symphony_connect.connections.tally import CHECKS, counted
from symphony_connect.core import Core
from symphony_connect.platforms.assets import AssetList
from symphony_connect.platforms.base import (
    Misconfigured,
    PermissionRefused,
    PlatformError,
    RateLimited,
    Rejected,
    TokenRefused,
    Unavailable,
)

WAITING_ACTOR = "worker"
"""How events name who confirms a waiting token: it is the worker's job, even where a caller asks for it now."""


@counted(CHECKS)
async def verify(core: Core, held: Held, actor: str) -> Outcome:
    """Ask the platform whether the live grant is still good, and store the answer.

    Where the access token is refused and the grant has a refresh token, it is renewed instead: an access token
    may end before its time.
    Raises Stale and StoreUnavailable.
    """
    grant = held.grant
    assert grant is not None
    platform = core.platform(held.connection.platform)
    try:
        async with pacing.asking(core, platform.name, held.admitted, held.probe):
            inspection = await within_lease(platform.inspect(grant))
    except PlatformError as error:
        return await _not_verified(core, held, grant, await app_trouble.whose(core, platform, error), actor)
    if another_person(held.connection, inspection):
        return await lose(core, held, Reason.TOKEN_REFUSED, actor, somebody_elses_token())
    if connect.useless(platform, inspection):
        return await lose(core, held, Reason.PERMISSIONS_MISSING, actor)
    accounts: tuple[AdAccount, ...] | None = None
    not_listed: PlatformError | None = None
    try:
        known = held.connection.ad_accounts
        accounts, not_listed = await within_lease(listing.list_accounts(platform, inspection.grant, known))
    except Unavailable as error:
        not_listed = error
    assets = await _assets(core, held, inspection.grant, accounts, not_listed)
    inspection = replace(inspection, grant=listing.placed(inspection.grant, not_listed))
    async with core.store.writing() as tx:
        await still_held(tx, held)
        connection = await load(tx, held.connection.id)
        await connect.put_grant(tx, core, connection, inspection.grant, "live")
        if accounts is not None:
            connection = await listing.put_accounts(tx, core, connection, accounts, actor)
        if assets is not None:
            await asset_lists.put(tx, core, connection, assets, actor)
        await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
        after = await apply_inspection(tx, core, connection, inspection, actor)
        if listing.ran_out(not_listed):
            await tx.run(sql.connection_due_by, id=after.id, at=core.clock() + listing.AGAIN)
    another = inspection.grant.access_token != grant.access_token
    return Outcome(after, after.status is not held.connection.status, not_listed=not_listed, new_token=another)


async def _assets(
    core: Core, held: Held, grant: Grant, accounts: tuple[AdAccount, ...] | None, not_listed: PlatformError | None
) -> AssetList | None:
    """What there is beside ad accounts, once a day; None where it is not asked for now, or not known."""
    platform = core.platform(held.connection.platform)
    if not platform.asset_kinds or isinstance(not_listed, RateLimited):
        return None
    before = await asset_lists.kept_by(core, held.connection.id)
    if not before.due(core.clock()):
        return None
    try:
        known = held.connection.ad_accounts if accounts is None else accounts
        return await within_lease(asset_lists.list_assets(platform, grant, known, before))
    except Unavailable:
        return None


async def _not_verified(core: Core, held: Held, grant: Grant, error: PlatformError, actor: str) -> Outcome:
    match error:
        case TokenRefused():
            if grant.refresh_token is not None and held.connection.status is not Status.NEEDS_RECONNECT:
                return await renew(core, replace(held, admitted=True, probe=False), actor)
            return await lose(core, held, why_lost(held.connection, grant, error.reason), actor, error)
        case PermissionRefused():
            return await lose(core, held, Reason.PERMISSIONS_MISSING, actor, error)
        # The operator set up another app, which cannot use the tokens of the one before.
        case Rejected() if error.problem != "platform_refused":
            return await lose(core, held, Reason.TOKEN_REFUSED, actor, error)
        case _:
            return await put_off(core, held, error, actor)


async def verify_waiting(core: Core, held: Held) -> bool:
    """Ask about the token that was stored while its platform could not be reached; False when there is none."""
    connection = held.connection
    async with core.store.reading() as tx:
        row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="pending")
    if row is None:
        return False
    platform = core.platform(connection.platform)
    waiting = await core.vault.open_grant(connection.binding("pending"), row["sealed"])
    kept = Kept(core, platform, connection.binding("pending"), waiting.access_token)
    grant = await kept.pair() or waiting
    try:
        async with pacing.asking(core, platform.name, held.admitted, held.probe):
            # One without a refresh token waits only where this service itself was issued it.
            found = await connect.examine(platform, grant, kept if grant.refresh_token else None)
        connect.refuse_useless(platform, found)
        async with core.store.writing() as tx:
            await still_held(tx, held)
            await tx.run(sql.grant_delete, connection_id=connection.id, slot="pending")
            await kept.used(tx)
            await connect.attach(
                tx,
                core,
                connection.binding("live"),
                found,
                actor=WAITING_ACTOR,
                replace_identity=bool(row["replaces"]),
            )
    except PlatformError as answered:
        error = await app_trouble.whose(core, platform, answered)
        if not isinstance(error, Unavailable | RateLimited | Misconfigured):
            await _refuse_waiting(core, held, error, kept)
            return True
        if answered.issued:
            await _keep_waiting(core, held, answered.issued, bool(row["replaces"]), kept)
        await put_off(core, held, error, WAITING_ACTOR)
    except Problem as problem:
        await _refuse_waiting(core, held, problem, kept)
    return True


async def _keep_waiting(core: Core, held: Held, grant: Grant, replaces: bool, kept: Kept) -> None:
    """Store the grant that a renewal returned in place of the waiting one, unless somebody else took over."""
    async with core.store.writing() as tx:
        if await tx.one(sql.lease_held, id=held.connection.id, fence=held.fence):
            await kept.used(tx)
            await connect.put_grant(tx, core, held.connection, grant, "pending", replaces=replaces)


async def _refuse_waiting(core: Core, held: Held, error: PlatformError | Problem, kept: Kept) -> None:
    """Delete the waiting token, which the platform refused. A live grant is served as before."""
    reason = error.reason if isinstance(error, TokenRefused) else Reason.TOKEN_REFUSED
    async with core.store.writing() as tx:
        await still_held(tx, held)
        connection = await load(tx, held.connection.id)
        await tx.run(sql.grant_delete, connection_id=connection.id, slot="pending")
        await record(tx, core, connection, "connection.token_refused", WAITING_ACTOR, message=str(error))
        if connection.status is Status.UNVERIFIED and held.grant:
            # The grant before it is still stored; whether it is good must be asked next.
            await tx.run(sql.connection_due, id=connection.id, due_at=core.clock(), attempts=0)
        elif connection.status is Status.UNVERIFIED:
            await change_status(tx, core, connection, Status.NEEDS_RECONNECT, reason, WAITING_ACTOR, due_at=None)
    await kept.revoke()
