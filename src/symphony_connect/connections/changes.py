"""What a caller may do with a connection now: verify it, renew it, choose its ad accounts, disconnect it.

The API and the dashboard call these; the worker does the same by itself when it is due (`worker.py`).
All of them raise Problem `unknown_platform`, `brand_not_found` or `connection_not_found`.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Status
from symphony_connect.connections import connect, disconnect, lease
from symphony_connect.connections.connection import Connection, find, not_connected
from symphony_connect.connections.disconnect import Receipt
from symphony_connect.connections.failures import Outcome, problem_of
from symphony_connect.connections.lease import Stale
from symphony_connect.connections.read_token import needs_reconnect
from symphony_connect.connections.renew import renew
from symphony_connect.connections.verify import verify, verify_waiting
from symphony_connect.core import Core
from symphony_connect.platforms.base import PartlyListed


@dataclass(frozen=True)
class Change:
    """A connection before and after it was verified or renewed."""

    before: Connection
    after: Connection
    new_token: bool = False
    """Whether the platform gave another access token for the one before."""

    @property
    def differences(self) -> list[str]:
        """A clause for each thing that changed."""
        before, after, found = self.before, self.after, []
        if after.status is not before.status:
            found.append(f"status is {after.status}, was {before.status}")
        ends, ended = (rfc3339(each.expires_at) or "never" for each in (after, before))
        # Before the platform confirmed the token, its end was not known.
        if ends != ended and before.status is not Status.UNVERIFIED:
            found.append(f"token ends {ends}, was {ended}")
        elif before.issued_at not in (None, after.issued_at):
            found.append(f"a new token, which ends {ends} like the one before")
        if after.scopes != before.scopes:
            found.append("scopes changed")
        return found


async def verify_now(core: Core, caller: Caller, brand_id: int, platform: str) -> Change:
    """Ask the platform whether the token is good, and store the answer.

    Raises Problem `busy`, `platform_unavailable` or the one for the platform's failure.
    """
    before = await find(core, caller, brand_id, platform)
    held = await lease.hold_or_wait(core, before.id)
    if not await _verified_waiting(core, held):
        if held.grant is not None:
            outcome = await _finished(core, held, verify(core, held, caller.key_id))
            return Change(before, outcome.connection, outcome.new_token)
        await lease.give_back(core, held)
    after = await find(core, caller, brand_id, platform)
    if after.status is Status.UNVERIFIED:
        name = core.platform(platform).display_name
        raise Problem("platform_unavailable", f"{name} cannot be reached now. Nothing was lost; try again.")
    return Change(before, after)


async def renew_now(core: Core, caller: Caller, brand_id: int, platform: str) -> Change:
    """Exchange the token for one that ends later.

    Raises NeedsReconnect, and Problem `unverified`, `not_renewable`, `busy` or the one for the platform's failure.
    """
    before = await find(core, caller, brand_id, platform)
    held = await lease.hold_or_wait(core, before.id)
    try:
        _check_renewable(core, held)
    except Problem:
        await lease.give_back(core, held)
        raise
    outcome = await _finished(core, held, renew(core, held, caller.key_id))
    return Change(before, outcome.connection, outcome.new_token)


async def refresh_ad_accounts(core: Core, caller: Caller, brand_id: int, platform: str) -> Connection:
    """The connection with its ad accounts as the platform lists them now.

    Raises NeedsReconnect, and Problem `unverified`, `busy` or the one for the platform's failure.
    """
    before = await find(core, caller, brand_id, platform)
    held = await lease.hold_or_wait(core, before.id)
    if held.grant is None:
        await lease.give_back(core, held)
        raise _unverified(core, platform)
    outcome = await _finished(core, held, verify(core, held, caller.key_id))
    not_listed = outcome.not_listed
    if outcome.connection.status is Status.NEEDS_RECONNECT:
        raise needs_reconnect(outcome.connection)
    if not_listed is not None and not isinstance(not_listed, PartlyListed):
        raise problem_of(not_listed, core.platform(platform), core.clock())
    return await find(core, caller, brand_id, platform)


async def choose_ad_accounts(
    core: Core, caller: Caller, brand_id: int, platform: str, chosen: list[str] | None
) -> Connection:
    """Store which of the connection's ad accounts the brand uses, by id. Empty: none; None: all, also later ones.

    Raises Problem `invalid_request`.
    """
    connection = await find(core, caller, brand_id, platform)
    known = {account.id for account in connection.ad_accounts or ()}
    unknown = [id for id in chosen or () if id not in known]
    if unknown:
        raise Problem(
            "invalid_request",
            f"{unknown[0][:60]!r} is not an ad account of this connection; GET lists them.",
            field="selected",
        )
    async with core.store.writing() as tx:
        return await connect.choose(
            tx, core, connection, None if chosen is None else tuple(dict.fromkeys(chosen)), caller.key_id
        )


async def disconnect_now(core: Core, caller: Caller, brand_id: int, platform: str) -> Receipt:
    """Destroy the grant here and revoke it at the platform."""
    connection = await find(core, caller, brand_id, platform)
    receipt = await disconnect.disconnect(core, connection, caller.key_id)
    if receipt is None:
        raise not_connected(True, brand_id, core.platform(platform))
    return receipt


def _check_renewable(core: Core, held: lease.Held) -> None:
    connection, grant = held.connection, held.grant
    if connection.status is Status.UNVERIFIED:
        raise _unverified(core, connection.platform)
    if connection.status is Status.NEEDS_RECONNECT or grant is None:
        raise needs_reconnect(connection)
    platform = core.platform(connection.platform)
    if platform.renew_at(grant, connection.issued_at or 0) is None:
        raise Problem(
            "not_renewable",
            f"{platform.display_name} issued this token without a way to renew it; it needs none, or a new sign-in.",
        )


def _unverified(core: Core, platform: str) -> Problem:
    name = core.platform(platform).display_name
    return Problem("unverified", f"The token is kept, but {name} has not confirmed it yet.")


async def _finished(core: Core, held: lease.Held, work: Awaitable[Outcome]) -> Outcome:
    """What the work came to. Raises Problem where the platform failed and the connection is not lost by it."""
    try:
        outcome = await work
    except Stale:
        raise _changed_meanwhile() from None
    if outcome.error is not None and outcome.connection.status is not Status.NEEDS_RECONNECT:
        raise problem_of(outcome.error, core.platform(held.connection.platform), core.clock())
    return outcome


async def _verified_waiting(core: Core, held: lease.Held) -> bool:
    try:
        return await verify_waiting(core, held)
    except Stale:
        raise _changed_meanwhile() from None


def _changed_meanwhile() -> Problem:
    return Problem("busy", "The connection was changed meanwhile; look again.")
