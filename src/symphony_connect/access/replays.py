"""`Idempotency-Key`: the same request gets the same answer for 24 hours, and is done once.

What is kept is sealed: a hash of the body, which may hold a token, and the answer, which may hold a
connect session's. Only successes are kept; what failed may be tried again under the same key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from symphony_connect.access import sql
from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.vault.vault import Binding

KEPT = 24 * HOUR
UNDER_WAY = 2 * MINUTE
"""After this a request without an answer is taken for one whose process died, and may be done again."""

Answer = tuple[int, dict[str, Any]]
"""HTTP status and body."""


async def once(
    core: Core, caller: Caller, call: str, key: str, body_hash: str, work: Callable[[], Awaitable[Answer]]
) -> tuple[Answer, bool]:
    """Do the work, or find the answer it had; True with the latter.

    `call` and `key` name the request among the caller's. Raises Problem `idempotency_key_reused` or `busy`,
    and whatever the work raises.
    """
    id = fingerprint(f"{caller.key_id}|{call}|{key}")
    binding = Binding(caller.workspace_id, 0, "", "replay", id)
    before = await _claim(core, binding, id, body_hash)
    if before is not None:
        return before, True
    try:
        answer = await work()
    except BaseException:
        async with core.store.writing() as tx:
            await tx.run(sql.replay_drop, id=id)
        raise
    async with core.store.writing() as tx:
        sealed = await core.vault.seal(tx, binding, {"asked": body_hash, "answer": list(answer)})
        await tx.run(sql.replay_keep, id=id, sealed=sealed, until=core.clock() + KEPT)
    return answer, False


async def _claim(core: Core, binding: Binding, id: str, body_hash: str) -> Answer | None:
    """The answer of the first such request; None when this is the first."""
    now = core.clock()
    async with core.store.writing() as tx:
        sealed = await core.vault.seal(tx, binding, {"asked": body_hash, "answer": None})
        await tx.run(sql.replays_forget, now=now)
        claimed = await tx.one(
            sql.replay_claim, id=id, workspace_id=binding.workspace_id, sealed=sealed, now=now, until=now + UNDER_WAY
        )
        row = None if claimed else await tx.one(sql.replay, id=id)
    if row is None:
        return None
    kept = await core.vault.open(binding, row["sealed"])
    if kept["asked"] != body_hash:
        raise Problem(
            "idempotency_key_reused",
            "This Idempotency-Key was used with another body before; take a new one.",
            field="Idempotency-Key",
        )
    if kept["answer"] is None:
        raise Problem("busy", "The first request with this Idempotency-Key is still under way; ask again.")
    status, body = kept["answer"]
    return status, body
