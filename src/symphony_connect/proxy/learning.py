"""What an answer to a proxied call says of the token and of limits, and what follows from it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.connections.changes import verify_now
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.platforms.base import OneLimited, RateLimited, TokenRefused
from symphony_connect.platforms.proxied import Call, Proxied
from symphony_connect.proxy.sending import Reply
from symphony_connect.proxy.state import State
from symphony_connect.proxy.throttle import Throttle
from symphony_connect.store.db import StoreUnavailable

EVERY = MINUTE
"""A connection is checked so often, however many of its calls meet a token error: each check is calls too."""
MOST = 10_000
"""Connections of which the last check is remembered."""


def learn_limits(
    core: Core, throttle: Throttle, proxied: Proxied, call: Call, reply: Reply, accounts: frozenset[str]
) -> Exception | None:
    """Notes how near the limits are. Returns the PlatformError that the answer means, if it is one."""
    now, headers = core.clock(), reply.response.headers
    throttle.note(proxied.usage(headers, call, accounts), now)
    failure = proxied.failure(reply.response.status_code, headers, reply.json, now)
    if isinstance(failure, RateLimited):
        throttle.refused(proxied.limits(call, accounts), isinstance(failure, OneLimited), failure.retry_at, now)
    return failure


async def learn_token(
    core: Core, state: State, caller: Caller, connection: Connection, failure: Exception | None
) -> bool:
    """After a token error: the platform is asked, as `verify` does, which renews where that helps.

    True when it was asked, here or for another call at the same time. A caller that goes away does not stop it.
    """
    if not isinstance(failure, TokenRefused):
        return False
    task = state.checks.get(connection.id)
    if task is None:
        now = core.clock()
        if now - state.checked.get(connection.id, -EVERY) < EVERY:
            return False
        state.checked[connection.id] = now
        state.checked.move_to_end(connection.id)
        if len(state.checked) > MOST:
            state.checked.popitem(last=False)
        task = asyncio.create_task(_ask(core, caller, connection))
        state.checks[connection.id] = task
        task.add_done_callback(lambda done: _over(state, connection.id, done))
    await asyncio.wait({task})
    return True


async def _ask(core: Core, caller: Caller, connection: Connection) -> None:
    with suppress(Problem, StoreUnavailable):
        await verify_now(core, caller, connection.brand_id, connection.platform)


def _over(state: State, id: str, task: asyncio.Task[Any]) -> None:
    state.checks.pop(id, None)
    if not task.cancelled():
        task.exception()  # whoever waited went on; asyncio must not log it
