"""`demo`: the service, the sandbox and a page of a customer's own, on one machine, with nothing real in it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from symphony_connect import config
from symphony_connect.app import opened_core
from symphony_connect.cli import demo_check, demo_site, keys
from symphony_connect.cli.common import out, wait_until_up
from symphony_connect.errors import ConfigError, SymphonyError
from symphony_connect.keys import SCOPES

BRAND = 12345
TIKTOK_APP = "7000000000000000002"
"""The sandbox's app with short-term tokens, so that there is something to renew."""
STOP_WITHIN = 10
"""Seconds."""
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Running:
    """Where everything is, and the keys to it."""

    service: str
    sandbox: str
    site: str
    secret_key: str
    publishable_key: str
    environment: Mapping[str, str]
    """The service's, for commands beside it."""
    brand_id: int = BRAND


def demo(
    check: Annotated[bool, typer.Option("--check", help="Do the whole job without a browser, and end.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The service's port.")] = 8080,
    sandbox_port: Annotated[int, typer.Option(min=1, max=65535, help="The sandbox's port.")] = 8081,
    page_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The page's port; 8082 or, when taken, any.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the data here; a temporary folder when absent.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
) -> None:
    """Service, sandbox and a page to try, with one command. Ctrl-C ends it."""
    for end in ENDS:
        signal.signal(end, _interrupt)
    if check:
        port, sandbox_port = free_port(), free_port()
        data = None
    _check_free("--port", port)
    _check_free("--sandbox-port", sandbox_port)
    with ExitStack() as stack:
        site = stack.enter_context(demo_site.bound(*_page_ports(check, page_port)))
        folder = Path(stack.enter_context(_folder(data)))
        running = stack.enter_context(_running(folder, port, sandbox_port, site.server_port))
        if check:
            raise typer.Exit(0 if demo_check.run(running) else 1)
        stack.enter_context(demo_site.serving(site, running))
        _say(running)
        if not no_browser:
            webbrowser.open(running.site)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            out.print("\nEnding …")


def _page_ports(check: bool, wanted: int | None) -> tuple[int, ...]:
    """In the order to try them; with 0 for any."""
    if wanted is not None:
        return (wanted,)
    return (0,) if check else (8082, 0)


def _interrupt(*_: Any) -> None:
    # Once is enough: what was started is ended then, and a second Ctrl-C would leave some of it behind.
    for end in ENDS:
        signal.signal(end, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What would end the demo waits until this is over: a process just started must be known to be ended."""
    waiting: list[int] = []
    before = {end: signal.signal(end, lambda which, _: waiting.append(which)) for end in ENDS}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
    if waiting:
        _interrupt()


def _folder(data: Path | None) -> AbstractContextManager[Any]:
    if data is None:
        return tempfile.TemporaryDirectory(prefix="symphony-demo-")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--data {data} cannot be used ({error.strerror}). Choose another folder.") from error
    return nullcontext(data)


def _check_free(option: str, port: int) -> None:
    """Raises ConfigError."""
    if free_port(prefer=port) != port:
        raise ConfigError(f"Port {port} is in use. End what listens there, or choose another with {option}.")


def free_port(prefer: int = 0) -> int:
    """`prefer` when nobody listens there, else any free port of the loopback address."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", prefer))
        except OSError:
            return free_port()
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(folder: Path, port: int, sandbox_port: int, site_port: int) -> Iterator[Running]:
    service, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    site = f"http://localhost:{site_port}"
    env = _environment(folder, service, sandbox, site)
    secret_key, publishable_key = asyncio.run(_keys(env))
    with (
        _process("sandbox", ["sandbox", "--port", str(sandbox_port)], env, folder, f"{sandbox}/_sandbox/state"),
        _process("service", ["serve", "--port", str(port)], env, folder, f"{service}/readyz"),
    ):
        yield Running(service, sandbox, site, secret_key, publishable_key, env)


def _environment(folder: Path, service: str, sandbox: str, site: str) -> dict[str, str]:
    """Settings as an operator would make them; nobody's real ones come in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYMPHONY_")}
    return kept | {
        "SYMPHONY_DATA_DIR": str(folder),
        "SYMPHONY_PUBLIC_URL": service,
        "SYMPHONY_ALLOWED_ORIGINS": f"{site} {service}",
        "SYMPHONY_CLOCK_FILE": str(folder / "clock"),
        "SYMPHONY_META_APP_ID": "100000000000001",
        "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret",
        "SYMPHONY_META_DIALOG_URL": sandbox,
        "SYMPHONY_META_GRAPH_URL": sandbox,
        "SYMPHONY_TIKTOK_APP_ID": TIKTOK_APP,
        "SYMPHONY_TIKTOK_APP_SECRET": "sandbox-tiktok-secret",
        "SYMPHONY_TIKTOK_AUTH_URL": f"{sandbox}/portal/auth",
        "SYMPHONY_TIKTOK_API_URL": f"{sandbox}/open_api/v1.3",
    }


async def _keys(env: Mapping[str, str]) -> tuple[str, str]:
    async with opened_core(config.load(env)) as core:
        secret = await keys.add(core, "demo", "demo", False, SCOPES, [])
        publishable = await keys.add(core, "demo", "demo page", True, (), [])
    return secret["key"], publishable["key"]


@contextmanager
def _process(name: str, arguments: list[str], env: Mapping[str, str], folder: Path, ready: str) -> Iterator[None]:
    """A command of ours as a process of its own, ended politely; its log stays in the folder."""
    log = folder / f"{name}.log"
    with ExitStack() as stack:
        file = stack.enter_context(log.open("ab"))
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
        yield


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


def _say(running: Running) -> None:
    curl = f'curl "{running.service}/api/sym/v2/brands?brandId={running.brand_id}" -H "x-api-key: {running.secret_key}"'
    out.print(
        f"""
[bold]Symphony Connect is up, with a sandbox in the place of Meta and TikTok.[/bold]

  Open this page      {running.site}
  Brand to try        {running.brand_id}
  Secret key          {running.secret_key}
  Publishable key     {running.publishable_key}
  Dashboard           {running.site}/dashboard
  API reference       {running.service}/docs
  Sandbox             {running.sandbox}

Connect on the page, then see the brand from your terminal:

  {curl}

Ctrl-C ends it.
"""
    )
