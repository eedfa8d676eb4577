"""Which of several PostgreSQL servers a process uses, and when it leaves one that went silent.

A server that was stopped, or cut off by the network, closes no session: whoever waits on one waits on.
So each host has its own time to connect, and a session of its own asks the server in use every second.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any
from weakref import WeakSet

import asyncpg
import structlog

from symphony_connect.base.errors import ConfigError
from symphony_connect.store.postgres_url import ENCODED, Address, Host
from symphony_connect.store.transaction import StoreUnavailable

ACQUIRE_WITHIN = 10.0
"""Seconds for a caller to get a session, over all hosts."""
CONNECT_WITHIN = 3.0
"""Seconds for one host to take a connection; less where many hosts must fit into ACQUIRE_WITHIN."""
CHECK_EVERY = 1.0
"""Seconds between two questions to the server in use."""
ANSWER_WITHIN = 2.0
"""Seconds for its answer, and then for a fresh connection, before it counts as silent."""
COMMAND_WITHIN = 30.0
"""Seconds for one statement of a session whose server answers others."""

NEXT_HOST = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.TooManyConnectionsError,
)
"""Another host may succeed."""
FAILURES = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError)
REFUSALS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
    asyncpg.InsufficientPrivilegeError,
)
"""Waiting does not help: the settings are wrong."""

log = structlog.get_logger()


class Session(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that notices when the way to its server is gone."""

    def __init__(self, protocol: Any, transport: Any, loop: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, loop, *rest)
        self.host: Host | None = None
        if (sock := transport.get_extra_info("socket")) is not None:
            keep_alive(sock)


def keep_alive(sock: Any) -> None:
    """TCP asks after 10 idle seconds, every 3, and gives up after 3 questions, or 10 s without an acknowledgement."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has each
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


class Servers:
    """The hosts of a URL, the one that answered last in front."""

    def __init__(self, address: Address) -> None:
        self._options = address.options
        self._cache = {} if address.prepares else {"statement_cache_size": 0}
        self._hosts = list(address.hosts)
        self._connect_within = min(CONNECT_WITHIN, ACQUIRE_WITHIN * 0.8 / len(self._hosts))
        self._sessions: WeakSet[Session] = WeakSet()
        self._check_session: Session | None = None

    async def connect(self, *_: Any, **__: Any) -> Session:
        """A session with the first host that takes one; what the pool calls. Raises what the last host raised."""
        last: Exception = StoreUnavailable("PostgreSQL: no host is named")
        for host in list(self._hosts):
            try:
                session = await self._connect_to(host, self._connect_within)
            except NEXT_HOST as error:
                last = error
                self._move_back(host)
            else:
                self._sessions.add(session)
                return session
        raise last

    async def keep_checking(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.sleep(CHECK_EVERY)
                await self._check()
        finally:
            if self._check_session is not None:
                self._check_session.terminate()

    async def _connect_to(self, host: Host, within: float) -> Session:
        name, port = host
        where = {} if name is None else {"host": name, "port": port}
        async with asyncio.timeout(within):
            session: Session = await asyncpg.connect(
                **self._options,
                **where,
                **self._cache,
                timeout=within + 1,
                command_timeout=COMMAND_WITHIN,
                connection_class=Session,
            )
        session.host = host
        return session

    async def _check(self) -> None:
        """Ask the server in use; by a fresh connection when the one for checks has no answer."""
        host = self._hosts[0]
        if self._check_session is not None and self._check_session.host == host:
            try:
                await self._check_session.fetchval("SELECT 1", timeout=ANSWER_WITHIN)
                return
            except FAILURES:
                pass
        if self._check_session is not None:
            self._check_session.terminate()
        try:
            self._check_session = await self._connect_to(host, ANSWER_WITHIN)
        except FAILURES as error:
            self._check_session = None
            self._leave(host, error)

    def _leave(self, host: Host, error: Exception) -> None:
        """End every session with the host: whoever waits there is answered at once, and the next one goes elsewhere."""
        self._move_back(host)
        cut = [session for session in self._sessions if session.host == host and not session.is_closed()]
        for session in cut:
            session.terminate()
        if cut:
            name = f"{host[0]}:{host[1]}" if host[0] else "local"
            log.warning("store.server_silent", server=name, sessions=len(cut), error=sentence(error))

    def _move_back(self, host: Host) -> None:
        """The others are tried first from now on."""
        with contextlib.suppress(ValueError):
            self._hosts.remove(host)
            self._hosts.append(host)


def sentence(error: Exception) -> str:
    """What the driver raised, in one line that is never empty."""
    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return text or type(error).__name__


def unreachable(error: Exception) -> Exception:
    """At the start: ConfigError for what is wrong in the URL, StoreUnavailable for what may pass."""
    if isinstance(error, asyncpg.InvalidPasswordError):
        return ConfigError(f"PostgreSQL refuses the user or the password: {sentence(error)}. {ENCODED}")
    if isinstance(error, REFUSALS):
        return ConfigError(f"PostgreSQL refuses SYMPHONY_DATABASE_URL: {sentence(error)}.")
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return StoreUnavailable("PostgreSQL: no server takes what target_session_attrs asks for; is one promoted?")
    if isinstance(error, asyncpg.InterfaceError | ValueError):  # the driver's own word on a parameter
        return ConfigError(f"SYMPHONY_DATABASE_URL: {sentence(error)}.")
    return StoreUnavailable(f"PostgreSQL cannot be reached: {sentence(error)}")
