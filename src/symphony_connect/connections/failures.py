"""What follows when a platform says no, or nothing: the connection is lost, or its turn is put off.

Every function here works under a lease (`lease.py`) and gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.clock import DAY, HOUR, MINUTE, SECOND
from symphony_connect.base.errors import Code, Problem
from symphony_connect.base.model import Grant, Inspection, Reason, Status
from symphony_connect.connections import pacing, sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.connections.lease import Held, load, still_held
from symphony_connect.connections.status import announce, change_status, soon_if_waiting, status_until_ends
from symphony_connect.core import Core
from symphony_connect.platforms.base import (
    Denied,
    Misconfigured,
    PermissionRefused,
    Platform,
    PlatformError,
    RateLimited,
    Rejected,
    TokenRefused,
    Unavailable,
)
from symphony_connect.store.db import Transaction

BACK_OFF = (30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR)
"""Between tries while a platform is out of reach."""
READER_GAP = 30 * SECOND
"""Between tries on behalf of readers, who need the token now, whatever the worker's back-off has grown to."""
SERVED = (Status.CONNECTED, Status.EXPIRING)
CURABLE = (Reason.CHECKPOINT, Reason.PERMISSIONS_MISSING, Reason.TOKEN_REFUSED)
"""Lost, but the same token may work again: its owner clears it at the platform, or the operator the app's settings."""
REFUSALS = (TokenRefused, PermissionRefused, Rejected)
APP_AGAIN = 30 * MINUTE
"""Between tries where the platform refuses our app or our request."""


@dataclass(frozen=True)
class Outcome:
    """What a renewal or verification came to. `error` is the platform's, when it failed."""

    connection: Connection
    changed: bool
    error: PlatformError | None = None
    not_listed: PlatformError | None = None
    """Why the ad accounts could not all be listed, although the token is good."""
    new_token: bool = False
    """Whether the access token is another one than before."""


async def lose(core: Core, held: Held, reason: Reason, actor: str, error: PlatformError | None = None) -> Outcome:
    """Only the owner can help now. Other connections of the same person are checked at once."""
    identity, platform = held.connection.identity, held.connection.platform
    async with core.store.writing() as tx:
        if identity:
            await tx.all(sql.siblings_lock, platform=platform, identity_id=identity.id)
        await still_held(tx, held)
        connection = await load(tx, held.connection.id)
        await tx.run(sql.journal_close, connection_id=connection.id)
        now = core.clock()
        due_at = _look_again(connection, reason, error, now)
        due_at = await soon_if_waiting(tx, connection, due_at, now)
        await tx.run(sql.connection_due, id=connection.id, due_at=None, attempts=0)
        lost = await change_status(tx, core, connection, Status.NEEDS_RECONNECT, reason, actor, due_at=due_at)
        if identity and connection.status in SERVED:
            of = {"platform": platform, "identity_id": identity.id, "id": connection.id}
            await tx.run(sql.siblings_due, **of, now=core.clock())
    return Outcome(lost, True, error)


def another_person(connection: Connection, inspection: Inspection) -> bool:
    """Whether the platform names somebody else than the person who connected this."""
    return connection.identity is not None and connection.identity.id != inspection.identity.id


def somebody_elses_token() -> Rejected:
    """For a stored or renewed token that turns out to be another person's: it is neither stored nor served."""
    return Rejected("the platform says that this token is another person's", problem="token_refused")


def _look_again(connection: Connection, reason: Reason, error: PlatformError | None, now: int) -> int | None:
    """When to try a lost token again; None when it cannot recover by itself."""
    if connection.status in SERVED and isinstance(error, REFUSALS) and error.could_be_app:
        return now + HOUR
    return now + DAY if reason in CURABLE else None


