"""How a brand becomes connected: a token is examined at its platform, sealed, and put under its brand."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount, Grant, Inspection, Reason, Secret, Status
from symphony_connect.connections import adopted, app_trouble, asset_lists, handed_over, listing, refusals, sql, strays
from symphony_connect.connections.brought import Kept, inspect_brought, unprovable
from symphony_connect.connections.connection import Connection, active_connection, check_bounds
from symphony_connect.connections.event_types import EventType
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import problem_of
from symphony_connect.connections.status import apply_inspection, change_status
from symphony_connect.core import Core
from symphony_connect.platforms.assets import AssetList
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError, RateLimited, Unavailable
from symphony_connect.store import search
from symphony_connect.store.db import Transaction
from symphony_connect.vault.vault import Binding


@dataclass(frozen=True)
class Found:
    """What the platform said of a token: whose, good for what, and which ad accounts (None: not known)."""

    inspection: Inspection
    accounts: tuple[AdAccount, ...] | None
    complete: bool = True
    """False where some ad accounts, or all, could not be listed now."""
    assets: AssetList | None = None
    """What there is beside ad accounts; None: not known, or the platform has none."""


@dataclass(frozen=True)
class Registration:
    """A token that a caller brings."""

    brand_id: int
    platform: str
    access_token: Secret
    refresh_token: Secret | None = None
    expires_in: int | None = None
    """Seconds, as the platform said when it issued the token; 0 or None: no known end."""
    name: str | None = None
    replace_identity: bool = False
    adopted: bool = False
    """One of many that are moved in at once: the platform is asked at its pace, and the connection remembers which
    token it was, so that the same file can be read again."""
    ad_accounts: tuple[str, ...] | None = None
    """Which ad accounts the brand is to use; those that the token does not reach are left out. None: as before."""


async def examine(platform: Platform, grant: Grant, brought: Kept | None = None) -> Found:
    """Ask the platform about a fresh grant and make it last. Raises PlatformError.

    A grant that could not be made to last now is kept as it is: renewal tries again. `brought` is given for one
    that this service was not issued itself, which may be another app's: the place of the pair that its refresh token
    may be exchanged for.
    """
    inspection = await (inspect_brought(platform, grant, brought) if brought else platform.inspect(grant))
    try:
        longer = await platform.extend(inspection.grant)
        if longer != inspection.grant:
            inspection = await platform.inspect(longer)
    except (Unavailable, RateLimited):
        pass
    accounts, error = await listing.list_accounts(platform, inspection.grant)
    inspection = replace(inspection, grant=listing.placed(inspection.grant, error))
    limited = isinstance(error, RateLimited)
    assets = None if limited else await asset_lists.list_assets(platform, inspection.grant, accounts)
    return Found(inspection, accounts, complete=error is None, assets=assets)


async def register(core: Core, caller: Caller, ask: Registration) -> Connection:
    """Examine, seal and attach a token that a caller brings.

    The result is `unverified`, or unchanged with a grant waiting beside it, when the platform is out
    of reach. Raises Problem, and adopted.Paused for an adopted one; then nothing is stored.
    """
    check_bounds(core, caller, ask.brand_id, ask.platform, "adPlatform")
    platform = core.configured(ask.platform)
    binding = Binding(caller.workspace_id, ask.brand_id, ask.platform, "grant")
    kept = Kept(core, platform, binding, ask.access_token)
    grant, brought = await _registered_grant(core, caller, ask, kept)
    try:
        async with adopted.pace(core, ask.platform) if ask.adopted else nullcontext():
            found = await examine(platform, grant, kept if brought else None)
        refuse_useless(platform, found)
    except adopted.Paused:
        raise
    except (Unavailable, RateLimited) as error:
        if brought and not platform.tells_whose_app and grant.refresh_token is None:
            raise problem_of(unprovable(platform), platform, core.clock()) from None
        return await _keep_unverified(caller, ask, error.issued or grant, kept)
    except PlatformError as error:
        meant = await app_trouble.whose(core, platform, error)
        if not isinstance(meant, Misconfigured):
            await kept.revoke()
        raise problem_of(meant, platform, core.clock()) from error
    except Problem:
        await kept.revoke()
        raise
    async with core.store.writing() as tx:
        await kept.used(tx)
        connection = await attach(
            tx,
            core,
            binding,
            found,
            actor=caller.key_id,
            name=ask.name,
            replace_identity=ask.replace_identity and not caller.publishable,
            displaces=not caller.publishable,
        )
        if ask.ad_accounts is not None:
            chosen = adopted.reached(ask.ad_accounts, connection.ad_accounts)
            connection = await choose(tx, core, connection, chosen, caller.key_id)
        await adopted.remember(tx, connection.id, ask.access_token, wanted=ask.adopted)
        return connection


def useless(platform: Platform, inspection: Inspection) -> bool:
    """Whether the platform says that none of what is configured was granted."""
    return bool(platform.scopes) and set(platform.scopes) <= set(inspection.missing_scopes)


def refuse_useless(platform: Platform, found: Found) -> None:
    """A token with none of the configured scopes connects nothing. Raises Problem `permissions_missing`."""
    if useless(platform, found.inspection):
        raise Problem(
            "permissions_missing",
            f"None of the permissions asked for were granted at {platform.login_name}. Nothing was stored.",
        )


async def _registered_grant(core: Core, caller: Caller, ask: Registration, kept: Kept) -> tuple[Grant, bool]:
    """The token, joined with what was kept back when this service handed it to a page; True when it did not."""
    issued = await handed_over.use(core, caller, ask.brand_id, ask.platform, ask.access_token)
    if issued is not None:
        return replace(issued, access_token=ask.access_token), False
    if caller.publishable:
        raise Problem(
            "token_not_issued_here",
            "A publishable key may register only a token that this service handed to its page in the "
            "last 15 minutes. Sign in again, or use a secret key from your server.",
        )
    expires_at = None if not ask.expires_in else core.clock() + ask.expires_in * 1000
    pair = await kept.pair()
    return pair or Grant(ask.access_token, refresh_token=ask.refresh_token, expires_at=expires_at), True


async def attach(
    tx: Transaction,
    core: Core,
    binding: Binding,
    found: Found,
    *,
    actor: str,
    name: str | None = None,
    replace_identity: bool = False,
    displaces: bool = True,
) -> Connection:
    """Put an examined grant under its brand, in the caller's transaction.

    In place where the brand was connected before: same id, selection and history. `displaces`: whether a
    token that waits for its platform gives way (a publishable key's registration displaces nothing).
    Raises Problem `identity_mismatch` when that was somebody else and nobody allowed the change.
    """
    now = core.clock()
    # First, because it locks the brand's row: two sign-ins of one brand take their turns.
    await tx.run(sql.brand_put, workspace_id=binding.workspace_id, brand_id=binding.brand_id, name=name, at=now)
    before = await active_connection(tx, binding.workspace_id, binding.brand_id, binding.platform)
    identity = found.inspection.identity
    if before and not displaces and (before.identity is None or before.identity.id != identity.id):
        raise refusals.somebody_elses(binding.brand_id)
    if before and before.identity and before.identity.id != identity.id:
        if not replace_identity:
            raise refusals.identity_mismatch(binding.brand_id, before.identity, identity)
        await strays.set_aside(tx, core, before, "live")
        await tx.run(sql.connection_selected, id=before.id, selected=None)
        await asset_lists.forget(tx, before.id)
        before = replace(before, selected=None)
    connection = before or await _new_connection(tx, core, binding, Status.CONNECTED)
    await tx.all(sql.siblings_lock, platform=binding.platform, identity_id=identity.id)
    # Whoever is renewing the old grant at this moment must not overwrite the new one.
    await tx.one(sql.lease_break, id=connection.id)
    await tx.run(sql.journal_close, connection_id=connection.id)
    if displaces:
        await strays.set_aside(tx, core, connection, "pending", unless=found.inspection.grant)
    await put_grant(tx, core, connection, found.inspection.grant, "live")
    if found.accounts is not None:
        connection = await listing.put_accounts(tx, core, connection, found.accounts, actor)
    if found.assets is not None:
        await asset_lists.put(tx, core, connection, found.assets, actor)
    connection = replace(connection, announced_days=None)
    await tx.run(sql.connection_announced, id=connection.id, days=None)
    first = before is None or before.identity is None
    event: EventType = "connection.connected" if first else "connection.reconnected"
    await record(tx, core, connection, event, actor, identity=asdict(identity))
    siblings = {"platform": binding.platform, "identity_id": identity.id, "id": connection.id}
    await tx.run(sql.siblings_due, **siblings, now=now)
    await tx.run(sql.siblings_revived, **siblings, now=now)
    settled = await apply_inspection(tx, core, connection, found.inspection, actor, issued_at=now)
    if not found.complete:
        await tx.run(sql.connection_due_by, id=settled.id, at=now + listing.AGAIN)
    return settled


async def choose(
    tx: Transaction, core: Core, connection: Connection, chosen: tuple[str, ...] | None, actor: str
) -> Connection:
    """Say which ad accounts the brand uses, by id; None: all that there are."""
    await tx.run(sql.connection_selected, id=connection.id, selected=json.dumps(chosen) if chosen is not None else None)
    await record(tx, core, connection, "connection.selected", actor, selected=chosen)
    return replace(connection, selected=chosen)


async def _new_connection(tx: Transaction, core: Core, binding: Binding, status: Status) -> Connection:
    id = core.ids.new("conn")
    await tx.run(
        sql.connection_add,
        id=id,
        workspace_id=binding.workspace_id,
        brand_id=binding.brand_id,
        platform=binding.platform,
        status=status,
        at=core.clock(),
    )
    row = await tx.one(sql.connection_by_id, id=id)
    assert row is not None
    return Connection.of(row)


async def put_grant(
    tx: Transaction, core: Core, connection: Connection, grant: Grant, slot: str, *, replaces: bool = False
) -> None:
    """Seal and store. The store never sees the grant in clear."""
    await tx.run(
        sql.grant_put,
        connection_id=connection.id,
        slot=slot,
        sealed=await core.vault.seal_grant(tx, connection.binding(slot), grant),
        at=core.clock(),
        replaces=int(replaces),
    )


async def _keep_unverified(caller: Caller, ask: Registration, grant: Grant, kept: Kept) -> Connection:
    """The platform is out of reach: keep the grant sealed and unserved until the platform confirms it.

    A grant that works already goes on serving; one that needs reconnecting gives way. A publishable key
    stores one only where there is no connection, because it is not known yet whose token it is.
    """
    core, binding, now = kept.core, kept.binding, kept.core.clock()
    async with core.store.writing() as tx:
        await tx.run(sql.brand_put, workspace_id=caller.workspace_id, brand_id=ask.brand_id, name=ask.name, at=now)
        before = await active_connection(tx, binding.workspace_id, binding.brand_id, binding.platform)
        if before and caller.publishable:
            if await _waits_already(tx, core, before, grant):
                return replace(before, waiting=True)
            raise refusals.not_now(core.platform(ask.platform).display_name)
        connection = before or await _new_connection(tx, core, binding, Status.UNVERIFIED)
        replaces = ask.replace_identity and not caller.publishable
        await kept.used(tx)
        await strays.set_aside(tx, core, connection, "pending", unless=grant)
        await put_grant(tx, core, connection, grant, "pending", replaces=replaces)
        await search.keep(tx, binding.workspace_id, binding.brand_id)
        serving = before is not None and before.status in (Status.CONNECTED, Status.EXPIRING)
        unverified = (Status.UNVERIFIED, Reason.PLATFORM_UNREACHABLE)
        status, reason = (connection.status, connection.reason) if serving else unverified
        waits = await change_status(tx, core, connection, status, reason, caller.key_id, due_at=now + MINUTE)
        if (waits.status, waits.reason) == (connection.status, connection.reason):
            await record(tx, core, connection, "token.waiting", caller.key_id)
        await adopted.remember(tx, connection.id, ask.access_token, wanted=ask.adopted)
    return replace(waits, waiting=True)


async def _waits_already(tx: Transaction, core: Core, connection: Connection, grant: Grant) -> bool:
    """Whether this very token is the one that waits, so that sending it twice is harmless."""
    row = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="pending")
    if row is None:
        return False
    waiting = await core.vault.open_grant(connection.binding("pending"), row["sealed"])
    return waiting.access_token == grant.access_token
