"""Commands as forks of one process that has imported the service already: each starts a second sooner.

Importing what `symphony-connect serve` needs takes more than a second of processor time, and the suite starts
about a thousand commands. A fork runs the same `main()` with the arguments, environment, folder and files that
the command would have. It is a process of its own: tests signal it, kill it and read its exit code.
tests/deploy and tests/documents start the installed command itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from symphony_connect.platforms import names

IMPORTED = (
    "anyio._backends._asyncio",
    "granian.server.mp",
    "httpcore2",
    "rich.console",
    "rich.progress",
    "rich.table",
    "symphony_connect.access.workspaces",
    "symphony_connect.app",
    "symphony_connect.operate.doctor",
    "symphony_connect.operate.export",
    "symphony_connect.sandbox.app",
    "symphony_connect.sandbox.server",
    "typer",
)
"""Not `symphony_connect.cli`: its consoles look at the environment when they are made."""

STREAMS = 3
ROOT = Path(__file__).parents[2]


class Forked:
    """A started command, with what tests use of subprocess.Popen."""

    def __init__(self, args: Sequence[str], pid: int, ending: int) -> None:
        self.args = list(args)
        self.pid = pid
        self.returncode: int | None = None
        self._ending = ending

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while the command runs."""
        return self._ended(0)

    def wait(self, timeout: float) -> int:
        """The exit code, awaited for `timeout` seconds. Raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _ended(self, within: float) -> int | None:
        if self.returncode is None and select.select([self._ending], [], [], within)[0]:
            written = os.read(self._ending, 16)
            os.close(self._ending)
            if not written:
                raise RuntimeError("The process that forks commands has ended.")
            self.returncode = int(written)
        return self.returncode


class Nursery:
    """The process that forks."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.tools.preloaded", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
            )

    def start(self, command: Sequence[str], env: Mapping[str, str], cwd: Path | None, streams: Sequence[int]) -> Forked:
        """Run `command` with these file descriptors as its standard input, output and error."""
        ours, theirs = os.pipe()
        order = json.dumps({"command": list(command), "env": dict(env), "cwd": str(cwd or Path.cwd())})
        try:
            socket.send_fds(self._control, [order.encode()], [*streams, theirs])
        finally:
            os.close(theirs)
        answer = self._control.recv(32)
        if not answer:
            raise RuntimeError("The process that forks commands has ended.")
        return Forked(command, int(answer), ours)

    def end(self) -> None:
        self._control.close()
        self._process.wait(timeout=10)


@cache
def nursery() -> Nursery:
    """This test worker's; it ends with the worker."""
    started = Nursery()
    atexit.register(started.end)
    return started


def run(
    command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """As subprocess.run(…, capture_output=True, text=True) does."""
    done = run_in_bytes(command, env, cwd, timeout=timeout)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def run_in_bytes(
    command: Sequence[str], env: Mapping[str, str], cwd: Path | None = None, input: bytes = b"", timeout: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """As subprocess.run(…, capture_output=True) does."""
    with _InMemory(input) as given, _InMemory() as printed, _InMemory() as complaint:
        forked = nursery().start(command, env, cwd, [given.fd, printed.fd, complaint.fd])
        try:
            code = forked.wait(timeout)
        except subprocess.TimeoutExpired:
            os.kill(forked.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(list(command), code, printed.content(), complaint.content())


class _InMemory:
    """A file in memory, with a descriptor that another process can be given."""

    def __init__(self, content: bytes = b"") -> None:
        self.fd = os.memfd_create("stream")
        with open(self.fd, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(self.fd, 0, os.SEEK_SET)

    def __enter__(self) -> _InMemory:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def content(self) -> bytes:
        with open(self.fd, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()


# In the forking process


def _serve(control: socket.socket) -> None:
    """Fork for each order, and report each exit, until the test worker ends."""
    awaited: dict[int, int] = {}
    woken, wakes = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            os.read(woken, 1024)
            _report(awaited)
        if control in ready:
            order, fds, _, _ = socket.recv_fds(control, 1_000_000, STREAMS + 1)
            if not order:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                control.detach()
                _become(json.loads(order), fds[:STREAMS])
            awaited[pid] = fds[STREAMS]
            for one in fds[:STREAMS]:
                os.close(one)
            control.send(str(pid).encode())


def _report(awaited: dict[int, int]) -> None:
    """Write the exit code of each fork that has ended where its starter waits for it."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ending = awaited.pop(pid)
            with suppress(BrokenPipeError):
                os.write(ending, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(ending)


def _become(order: dict[str, object], streams: Sequence[int]) -> NoReturn:
    """In the fork: be the command."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(STREAMS, 1024)
    env = order["env"]
    command = order["command"]
    assert isinstance(env, dict)
    assert isinstance(command, list)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(str(order["cwd"]))
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", 1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = command
    import_module("symphony_connect.cli").main()
    sys.exit(0)


if __name__ == "__main__":
    for module in IMPORTED:
        import_module(module)
    for platform in names():
        import_module(f"symphony_connect.platforms.{platform}.platform")
        import_module(f"symphony_connect.platforms.{platform}.sandbox")
    gc.collect()
    gc.freeze()  # what is imported stays, so no fork has to look through it
    _serve(socket.socket(fileno=int(sys.argv[1])))