async def put_off(
    core: Core,
    held: Held,
    error: PlatformError,
    actor: str,
    *,
    renewing: bool = False,
    nothing_spent: bool = False,
) -> Outcome:
    """Nothing is known of the grant: leave it as it is and come back later, unless its end has come.

    The rotation journal is closed only by whoever knows that the refresh token is not spent (`nothing_spent`).
    """
    now, grant = core.clock(), held.grant
    paused = isinstance(error, pacing.Paused)
    if grant and held.connection.status in SERVED and not paused:
        status, reason = status_until_ends(held.connection, grant, now)
        if status is Status.NEEDS_RECONNECT and reason is not None:
            return await lose(core, held, reason, actor, error)
    due_at = _again_at(core, held.connection, error)
    async with core.store.writing() as tx:
        await still_held(tx, held)
        connection = await load(tx, held.connection.id)
        if nothing_spent:
            await tx.run(sql.journal_close, connection_id=connection.id)
        attempts = connection.attempts + (0 if paused else 1)
        await tx.run(sql.connection_due, id=connection.id, due_at=due_at, attempts=attempts)
        if renewing:
            await tx.run(sql.connection_renew_after, id=connection.id, at=_readers_may_at(now, due_at, error))
        if connection.attempts == 0 and not paused:
            data = {"until": due_at, "platform_error": words(error)}
            await record(tx, core, connection, "connection.put_off", actor, **data)
        if grant and connection.status in SERVED:
            connection = await _announce_and_warn(tx, core, connection, grant, error, actor, due_at)
    return Outcome(connection, False, error)


def _again_at(core: Core, connection: Connection, error: PlatformError) -> int:
    """What the platform said, a growing pause, or half an hour where only an operator can help."""
    now = core.clock()
    wait = BACK_OFF[min(connection.attempts, len(BACK_OFF) - 1)]
    if not isinstance(error, Unavailable | RateLimited):
        wait = APP_AGAIN
    asked_for = _retry_at(error, now)
    at = asked_for if isinstance(error, pacing.Paused) else max(now + wait, asked_for)
    return at + core.random.randrange(wait // 4)


def _readers_may_at(now: int, due_at: int, error: PlatformError) -> int:
    """Sooner than the worker comes again, but not before the platform wants to be asked."""
    return max(min(due_at, now + READER_GAP), _retry_at(error, now))


def _retry_at(error: PlatformError, now: int) -> int:
    """Until when the platform wants to be left alone; 0 where it did not say."""
    return min(error.retry_at or 0, now + pacing.LONGEST)


async def _announce_and_warn(
    tx: Transaction, core: Core, connection: Connection, grant: Grant, error: PlatformError, actor: str, due_at: int
) -> Connection:
    """While renewal fails: announces what a person must do, and marks the connection `expiring` in its last hour."""
    await announce(tx, core, connection, grant, actor)
    ends = grant.expires_at
    if connection.status is not Status.CONNECTED or ends is None or ends - core.clock() > HOUR:
        return connection
    ours = isinstance(error, Misconfigured)
    reason = Reason.PLATFORM_MISCONFIGURED if ours else Reason.PLATFORM_UNREACHABLE
    return await change_status(tx, core, connection, Status.EXPIRING, reason, actor, due_at=due_at)


def problem_of(error: PlatformError, platform: Platform, now: int) -> Problem:
    """The problem to answer with. It holds the platform's own words, never a token."""
    name = platform.display_name
    code, message = _code_and_message(error, name)
    retry_after = None
    if error.retry_at is not None:
        retry_after = max(1, (error.retry_at - now) // SECOND)
    # Where no platform answered there are no words of its own.
    return Problem(code, message, platform=words(error) if error.code else None, retry_after=retry_after)


def words(error: PlatformError) -> dict[str, str | None]:
    """The platform's own code, subcode and message."""
    return {"code": error.code, "subcode": error.subcode, "message": error.message}


def _code_and_message(error: PlatformError, name: str) -> tuple[Code, str]:
    match error:
        case TokenRefused():
            # Platforms use one answer for a token they took back and for one they never issued.
            why = "invalid, or revoked" if error.reason is Reason.REVOKED else error.reason.replace("_", " ")
            return "token_refused", f"{name} does not accept this token ({why}). Nothing was stored."
        case Rejected():
            return error.problem, f"{name} refused: {_sentence(error)} Nothing was stored."
        case PermissionRefused():
            return "permissions_missing", f"The owner did not grant what this needs: {_sentence(error)}"
        case RateLimited():
            return "platform_rate_limited", f"{name} wants fewer calls for a while."
        case Misconfigured():
            return (
                "platform_misconfigured",
                f"{name} refuses this server's app: {_sentence(error)} Run: symphony-connect doctor",
            )
        case Denied():
            return "platform_refused", f"{name} refused the request: {_sentence(error)}"
        case _:
            return "platform_unavailable", f"{name} cannot be reached now. Nothing was lost; try again."


def _sentence(error: PlatformError) -> str:
    """The platform's message as a sentence, with a full stop."""
    return f"{error.message.rstrip('.')}."
