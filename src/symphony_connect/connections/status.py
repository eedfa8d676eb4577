"""The one place where a connection's status changes, and where it is decided when to look at it next."""

from __future__ import annotations

import json
from dataclasses import replace

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Grant, Inspection, Reason, Status, may_change
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.event_types import of_change
from symphony_connect.connections.events import record
from symphony_connect.connections.pacing import spacing
from symphony_connect.core import Core
from symphony_connect.store import search
from symphony_connect.store.db import Transaction

ANNOUNCE_DAYS = (14, 7, 1)
"""Days before its end at which a connection that only a person can prolong is announced."""
MARGIN = 10 * MINUTE
"""How far our clock and a platform's may be apart: a token this close to its end is not served."""
LATEST = 2 * HOUR
"""How far into the time left for it a renewal may be put, so that not all come at once."""


def person_needed_at(connection: Connection, grant: Grant) -> tuple[int, Reason] | None:
    """When this connection ends unless its owner signs in again, and of what; None when it has no known end.

    With a refresh token, the end of that one counts. A platform's permission to read data may end on a date of its own.
    """
    token_end = connection.refresh_expires_at if grant.refresh_token else connection.expires_at
    ends = [
        (token_end, Reason.TOKEN_ENDS_SOON),
        (connection.data_access_expires_at, Reason.DATA_ACCESS_ENDS_SOON),
    ]
    known = [(end, reason) for end, reason in ends if end is not None]
    return min(known, key=lambda end: end[0]) if known else None


def status_until_ends(connection: Connection, grant: Grant, now: int) -> tuple[Status, Reason | None]:
    """Status and reason that follow from when the grant ends."""
    end = person_needed_at(connection, grant)
    if end is None or end[0] - now > ANNOUNCE_DAYS[0] * DAY:
        return Status.CONNECTED, None
    at, why = end
    ended = Reason.DATA_ACCESS_EXPIRED if why is Reason.DATA_ACCESS_ENDS_SOON else Reason.EXPIRED
    if at - now > MARGIN:
        return Status.EXPIRING, why_lost(connection, grant, why)
    return Status.NEEDS_RECONNECT, why_lost(connection, grant, ended)


def why_lost(connection: Connection, grant: Grant, reason: Reason) -> Reason:
    """Keeps `outcome_unknown` as the reason, instead of `expired`, when a lost renewal answer caused the end."""
    if connection.reason is not Reason.OUTCOME_UNKNOWN:
        return reason
    ends = grant.refresh_token is None and reason in (Reason.EXPIRED, Reason.TOKEN_ENDS_SOON)
    stays = connection.status is Status.NEEDS_RECONNECT and reason is Reason.EXPIRED
    return Reason.OUTCOME_UNKNOWN if ends or stays else reason


def renewal_at(core: Core, connection: Connection, grant: Grant) -> int | None:
    """When renewal is next tried; None when this grant cannot be renewed, or is renewed by whoever reads it."""
    platform = core.platform(connection.platform)
    if platform.renews_when_read:
        return None
    at = platform.renew_at(grant, connection.issued_at or 0)
    return None if at is None else max(at, connection.renew_after or 0)


