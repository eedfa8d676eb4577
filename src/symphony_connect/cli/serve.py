"""`serve`, `worker`, `migrate`: the processes of an installation."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from tempfile import TemporaryDirectory
from typing import Annotated, ParamSpec

import structlog
import typer
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from prometheus_client import start_http_server

from symphony_connect import __version__
from symphony_connect.app import check_settings, opened_core, tending
from symphony_connect.base import logs
from symphony_connect.base.config import LOOPBACK, Settings
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli.common import AsJson, out, print_json, say, settings
from symphony_connect.operate.restored import refuse_unfinished
from symphony_connect.store import db
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.store.migrate import migrate as migrate_store
from symphony_connect.vault.master_keys import KeysUnavailable

Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for a database that is not up yet.")]
WAIT = 30.0
log = structlog.get_logger()

STOP_WITHIN = 8
"""Seconds until a server process that does not stop by itself is killed. Waiting for platforms takes less."""


HEAD_WITHIN = 10_000
"""Milliseconds for the head of a request, and for an idle connection to begin one."""
BACKLOG = 1_024
"""Connections that the system keeps waiting until they are accepted."""
CONNECTIONS = 8_192
"""Open connections of one server process, where the system allows so many open files."""
OWN_FILES = 200
"""Open files that a process needs beside its clients': database, platforms, logs, and what libraries open."""

P = ParamSpec("P")


def _tells(command: Callable[P, None]) -> Callable[P, None]:
    """With JSON logs, a start that fails is logged as JSON too."""

    @wraps(command)
    def telling(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except SymphonyError as error:
            if os.environ.get("SYMPHONY_LOG_FORMAT", "").strip().lower() != "json":
                raise
            logs.configure("json", "info")
            log.critical("start.refused", error=str(error))
            raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from error

    return telling


@_tells
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one, which the log names.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Do not renew here; run `worker` elsewhere.")] = False,
    wait: Wait = WAIT,
) -> None:
    """Serve the API and the pages, and keep connections alive.

    With --no-worker it only serves.
    """
    port = _checked_port(host, port)
    follow(host, port)
    chosen = settings()
    asyncio.run(_check(chosen, wait))
    facts = {"version": __version__, "database": chosen.database, "url": chosen.public_url}
    log.info("serve.started", listens=f"{host}:{port}", processes=workers, renews=not no_worker, **facts)
    os.environ["SYMPHONY_NO_WORKER"] = "1" if no_worker else "0"
    with _counting_together(workers):
        _run_server(chosen, host, port, workers)
    log.info("serve.stopped")


@contextmanager
def _counting_together(workers: int) -> Iterator[None]:
    """Several processes count in one folder of files, so that a scrape of any tells the counts of all."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="symphony-counts-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        # A forked process would go on with counters that this one made in its own memory.
        multiprocessing.set_start_method("spawn", force=True)
        yield


def _run_server(chosen: Settings, host: str, port: int, workers: int) -> None:
    Granian(
        "symphony_connect.app:factory",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        websockets=False,
        workers_kill_timeout=STOP_WITHIN,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN),
        backlog=BACKLOG,
        backpressure=_connections(),
        respawn_failed_workers=workers > 1,
        log_level=LogLevels.warning,
        log_dictconfig=logs.dict_config(chosen.log_format, chosen.log_level),
    ).serve()


async def _check(chosen: Settings, wait: float) -> None:
    """Check in this process what would make every server process fail, and say it in one sentence."""
    try:
        await db.wait_until_up(chosen.database_url.reveal(), wait, say)
        async with opened_core(chosen) as core:
            await refuse_unfinished(core)
    except KeysUnavailable:
        raise
    except StoreUnavailable as error:
        raise ConfigError(f"{error}. See SYMPHONY_DATABASE_URL and SYMPHONY_DATA_DIR.") from error


def _connections() -> int:
    """How many clients may be connected to one process; asks the system for as many open files as it gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OWN_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(CONNECTIONS, soft - OWN_FILES), OWN_FILES)


def _checked_port(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises ConfigError when something listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"Cannot listen on {host}:{port} ({error.strerror}). End what does, or choose another --port."
            ) from error
        free: int = probe.getsockname()[1]
        return free


def follow(host: str, port: int) -> None:
    """Without SYMPHONY_PUBLIC_URL the service is reached where it listens, on this machine."""
    if not (
        os.environ.get("SYMPHONY_PUBLIC_URL", "").strip() or os.environ.get("SYMPHONY_PUBLIC_URL_FILE", "").strip()
    ):
        name = (f"[{host}]" if ":" in host else host) if host in LOOPBACK else "127.0.0.1"
        os.environ["SYMPHONY_PUBLIC_URL"] = f"http://{name}:{port}"


@_tells
def worker(
    wait: Wait = WAIT,
    metrics_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve /metrics of this process here, without a key.")
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="Address for --metrics-port.")] = "127.0.0.1",
) -> None:
    """Keep connections alive, without serving. Any number may run beside any number of `serve`."""

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        chosen = settings()
        await _check(chosen, wait)
        measured = None if metrics_port is None else _metrics(metrics_host, metrics_port)
        async with opened_core(chosen) as core, tending(core):
            log.info("worker.started", version=__version__, database=chosen.database, metrics=measured)
            await stop.wait()
        log.info("worker.stopped")

    asyncio.run(run())


def _metrics(host: str, port: int) -> str:
    """Serve this process's counts; returns where. Raises ConfigError."""
    try:
        server, _ = start_http_server(port, addr=host)
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {host}:{port} ({error.strerror}). Choose another --metrics-port."
        ) from error
    return f"http://{host}:{server.server_port}/metrics"


def migrate(as_json: AsJson = False, wait: Wait = WAIT) -> None:
    """Bring the database's schema up to date. `serve` does this by itself."""

    async def run() -> list[str]:
        chosen = settings()
        await check_settings(chosen)
        await db.wait_until_up(chosen.database_url.reveal(), wait, say)
        async with db.opened(chosen.database_url.reveal()) as store:
            return await migrate_store(store)

    applied = asyncio.run(run())
    if as_json:
        print_json({"applied": applied})
    else:
        out.print(f"Applied: {', '.join(applied)}" if applied else "The schema is up to date.")
