"""Armed faults: what the next calls will meet instead of, or besides, a proper answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

PLAIN_ERRORS = {
    "timeout": "never answers",
    "reset": "the connection is cut without an answer",
    "truncate": "an answer that breaks off half-way",
    "html": "an HTML page instead of JSON",
}
"""Faults that belong to no platform, besides `http:<status>`."""


@dataclass
class Fault:
    """Meets the next `times` calls of a platform whose plain path contains `path` (no slash at either end)."""

    number: int
    platform: str
    path: str
    times: int
    error: str | None
    """`meta:190/460`, `http:503`, one of PLAIN_ERRORS; None only delays."""
    delay_ms: int = 0
    when: str = "before"
    """`before`: the call does nothing. `after`: it takes effect, and its answer is lost."""


class Faults:
    """The armed ones, oldest first; a spent fault is gone."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._count = 0
        self.released = asyncio.Event()

    def clear(self) -> None:
        """Disarm all, and let go of every call that one of them holds back."""
        self._armed.clear()
        self.released.set()
        self.released = asyncio.Event()

    def arm(
        self,
        platform: str,
        error: str | None,
        *,
        path: str = "",
        times: int = 1,
        delay_ms: int = 0,
        when: str = "before",
    ) -> Fault:
        self._count += 1
        fault = Fault(self._count, platform, path, times, error, delay_ms, when)
        self._armed.append(fault)
        return fault

    def take(self, platform: str, plain_path: str) -> Fault | None:
        """The oldest fault that this call meets, one time less."""
        for fault in self._armed:
            if fault.platform == platform and fault.path in plain_path:
                fault.times -= 1
                if fault.times == 0:
                    self._armed.remove(fault)
                return fault
        return None

    def disarm(self, number: int) -> bool:
        """Whether there was such a fault; it is gone now."""
        kept = [fault for fault in self._armed if fault.number != number]
        found = len(kept) < len(self._armed)
        self._armed = kept
        return found

    def armed(self) -> list[Fault]:
        return list(self._armed)
