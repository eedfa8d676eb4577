"""Run the sandbox as a process of its own, on uvicorn."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from email.utils import formatdate
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from symphony_connect.base.clock import FileClock
from symphony_connect.base.errors import ConfigError
from symphony_connect.sandbox.app import create_app, refuse_live_apps
from symphony_connect.sandbox.calls import CUT
from symphony_connect.sandbox.control import Reset
from symphony_connect.sandbox.wire import Guard
from symphony_connect.sandbox.world import LocalClock, World

GRACE = 1
"""Seconds that calls in progress have to end, once the process is asked to stop."""
KEEP_ALIVE = 600
"""Seconds that an idle connection stays open: longer than clients keep theirs, so that only faults cut one."""
MAX_HEAD = 64 * 1024
"""Bytes. Tokens, fields and lists of ids travel in URLs."""


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 connection; the application can cut it: `scope["extensions"][CUT]()`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._served = self.app
        self.app = self._serve

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"] = {CUT: self.cut}
        await self._served(scope, receive, send)

    def cut(self) -> None:
        """Close at once. uvicorn then does not report that an answer is missing."""
        self.cycle.disconnected = True
        self.transport.abort()


def dated(app: ASGIApp, world: World) -> ASGIApp:
    """Answers carry the world's time: a platform's `Date` tells the service whether its own clock is right."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["date"] = formatdate(world.clock() / 1000, usegmt=True)
            await send(message)

        await app(scope, receive, send_dated)

    return serve


class Server(uvicorn.Server):
    """A uvicorn server that reports when it listens, and ends with exit code 0 on a signal."""

    def __init__(self, world: World, app: ASGIApp, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            dated(app, world),
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips="*",
            date_header=False,
            h11_max_incomplete_event_size=MAX_HEAD,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._world = world
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """At once for clients that have not sent their whole request; the others have GRACE seconds."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol) and connection.cycle and connection.cycle.more_body:
                connection.cut()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Continue the calls that a fault holds back, then stop. uvicorn itself would raise the signal again."""
        self._world.closing.set()
        self.should_exit = True


def serve(
    host: str,
    port: int,
    clock_file: Path | None,
    environ: Mapping[str, str],
    *,
    ready: Callable[[str], None] = lambda _url: None,
    seed: str | None = None,
    guard: Guard = Guard(),
    beside: Callable[[str], AbstractContextManager[Reset | None]] = lambda _url: nullcontext(),
) -> None:
    """Serve until SIGTERM or SIGINT, then return within two seconds.

    `ready` is called once with the address; port 0 takes a free one. `clock_file` is shared with the
    service. Without a `seed` no two runs issue the same tokens. `beside` is given the address before anything is
    served there, and may run something else meanwhile; a reset of the sandbox calls what it returns.

    Raises ConfigError when the port is taken or the environment holds an app id of the real world.
    """
    refuse_live_apps(environ)
    world = World(FileClock(clock_file) if clock_file else LocalClock(), seed or secrets.token_hex(8))
    with listening(host, port) as listener:
        url = f"http://{_reached_by(host)}:{listener.getsockname()[1]}"
        with beside(url) as also_reset:
            app = create_app(world, guard, also_reset)
            Server(world, app, lambda: ready(url)).run([listener])


def _reached_by(host: str) -> str:
    """The name in the address of a server that listens on `host`: every address of the machine has no name."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def listening(host: str, port: int) -> socket.socket:
    """A listener whose connections send at once what is written: asyncio sets that only for its own listeners.

    Otherwise the second part of an answer waits about 40 ms, until the client has acknowledged the first.
    Raises ConfigError.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(
            f"The sandbox cannot listen on {host}:{port} ({error.strerror}); end what does, or choose another --port."
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
