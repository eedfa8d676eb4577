"""Every platform call, so that a test can check that there was exactly one."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

MAX_ROWS = 20_000
MAX_ANSWERS = 500
"""Of so many calls the answers are kept."""
MAX_ANSWER = 2_000
"""Characters of one answer."""
MAX_COUNTS = 1_000
"""So many different paths and outcomes are counted apart; the rest together."""
_SECRET = re.compile(r"token|secret|code|proof|verifier|password|signed_request|state|nonce", re.IGNORECASE)
_HARMLESS = {"error_code", "code_challenge_method"}
_FIELD = re.compile(r'("([^"\\]{1,60})"\s*:\s*)"((?:[^"\\]|\\.)*)(?:"|…?$)')
"""A field of JSON whose value is a text, also one that was cut off."""
_INSIDE = re.compile(r"((?:token|secret|code|proof|verifier)(?:=|%3D))[^&\"\s]+", re.IGNORECASE)


@dataclass
class Call:
    """One platform call. `status` stays None while it is unanswered, or when the connection was cut."""

    number: int
    time: int
    """Milliseconds since the epoch, by the world's clock."""
    platform: str
    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    """Query and form fields, secrets and tokens masked."""
    status: int | None = None
    code: str | None = None
    """The platform's own error code, as in `190/460`."""
    why: str = ""
    person: str | None = None
    fault: str | None = None
    """The fault that this call got."""
    answer: str = ""
    """The beginning of the answer's text, secrets and tokens masked; only of the newest calls."""


class Ledger:
    """The last 20,000 calls; `total` counts all of them, and `counts` those of each path and outcome."""

    def __init__(self) -> None:
        self._rows: deque[Call] = deque(maxlen=MAX_ROWS)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self.total = 0

    def clear(self) -> None:
        """Remove all calls and counts. Numbers continue, so that `after=12` stays right after a reset."""
        self._rows.clear()
        self._counts.clear()

    def count(self, call: Call, path: str) -> None:
        """A call is over. `path` is without its variable parts."""
        refused = call.status is None or call.status >= 400
        outcome = call.code or ("fault" if call.fault else f"http:{call.status}" if refused else "ok")
        key = (call.platform, path, outcome)
        if key not in self._counts and len(self._counts) >= MAX_COUNTS:
            key = (call.platform, "…", "…")
        self._counts[key] += 1

    def counts(self) -> list[dict[str, Any]]:
        """How many calls of each platform, path and outcome there were, however long ago.

        The outcome is `ok`, `fault`, the platform's own error code, or `http:` and the status.
        """
        names = ("platform", "path", "outcome")
        return [{**dict(zip(names, key, strict=True)), "calls": calls} for key, calls in self._counts.items()]

    def __len__(self) -> int:
        """How many calls are kept."""
        return len(self._rows)

    def newest(self, count: int, platform: str = "", wanted: Callable[[Call], bool] | None = None) -> list[Call]:
        """The last so many, newest first; of one platform, if it is named, and only those `wanted`."""
        found = (row for row in reversed(self._rows) if platform in ("", row.platform))
        return list(islice(filter(wanted, found) if wanted else found, count))

    def open(self, time: int, platform: str, method: str, path: str, params: Iterable[tuple[str, str]]) -> Call:
        self.total += 1
        call = Call(self.total, time, platform, method, path, {key: masked(key, value) for key, value in params})
        self._rows.append(call)
        if len(self._rows) > MAX_ANSWERS:
            self._rows[-MAX_ANSWERS - 1].answer = ""
        return call

    def rows(self, *, after: int = 0, platform: str = "", path: str = "") -> list[dict[str, Any]]:
        """Oldest first; narrowed to numbers above `after`, one platform, paths that contain `path`."""
        return [
            asdict(row)
            for row in self._rows
            if row.number > after and platform in ("", row.platform) and path in row.path
        ]


def masked_text(text: str) -> str:
    """The beginning of an answer's text as the ledger keeps it, JSON or not."""
    short = text if len(text) <= MAX_ANSWER else text[:MAX_ANSWER] + "…"
    return _INSIDE.sub(r"\1…", _FIELD.sub(lambda found: f'{found[1]}"{masked(found[2], found[3])}"', short))


def masked(key: str, value: str) -> str:
    """A parameter as the ledger keeps it: of a secret only a few letters, enough to see whether two differ."""
    if key in _HARMLESS or not _SECRET.search(key):
        value = _INSIDE.sub(r"\1…", value)  # addresses inside a batch carry tokens too
        return value if len(value) <= 200 else value[:199] + "…"
    return f"…{value[-4:]}" if len(value) > 12 else "…"
