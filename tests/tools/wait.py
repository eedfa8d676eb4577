"""Waiting for a condition, and ports nobody else uses. The only place in the tests that sleeps."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Below the ports that Linux and macOS hand to outgoing connections, above the last one that browsers refuse.
PORTS = range(11_000, 32_000)


def wait_until(condition: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
    """Ask `condition` every 20 ms until it is true, and return its value.

    `timeout` is in seconds; after it an AssertionError names `what` was waited for.
    """
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:g} s in vain for {what or condition}")
        time.sleep(0.02)
    return value


def free_port() -> int:
    """A TCP port on which nothing listens. Drawn by chance, so that parallel workers rarely meet."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
