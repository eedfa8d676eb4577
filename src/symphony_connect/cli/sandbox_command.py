"""`sandbox`: the stand-in for the platforms, alone or with a service that runs against it."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from symphony_connect.base import config
from symphony_connect.base.config import LOOPBACK
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli.common import AsJson, Keyed, out, print_json, say
from symphony_connect.demo.running import ENDS, Running, free_port, interrupt, left_out, prepared, serving
from symphony_connect.operate.start_over import start_over
from symphony_connect.sandbox import coverage as covered
from symphony_connect.sandbox import server
from symphony_connect.sandbox.control import Reset
from symphony_connect.sandbox.wire import TOKEN_LENGTH, Guard

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what a container listens on


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8081,
    with_service: Annotated[
        bool, typer.Option("--with-service", help="Run a service against it too, and print how to reach both.")
    ] = False,
    service_port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --with-service: its port; 0 takes a free one.")
    ] = 8080,
    data: Annotated[
        Path | None, typer.Option(help="With --with-service: its data folder; a temporary one when absent.")
    ] = None,
    control_host: Annotated[
        list[str] | None, typer.Option(help="Another host name that the control API answers to; needs --control-token.")
    ] = None,
    control_token: Annotated[
        str, typer.Option(envvar="SANDBOX_CONTROL_TOKEN", help="Lets other machines use the control API.")
    ] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Print which documented calls it answers, and run nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the stand-in for the platforms: nobody in it is real, and no money moves."""
    if coverage:
        _say_coverage(as_json)
        return
    guard = _guard(control_host or [], control_token)
    if with_service:
        _serve_both(host, port, service_port, data, guard, as_json)
        return
    if data:
        raise ConfigError("--data goes with --with-service: the sandbox alone keeps its state in memory.")
    clock_file = os.environ.get("SYMPHONY_CLOCK_FILE", "").strip()
    server.serve(
        host,
        port,
        Path(clock_file) if clock_file else None,
        os.environ,
        guard=guard,
        ready=lambda url: print_json({"sandbox": url}) if as_json else out.print(f"Sandbox at {url}"),
    )


def _say_coverage(as_json: bool) -> None:
    if as_json:
        rows = {name: [each._asdict() for each in endpoints] for name, endpoints in covered.coverage().items()}
        print_json(Keyed(rows))
        return
    out.file.write("\n".join(covered.matrix()) + "\n")


def _guard(hosts: list[str], token: str) -> Guard:
    """Raises ConfigError."""
    if hosts and not token:
        raise ConfigError("--control-host lets others use the control API: give a --control-token that they must send.")
    if token and (len(token) < TOKEN_LENGTH or not token.isascii() or not token.isprintable() or " " in token):
        raise ConfigError(f"--control-token takes at least {TOKEN_LENGTH} letters and digits, without spaces.")
    return Guard(token, tuple(host.lower() for host in hosts))


def _serve_both(host: str, port: int, service_port: int, data: Path | None, guard: Guard, as_json: bool) -> None:
    if host not in (*LOOPBACK, *EVERY_ADDRESS):
        raise ConfigError(f"--with-service takes a --host of loopback, or {EVERY_ADDRESS[0]}, not {host}.")
    if service_port and free_port(prefer=service_port) != service_port:
        raise ConfigError(f"Port {service_port} is in use. End what listens there, or choose another --service-port.")
    if names := left_out(os.environ):
        say(f"Not taken from your environment: {', '.join(names)}")
    for end in ENDS:
        signal.signal(end, interrupt)
    died = threading.Event()
    try:
        with ExitStack() as stack:
            folder = (
                _folder(data) if data else Path(stack.enter_context(TemporaryDirectory(prefix="symphony-sandbox-")))
            )
            both = _Both(folder, host, service_port or free_port(), died, as_json)
            server.serve(
                host,
                port,
                folder / "clock",
                os.environ,
                guard=guard,
                beside=both.service,
                ready=lambda _url: both.say(),
            )
    except KeyboardInterrupt:
        return
    if died.is_set():
        raise SymphonyError("The service ended by itself, and the sandbox with it.")


def _folder(data: Path) -> Path:
    """Raises ConfigError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--data {data} cannot be used ({error.strerror}). Choose another folder.") from error
    return data.absolute()


class _Both:
    """The service beside the sandbox."""

    def __init__(self, folder: Path, host: str, port: int, died: threading.Event, as_json: bool) -> None:
        self._folder = folder
        self._host = host
        self._port = port
        self._died = died
        self._as_json = as_json
        self._up: Running | None = None

    @contextmanager
    def service(self, sandbox: str) -> Iterator[Reset]:
        """Runs it against the sandbox at this address; returns what empties it."""
        name = "localhost" if self._host == "localhost" else "127.0.0.1"
        up = self._up = prepared(self._folder, f"http://{name}:{self._port}", sandbox)
        with serving(up, self._folder, self._port, self._host, self._end):
            try:
                yield partial(start_over, config.load(up.environment))
            finally:
                # A second Ctrl-C must not leave the service behind.
                for end in ENDS:
                    signal.signal(end, signal.SIG_IGN)

    def _end(self) -> None:
        self._died.set()
        os.kill(os.getpid(), signal.SIGTERM)

    def say(self) -> None:
        """How to reach both, written at once: whoever waits for it sees nothing or all of it."""
        assert self._up
        if self._as_json:
            print_json(facts(self._up))
        else:
            out.file.write(exports(self._up))
        out.file.flush()


def facts(up: Running) -> dict[str, Any]:
    """What a program needs to know."""
    return {
        "sandbox": up.sandbox,
        "service": up.service,
        "api": f"{up.service}/api/sym/v2",
        "secret_key": up.secret_key,
        "publishable_key": up.publishable_key,
        "platforms": list(up.places),
        "settings": settings(up),
    }


def exports(up: Running) -> str:
    """The same for a shell."""
    own = {
        "SANDBOX": up.sandbox,
        "SERVICE": up.service,
        "SYM": f"{up.service}/api/sym/v2",
        "KEY": up.secret_key,
        "PUBLISHABLE_KEY": up.publishable_key,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in (own | settings(up)).items())


def settings(up: Running) -> dict[str, str]:
    """The service's own settings, for commands beside it."""
    return {name: up.environment[name] for name in left_out(up.environment)}
