"""Run the sandbox as a process of its own."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from symphony_connect.base.clock import FileClock
from symphony_connect.base.errors import ConfigError
from symphony_connect.sandbox.app import create_app, refuse_live_apps
from symphony_connect.sandbox.http1 import Server
from symphony_connect.sandbox.world import LocalClock, World

GRACE = 1.0
"""Seconds that calls under way have to end, once the process is told to."""


def serve(
    host: str,
    port: int,
    clock_file: Path | None,
    environ: Mapping[str, str],
    *,
    ready: Callable[[str], None] = lambda _url: None,
    seed: str | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return within two seconds.

    `ready` is called once with the address; port 0 takes a free one. `clock_file` is shared with the
    service. Without a `seed` no two runs issue the same tokens.

    Raises ConfigError when the port is taken or the environment holds an app id of the real world.
    """
    refuse_live_apps(environ)
    world = World(FileClock(clock_file) if clock_file else LocalClock(), seed or secrets.token_hex(8))
    asyncio.run(_serve(world, host, port, ready))


async def _serve(world: World, host: str, port: int, ready: Callable[[str], None]) -> None:
    server = Server(create_app(world))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, world.closing.set)
    try:
        bound = await server.start(host, port)
    except OSError as error:
        raise ConfigError(
            f"The sandbox cannot listen on {host}:{port} ({error.strerror}); end what does, or choose another --port."
        ) from error
    ready(f"http://{f'[{host}]' if ':' in host else host}:{bound}")
    await world.closing.wait()
    await server.stop(GRACE)
