"""The processes of the demo: the service and the sandbox, and where everything is."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from symphony_connect import platforms
from symphony_connect.access import keyring
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.errors import SymphonyError

BRAND = 12345
OWN_SETTINGS = frozenset(
    f"SYMPHONY_{name}"
    for name in ("DATA_DIR", "DATABASE_URL", "PUBLIC_URL", "MASTER_KEY", "CLOCK", "NO_WORKER", "OUTBOUND_PROXY", "CA")
)
"""Settings that the demo makes itself, besides those of the platforms."""
STOP_WITHIN = 10
"""Seconds."""
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Running:
    """Where everything is, and the keys to it."""

    service: str
    sandbox: str
    site: str
    secret_key: str = field(repr=False)
    publishable_key: str
    environment: Mapping[str, str] = field(repr=False)
    """The service's environment, for commands that run beside it."""
    places: Mapping[str, str]
    """What people call each platform, by its name."""
    brand_id: int = BRAND

    @property
    def played(self) -> str:
        """The platforms that the sandbox plays, for a sentence: `A, B and C`."""
        *others, last = self.places.values()
        return f"{', '.join(others)} and {last}" if others else last


@contextmanager
def running(folder: Path, port: int, sandbox_port: int, site_port: int) -> Iterator[Running]:
    """Service and sandbox as processes, for the demo's page on `site_port`."""
    service, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    up = prepared(folder, service, sandbox, f"http://localhost:{site_port}")
    arguments = ["sandbox", "--port", str(sandbox_port)]
    with (
        _process("sandbox", arguments, up.environment, folder, f"{sandbox}/_sandbox/state"),
        serving(up, folder, port),
    ):
        yield up


def prepared(folder: Path, service: str, sandbox: str, site: str = "") -> Running:
    """Settings for a service at these addresses, and a database in `folder` with keys. Raises SymphonyError."""
    env = _environment(folder, service, sandbox, site)
    secret_key, publishable_key, places = asyncio.run(_prepared(env))
    return Running(service, sandbox, site, secret_key, publishable_key, env, places)


@contextmanager
def serving(
    up: Running, folder: Path, port: int, host: str = "127.0.0.1", died: Callable[[], None] | None = None
) -> Iterator[None]:
    """`serve` as a process, ready to answer. `died` is called from another thread when it ends by itself.

    Raises SymphonyError when it does not start.
    """
    arguments = ["serve", "--host", host, "--port", str(port)]
    with _process("service", arguments, up.environment, folder, f"{up.service}/readyz", died):
        yield


def left_out(environ: Mapping[str, str]) -> list[str]:
    """The settings of the environment that the demo ignores, so that it never uses a real app, key or database."""
    own = tuple(f"SYMPHONY_{name.upper()}_" for name in platforms.names())
    settings = [name for name in sorted(environ) if name.startswith("SYMPHONY_")]
    return [name for name in settings if name.startswith(own) or name.removesuffix("_FILE") in OWN_SETTINGS]


def _environment(folder: Path, service: str, sandbox: str, site: str) -> dict[str, str]:
    """Settings as an operator would make them: those of the environment but the ones that are `left_out`."""
    without = left_out(os.environ)
    kept = {name: value for name, value in os.environ.items() if name not in without}
    if origins := kept.get("SYMPHONY_ALLOWED_ORIGINS", "").strip():
        # A list replaces "every page on this machine", and would shut the demo's own page out.
        kept["SYMPHONY_ALLOWED_ORIGINS"] = f"{origins} {site} {service}"
    return kept | {
        "SYMPHONY_DATA_DIR": str(folder),
        "SYMPHONY_PUBLIC_URL": service,
        "SYMPHONY_CLOCK_FILE": str(folder / "clock"),
        **platforms.sandbox_settings(sandbox),
    }


async def _prepared(env: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """A secret key, a publishable key, and the platforms' names."""
    async with opened_core(config.load(env)) as core:
        secret = await keyring.create(core, "demo", NewKey("demo", scopes=SCOPES))
        publishable = await keyring.create(core, "demo", NewKey("demo page", publishable=True))
        places = {name: platform.login_name for name, platform in core.platforms.items()}
    return secret.key, publishable.key, places


@contextmanager
def _process(
    name: str,
    arguments: list[str],
    env: Mapping[str, str],
    folder: Path,
    ready: str,
    died: Callable[[], None] | None = None,
) -> Iterator[None]:
    """Runs one of our commands as a process and stops it at the end; its log stays in the folder."""
    log = folder / f"{name}.log"
    with ExitStack() as stack:
        handle = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)  # its owner's alone
        file = stack.enter_context(os.fdopen(handle, "ab"))
        with _undisturbed():
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "symphony_connect", *arguments],
                env=dict(env),
                stdout=file,
                stderr=file,
                # Ctrl-C is the demo's to handle; it ends its children itself.
                start_new_session=True,
            )
            stack.callback(_end, process)
        if not wait_until_up(ready, lambda: process.poll() is None):
            raise SymphonyError(_last_line(log) or f"the {name} did not start")
        if died:
            stack.enter_context(_watched(process, died))
        yield


@contextmanager
def _watched(process: subprocess.Popen[bytes], died: Callable[[], None]) -> Iterator[None]:
    """Calls `died` when the process ends during the block."""
    over = threading.Event()

    def watch() -> None:
        process.wait()
        if not over.is_set():
            died()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("symphony-connect: ") if lines else ""


def interrupt(*_: Any) -> None:
    # Ignore a second Ctrl-C: it would leave processes behind.
    for end in ENDS:
        signal.signal(end, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delays signals until the block ends, so that a process just started is known and can be stopped."""
    waiting: list[int] = []
    before = {end: signal.signal(end, lambda which, _: waiting.append(which)) for end in ENDS}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
    if waiting:
        interrupt()


def free_port(prefer: int = 0) -> int:
    """`prefer` when nobody listens there, else any free port of the loopback address."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", prefer))
        except OSError:
            return free_port()
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(url: str, alive: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether `url` answered 2xx before the time was over or the process died."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        try:
            if httpx2.get(url, timeout=2, trust_env=False).is_success:
                return True
        except httpx2.HTTPError:
            pass
        time.sleep(0.05)
    return False
