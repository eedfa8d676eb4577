"""The `Idempotency-Key` header. What it does is in `access/replays.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import JSONResponse

from symphony_connect.access import replays
from symphony_connect.access.caller import Caller
from symphony_connect.access.replays import Answer
from symphony_connect.core import Core

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


async def once(
    core: Core, caller: Caller, call: str, key: str | None, body: BaseModel, work: Callable[[], Awaitable[Answer]]
) -> JSONResponse:
    """Do the work, or give the answer it had. Raises Problem `idempotency_key_reused` or `busy`."""
    if key is None:
        status, answer = await work()
        return JSONResponse(answer, status)
    body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    (status, answer), replayed = await replays.once(core, caller, call, key, body_hash, work)
    return JSONResponse(answer, status, {"idempotency-replayed": "true"} if replayed else None)