def next_due(core: Core, connection: Connection, pressing: int | None, now: int) -> int:
    """The earliest moment at which there is something to do: renew, verify, announce or end.

    Grants that were issued together do not all come due together: verification comes a little early,
    renewal a little into the time left for it.
    """
    every = check_every(core, connection.platform)
    check = (connection.verified_at or now) + every - core.random.randrange(every // 10)
    moments = [check] if pressing is None else [check, pressing]
    return max(min(moments), now) + core.random.randrange(MINUTE)


def check_every(core: Core, platform: str) -> int:
    """Milliseconds from one check to the next: the platform's own, or what its pace allows where there are too many."""
    of = core.platform(platform)
    return max(of.verify_every, core.tended.get(platform, 0) * spacing(of))


def pressing_at(core: Core, connection: Connection, grant: Grant, now: int) -> int | None:
    """When something ends unless it is renewed or announced, which no check of another may hold up."""
    moments = []
    renewal = renewal_at(core, connection, grant)
    if renewal is not None:
        left = max((grant.expires_at or renewal) - renewal, 0)
        moments.append(renewal + core.random.randrange(min(left // 8, LATEST) + 1))
    end = person_needed_at(connection, grant)
    if end:
        days = [*(end[0] - day * DAY for day in ANNOUNCE_DAYS), end[0] - MARGIN]
        moments += [moment for moment in days if moment > now][:1]
    return min(moments, default=None)


async def announce(tx: Transaction, core: Core, connection: Connection, grant: Grant, actor: str) -> None:
    """Write an event once at each of 14, 7 and 1 days before an end that needs its owner; again for a new end."""
    end, said, now = person_needed_at(connection, grant), connection.announced_days, core.clock()
    left = end[0] - now if end else None
    passed = min((day for day in ANNOUNCE_DAYS if left is not None and left <= day * DAY), default=None)
    if passed is not None and end and (said is None or passed < said):
        await tx.run(sql.connection_announced, id=connection.id, days=passed)
        await record(tx, core, connection, "connection.expiring", actor, days=passed, at=end[0], reason=end[1])
    # An hour's slack: a clock set back a little does not count as a later end.
    elif said is not None and (left is None or left > said * DAY + HOUR):
        await tx.run(sql.connection_announced, id=connection.id, days=passed)


async def change_status(
    tx: Transaction,
    core: Core,
    connection: Connection,
    status: Status,
    reason: Reason | None,
    actor: str,
    *,
    due_at: int | None,
) -> Connection:
    """Change the status, with its reason and an event; returns the connection as it now stands.

    Raises ValueError on a change that `model.may_change` does not allow, Problem `busy` when it was
    disconnected meanwhile.
    """
    if not may_change(connection.status, status):
        raise ValueError(f"{connection.id} cannot go from {connection.status} to {status}")
    changed = (status, reason) != (connection.status, connection.reason)
    at = core.clock() if changed else connection.status_at
    if not await tx.one(sql.connection_status, id=connection.id, status=status, reason=reason, at=at, due_at=due_at):
        raise Problem("busy", "The connection was disconnected meanwhile; look again.")
    if changed:
        before = {"status": connection.status, "reason": connection.reason}
        type = of_change(connection.status, status, confirmed=connection.identity is not None)
        await record(tx, core, connection, type, actor, before=before, status=status, reason=reason)
    return replace(connection, status=status, reason=reason, status_at=at, due_at=due_at)


async def soon_if_waiting(tx: Transaction, connection: Connection, due_at: int | None, now: int) -> int | None:
    """The due time; within a minute where another token waits for its platform to confirm it."""
    waiting = await tx.one(sql.grant_sealed, connection_id=connection.id, slot="pending")
    return now + MINUTE if waiting else due_at


async def apply_inspection(
    tx: Transaction,
    core: Core,
    connection: Connection,
    inspection: Inspection,
    actor: str,
    *,
    issued_at: int | None = None,
    renewed_at: int | None = None,
    renew_after: int | None = None,
) -> Connection:
    """Store what the platform says of the live grant, and the status that follows from it.

    `issued_at` is given for a grant that is another one, or ends later, than what was there before.
    """
    now, grant = core.clock(), inspection.grant
    same = issued_at is None
    after = replace(
        connection,
        reason=connection.reason if same else None,
        identity=inspection.identity,
        scopes=grant.scopes,
        missing_scopes=inspection.missing_scopes,
        issued_at=connection.issued_at if same else issued_at,
        expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        data_access_expires_at=grant.data_access_expires_at,
        verified_at=now,
        renewed_at=renewed_at if renewed_at is not None else connection.renewed_at,
        renew_after=renew_after or (connection.renew_after if same else None),
    )
    await _tell_reduced(tx, core, connection, grant, actor)
    end, pressing = person_needed_at(after, grant), pressing_at(core, after, grant, now)
    await tx.run(
        sql.connection_granted,
        id=after.id,
        ends_at=end[0] if end else None,
        ends_why=end[1] if end else None,
        pressing_at=pressing,
        identity_id=inspection.identity.id,
        identity_name=inspection.identity.name,
        scopes=None if grant.scopes is None else json.dumps(grant.scopes),
        missing_scopes=json.dumps(inspection.missing_scopes),
        **{name: getattr(after, name) for name in _TIMES},
    )
    await search.keep(tx, connection.workspace_id, connection.brand_id)
    status, reason = status_until_ends(after, grant, now)
    due_at = None
    if status is not Status.NEEDS_RECONNECT:
        due_at = next_due(core, after, pressing, now)
        await announce(tx, core, after, grant, actor)
    due_at = await soon_if_waiting(tx, connection, due_at, now)
    changed = await change_status(tx, core, connection, status, reason, actor, due_at=due_at)
    return replace(after, status=status, reason=reason, status_at=changed.status_at)


async def _tell_reduced(tx: Transaction, core: Core, connection: Connection, grant: Grant, actor: str) -> None:
    """Write an event where the grant holds less than the one before."""
    if connection.scopes is None or grant.scopes is None:
        return
    removed = [scope for scope in connection.scopes if scope not in grant.scopes]
    if removed:
        await record(
            tx, core, connection, "connection.permissions_changed", actor, removed=removed, scopes=grant.scopes
        )


_TIMES = (
    "issued_at",
    "expires_at",
    "refresh_expires_at",
    "data_access_expires_at",
    "verified_at",
    "renewed_at",
    "renew_after",
)
