"""Faults: errors, delays and broken connections that the next calls get."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PLAIN_ERRORS = {
    "timeout": "never answers",
    "reset": "the connection is cut without an answer",
    "truncate": "an answer that breaks off half-way",
    "html": "an HTML page instead of JSON",
}
"""Faults that belong to no platform, besides `http:<status>`."""
WIRE_ERRORS = ("reset", "truncate", "html")
"""These apply to a whole connection, so not to one call inside a batch."""


@dataclass(frozen=True)
class Answer:
    """Any answer, for what the documented errors do not cover."""

    status: int = 200
    body: Any = ""
    """Text as it is; anything else is sent as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else json.dumps(self.body)

    @property
    def sent_headers(self) -> dict[str, str]:
        """`headers`, with a content type added when they name none."""
        usual = "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/json"
        named = any(name.lower() == "content-type" for name in self.headers)
        return dict(self.headers) if named else {"content-type": usual, **self.headers}


@dataclass
class Fault:
    """Applies to the next `times` calls of a platform whose plain path contains `path` (no slash at either end)."""

    number: int
    platform: str
    path: str
    times: int
    error: str | None
    """`meta:190/460`, `http:503`, one of PLAIN_ERRORS; None only delays."""
    delay_ms: int = 0
    when: str = "before"
    """`before`: the call does nothing. `after`: it takes effect, and its answer is lost."""
    answer: Answer | None = None
    """Sent instead of a documented error."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Only calls with these parameters, in query or body, are met."""
    part: int | None = None
    """The number of a call inside a batch, from 1; None for calls that stand alone."""

    @property
    def words(self) -> str:
        """What the ledger shows of it."""
        return self.error or ("answer" if self.answer else "delay")

    def meets(self, platform: str, plain_path: str, params: list[tuple[str, str]], part: int | None) -> bool:
        if self.platform != platform or self.path not in plain_path or self.part != part:
            return False
        return not self.query or self.query.items() <= set(params)


class Faults:
    """The armed faults, oldest first. A fault that was met `times` times is removed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._count = 0
        self.released = asyncio.Event()

    def clear(self) -> None:
        """Disarm all faults, and continue every call that one of them holds back."""
        self._armed.clear()
        self.released.set()
        self.released = asyncio.Event()

    def arm(self, platform: str, error: str | None, **more: Any) -> Fault:
        """`more` as the fields of Fault; `times` is 1 and `path` any when absent."""
        self._count += 1
        fault = Fault(self._count, platform, more.pop("path", ""), more.pop("times", 1), error, **more)
        self._armed.append(fault)
        return fault

    def take(
        self, platform: str, plain_path: str, params: Iterable[tuple[str, str]] = (), part: int | None = None
    ) -> Fault | None:
        """The oldest fault that applies to this call, counted down by one; None when there is none."""
        given = list(params)
        for fault in self._armed:
            if fault.meets(platform, plain_path, given, part):
                fault.times -= 1
                if fault.times == 0:
                    self._armed.remove(fault)
                return fault
        return None

    def disarm(self, number: int) -> bool:
        """Remove a fault. Returns False when there is none of this number."""
        kept = [fault for fault in self._armed if fault.number != number]
        found = len(kept) < len(self._armed)
        self._armed = kept
        return found

    def armed(self) -> list[Fault]:
        return list(self._armed)
