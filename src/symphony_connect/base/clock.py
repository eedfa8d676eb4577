"""The one source of time. Everything that needs the time is given a Clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Clock = Callable[[], int]
"""Milliseconds since the epoch."""


def system_clock() -> int:
    """The machine's own clock, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class FileClock:
    """The machine's clock plus an offset in milliseconds that a file holds.

    Development only: service, worker and sandbox read the same file, so that moving it moves
    all of them together. A missing or unreadable file means no offset.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def offset(self) -> int:
        try:
            return int(self.path.read_text(encoding="ascii").strip() or 0)
        except (OSError, ValueError):
            return 0

    def advance(self, milliseconds: int) -> int:
        """Move the shared clock; returns the new offset. The file is replaced whole, so nobody reads half of it."""
        offset = self.offset() + milliseconds
        beside = self.path.with_name(self.path.name + ".new")
        beside.write_text(str(offset), encoding="ascii")
        beside.replace(self.path)
        return offset

    def __call__(self) -> int:
        return system_clock() + self.offset()


def rfc3339(milliseconds: int | None) -> str | None:
    """A stored time (milliseconds) as API answers show it: RFC 3339, UTC, whole seconds."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat()[:19] + "Z"
