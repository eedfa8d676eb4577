"""`Idempotency-Key`: the same request gets the same answer for 24 hours, and is done once.

What is kept is sealed: a hash of the body, which may hold a token, and the answer, which may hold a
connect session's. Only successes are kept; what failed may be tried again under the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import JSONResponse

from symphony_connect.access import sql
from symphony_connect.access.api_keys import Caller
from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.vault.vault import Binding

KEPT = 24 * HOUR
UNDER_WAY = 2 * MINUTE
"""After which a request that never ended, because its process died, stands in nobody's way."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Any text of yours, new for each request: sending both again gives the first answer again.",
    ),
]
Answer = tuple[int, dict[str, Any]]


async def once(
    core: Core, caller: Caller, call: str, key: str | None, body: BaseModel, work: Callable[[], Awaitable[Answer]]
) -> JSONResponse:
    """Do the work, or give the answer it had. Raises Problem `idempotency_key_reused` or `busy`."""
    if key is None:
        status, told = await work()
        return JSONResponse(told, status)
    id = fingerprint(f"{caller.key_id}|{call}|{key}")
    binding = Binding(caller.workspace_id, 0, "", "replay", id)
    asked = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    before = await _claim(core, binding, id, asked)
    if before is not None:
        status, told = before
        return JSONResponse(told, status, {"idempotency-replayed": "true"})
    try:
        status, told = await work()
    except BaseException:
        async with core.store.writing() as tx:
            await tx.run(sql.replay_drop, id=id)
        raise
    async with core.store.writing() as tx:
        sealed = await core.vault.seal(tx, binding, {"asked": asked, "answer": [status, told]})
        await tx.run(sql.replay_keep, id=id, sealed=sealed, until=core.clock() + KEPT)
    return JSONResponse(told, status)


async def _claim(core: Core, binding: Binding, id: str, asked: str) -> Answer | None:
    """The answer of the first such request; None when this is the first."""
    now = core.clock()
    async with core.store.writing() as tx:
        sealed = await core.vault.seal(tx, binding, {"asked": asked, "answer": None})
        await tx.run(sql.replays_forget, now=now)
        claimed = await tx.one(
            sql.replay_claim, id=id, workspace_id=binding.workspace_id, sealed=sealed, now=now, until=now + UNDER_WAY
        )
        row = None if claimed else await tx.one(sql.replay, id=id)
    if row is None:
        return None
    kept = await core.vault.open(binding, row["sealed"])
    if kept["asked"] != asked:
        raise Problem(
            "idempotency_key_reused",
            "This Idempotency-Key came with another body before; take a new one.",
            field="Idempotency-Key",
        )
    if kept["answer"] is None:
        raise Problem("busy", "The first request with this Idempotency-Key is still under way; ask again.")
    status, told = kept["answer"]
    return status, told
