"""The driver as a process under test: renewals that end in the middle."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.tools.wait import wait_until

REPOSITORY = Path(__file__).parents[2]


class Driver:
    """`start` begins a renewal in a process of its own and returns its pid; `done` is what it said at its end."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver"],
            env=dict(env),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._pids: queue.Queue[int] = queue.Queue()
        self.done: dict[str, str] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            id, word, *rest = line.split(maxsplit=2)
            if word == "done":
                self.done[id] = " ".join(rest).strip()
            else:
                self._pids.put(int(word))

    def start(self, id: str) -> int:
        assert self._popen.stdin is not None
        self._popen.stdin.write(f"renew {id}\n")
        return self._pids.get(timeout=60)

    def outcome(self, id: str, timeout: float = 60) -> str:
        wait_until(lambda: id in self.done, timeout, f"the renewal of {id} to end")
        return self.done[id]

    def close(self) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        self._popen.wait(timeout=10)
        self._reader.join(timeout=10)
        assert self._popen.stdout is not None
        self._popen.stdout.close()


def kill(pids: Iterable[int]) -> None:
    """SIGKILL, and gone when this returns."""
    pids = list(pids)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids), 10, "the killed to be gone")


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def driving(env: Mapping[str, str]) -> Iterator[Driver]:
    driver = Driver(env)
    try:
        yield driver
    finally:
        driver.close()
