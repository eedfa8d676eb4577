"""A command under test: started, awaited, stopped politely, and its log kept for the failure report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.tools import preloaded as preloaded_commands
from tests.tools.wait import wait_until

CLI = str(Path(sys.executable).with_name("symphony-connect"))

running: list[Process] = []
"""Every process now up; a failing test's report carries their logs."""


def clean_env(**extra: str) -> dict[str, str]:
    """The environment without anybody's SYMPHONY_… settings and proxies, plus `extra`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SYMPHONY_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **extra}


def answers(url: str) -> bool:
    """Whether a GET of `url`, plain HTTP, ends in a 2xx.

    Asked every 20 ms of what is starting: a client of its own for each question cost the processor more than the start.
    """
    there = urlsplit(url)
    connection = HTTPConnection(there.netloc, timeout=2)
    try:
        connection.request("GET", there.path)
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class Process:
    """One command with its log file.

    `stop()` asks by `stop_signal` and fails the test when that is not enough within `deadline` seconds, or
    when children stay behind for `children_deadline`; `kill()` is for tests that want a crash.
    """

    stop_signal = signal.SIGTERM
    deadline = 10.0
    children_deadline = 2.0

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        preloaded: bool = True,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.env = dict(clean_env() if env is None else env)
        self.cwd = cwd
        self.user = user
        self.preloaded = preloaded
        self._popen: subprocess.Popen[bytes] | preloaded_commands.Forked | None = None

    def start(self, ready: Callable[[], bool] | str | None = None, timeout: float = 60.0) -> None:
        """Start, and wait until `ready` (a condition, or a URL that must answer 2xx) holds."""
        with self.log.open("ab") as log, open(os.devnull, "rb") as nothing:
            if self.command[0] == CLI and self.preloaded:
                streams = [nothing.fileno(), log.fileno(), log.fileno()]
                self._popen = preloaded_commands.nursery().start(self.command, self.env, self.cwd, streams)
            else:
                self._popen = subprocess.Popen(
                    self.command,
                    env=self.env,
                    cwd=self.cwd,
                    user=self.user,
                    stdin=nothing,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        running.append(self)
        if ready is None:
            return
        condition = (lambda: answers(ready)) if isinstance(ready, str) else ready
        try:
            wait_until(lambda: not self.alive or condition(), timeout, f"{self.name} to be ready")
            if not self.alive:
                raise AssertionError(f"{self.name} ended at once with exit code {self._popen.returncode}")
        except AssertionError as failure:
            self.kill()
            raise AssertionError(f"{failure}\n{self.log_text()}") from None

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def wait(self, timeout: float = 10.0) -> int:
        """Wait for the command to end by itself and return its exit code."""
        wait_until(lambda: not self.alive, timeout, f"{self.name} to end")
        return self._ended()

    def stop(self) -> int | None:
        """Ask the command to end; returns its exit code. Nothing happens when it is not running."""
        if not self.alive:
            return self._ended() if self in running else None
        family = self._family()
        os.kill(self.pid, self.stop_signal)
        try:
            wait_until(lambda: not self.alive, self.deadline, f"{self.name} to end after {self.stop_signal.name}")
            wait_until(
                lambda: not _living(family), self.children_deadline, f"the children of {self.name} to end with it"
            )
        except AssertionError as failure:
            _slay(family)
            self._ended()
            raise AssertionError(f"{failure}\n{self.log_text()[-8_000:]}") from None
        return self._ended()

    def kill(self) -> None:
        """End the command and all its children by SIGKILL, as a crash would."""
        _slay(self._family() if self.alive else [])
        self._ended()

    def _family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.pid)
        return [*parent.children(recursive=True), parent]

    def servers(self) -> list[psutil.Process]:
        """The processes of `serve --workers N` that answer requests; beside them there is a helper of Python's own."""
        return [one for one in psutil.Process(self.pid).children() if "spawn_main" in " ".join(one.cmdline())]

    def _ended(self) -> int:
        assert self._popen is not None
        if self in running:
            running.remove(self)
        return self._popen.wait(timeout=5)


def _living(family: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def _slay(family: list[psutil.Process]) -> None:
    for one in _living(family):
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
