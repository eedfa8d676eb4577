"""Campaign code reports that a platform refused a token: the platform is asked, and the answer is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Status
from symphony_connect.base.redact import redact
from symphony_connect.connections import sql
from symphony_connect.connections.changes import Change, verify_now
from symphony_connect.connections.connection import Connection, find
from symphony_connect.connections.events import record
from symphony_connect.core import Core

EVERY = MINUTE
"""One key may report one connection so often: each report is a call to the platform."""

Found = Literal["good", "renewed", "needs_reconnect"]


@dataclass(frozen=True)
class Reported:
    """What asking the platform came to: the token is still good, there is a new one, or only the owner can help."""

    found: Found
    change: Change


async def report(
    core: Core, caller: Caller, brand_id: int, platform: str, code: str | None, message: str | None
) -> Reported:
    """Ask the platform about a token that a caller reports as refused. `code` and `message` are the platform's own.

    The report alone changes nothing. What is lost already is answered without a call to the platform.
    Raises Problem `too_many_requests`, `unknown_platform`, `brand_not_found`, `connection_not_found`, `busy`,
    `platform_unavailable` or the one for the platform's failure.
    """
    before = await find(core, caller, brand_id, platform)
    if before.status is Status.NEEDS_RECONNECT:
        return Reported("needs_reconnect", Change(before, before))
    await _note(core, caller, before, code, message)
    change = await verify_now(core, caller, brand_id, platform)
    return Reported(_found(change), change)


async def _note(core: Core, caller: Caller, connection: Connection, code: str | None, message: str | None) -> None:
    """Write the report down, which also counts it. Raises Problem `too_many_requests`."""
    now = core.clock()
    async with core.store.writing() as tx:
        row = await tx.one(
            sql.last_report, connection_id=connection.id, actor=caller.key_id, type="token.reported", since=now - EVERY
        )
        if row and row["at"] is not None:
            raise Problem(
                "too_many_requests",
                "This key has reported this token within the last minute; read the token again.",
                retry_after=max(1, (row["at"] + EVERY - now) // SECOND),
            )
        said = {"code": code, "message": message and redact(message)}
        await record(tx, core, connection, "token.reported", caller.key_id, **said)


def _found(change: Change) -> Found:
    if change.after.status is Status.NEEDS_RECONNECT:
        return "needs_reconnect"
    return "renewed" if change.new_token or change.after.issued_at != change.before.issued_at else "good"
