"""The one place where a connection's status changes, and where it is decided when to look at it next."""

from __future__ import annotations

import json
from dataclasses import replace

from symphony_connect.clock import DAY, MINUTE
from symphony_connect.core import Connection, Core, record
from symphony_connect.model import Grant, Inspection, Reason, Status, may_move
from symphony_connect.store.db import Session

ANNOUNCE_DAYS = (14, 7, 1)
"""Days before its end at which a connection that only a person can prolong is announced."""
MARGIN = 10 * MINUTE
"""How far our clock and a platform's may be apart: a token this close to its end is not served."""


def person_needed_at(connection: Connection, grant: Grant) -> tuple[int, Reason] | None:
    """When this connection ends unless its owner signs in again, and of what; None when it has no known end.

    A token with a refresh token behind it ends with that one. Meta's data access is a clock of its own.
    """
    token_end = connection.refresh_expires_at if grant.refresh_token else connection.expires_at
    ends = [
        (token_end, Reason.TOKEN_ENDS_SOON),
        (connection.data_access_expires_at, Reason.DATA_ACCESS_ENDS_SOON),
    ]
    known = [(end, reason) for end, reason in ends if end is not None]
    return min(known, key=lambda end: end[0]) if known else None


def standing(connection: Connection, grant: Grant, now: int) -> tuple[Status, Reason | None]:
    """What a connection with a living grant is good for now."""
    end = person_needed_at(connection, grant)
    if end is None or end[0] - now > ANNOUNCE_DAYS[0] * DAY:
        return Status.CONNECTED, None
    at, why = end
    if at - now > 0:
        return Status.EXPIRING, why
    ended = Reason.DATA_ACCESS_EXPIRED if why is Reason.DATA_ACCESS_ENDS_SOON else Reason.EXPIRED
    return Status.NEEDS_RECONNECT, ended


def next_due(core: Core, connection: Connection, grant: Grant, now: int, *, renewal_not_before: int = 0) -> int:
    """The earliest moment at which there is something to do: renew, verify, announce or end."""
    platform = core.platform(connection.platform)
    moments = [(connection.verified_at or now) + platform.verify_every]
    renew_at = platform.renew_at(grant, connection.issued_at or now)
    if renew_at is not None:
        moments.append(max(renew_at, renewal_not_before))
    end = person_needed_at(connection, grant)
    if end:
        days = [end[0] - day * DAY for day in (*ANNOUNCE_DAYS, 0)]
        moments += [moment for moment in days if moment > now][:1]
    # Grants that were issued together should not all come due together.
    return max(min(moments), now) + core.random.randrange(MINUTE)


async def move(
    session: Session,
    core: Core,
    connection: Connection,
    status: Status,
    reason: Reason | None,
    actor: str,
    *,
    due_at: int | None,
) -> None:
    """Change the status, with its reason and an event. Raises ValueError on a move that is not legal."""
    if not may_move(connection.status, status):
        raise ValueError(f"{connection.id} cannot go from {connection.status} to {status}")
    changed = (status, reason) != (connection.status, connection.reason)
    at = core.clock() if changed else connection.status_at
    await session.run("connection_status", id=connection.id, status=status, reason=reason, at=at, due_at=due_at)
    if changed:
        before = {"status": connection.status, "reason": connection.reason}
        await record(session, core, connection, "connection.status", actor, before=before, status=status, reason=reason)


async def settle(
    session: Session,
    core: Core,
    connection: Connection,
    inspection: Inspection,
    actor: str,
    *,
    issued_at: int | None = None,
    renewed_at: int | None = None,
    renewal_not_before: int = 0,
) -> Connection:
    """Write down what the platform says of the live grant, and the status that follows from it."""
    now, grant = core.clock(), inspection.grant
    after = replace(
        connection,
        identity=inspection.identity,
        scopes=grant.scopes,
        missing_scopes=inspection.missing_scopes,
        issued_at=issued_at if issued_at is not None else connection.issued_at,
        expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        data_access_expires_at=grant.data_access_expires_at,
        verified_at=now,
        renewed_at=renewed_at if renewed_at is not None else connection.renewed_at,
    )
    await session.run(
        "connection_granted",
        id=after.id,
        identity_id=inspection.identity.id,
        identity_name=inspection.identity.name,
        scopes=None if grant.scopes is None else json.dumps(grant.scopes),
        missing_scopes=json.dumps(inspection.missing_scopes),
        **{name: getattr(after, name) for name in _TIMES},
    )
    status, reason = standing(after, grant, now)
    due_at = None
    if status is not Status.NEEDS_RECONNECT:
        due_at = next_due(core, after, grant, now, renewal_not_before=renewal_not_before)
    await move(session, core, connection, status, reason, actor, due_at=due_at)
    return replace(after, status=status, reason=reason)


_TIMES = (
    "issued_at",
    "expires_at",
    "refresh_expires_at",
    "data_access_expires_at",
    "verified_at",
    "renewed_at",
)
