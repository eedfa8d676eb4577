"""The link that goes with `needs_reconnect`: made once, given again while it is good for a while."""

from __future__ import annotations

from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import Problem
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.read_token import NeedsReconnect
from symphony_connect.core import Core
from symphony_connect.signin import connect_sessions
from symphony_connect.signin.connect_sessions import Made, NewSession

LIFE = 7 * DAY
REMAKE = 3 * DAY


async def add(core: Core, problem: NeedsReconnect) -> None:
    """Put `reconnectUrl` into the problem, for a caller that may make connect sessions."""
    caller, connection = problem.caller, problem.connection
    if caller is None or connection is None:
        return
    if "connect:write" not in caller.scopes or core.platform(connection.platform).missing_settings:
        return
    made: Made | None = core.reconnect_links.get(connection.id)
    if made is None or made.expires_at - core.clock() < REMAKE or not await _unspent(core, made, connection):
        ask = NewSession(connection.brand_id, platforms=(connection.platform,), expires_in=LIFE // 1000)
        made = await connect_sessions.create(core, caller, ask)
        core.reconnect_links[connection.id] = made
    problem.details = {**(problem.details or {}), "reconnectUrl": made.url}


async def _unspent(core: Core, made: Made, connection: Connection) -> bool:
    """The owner may have come back by it, and been lost again."""
    try:
        held = await connect_sessions.by_id(core, made.id)
    except Problem:
        return False
    return connection.platform not in held.used
