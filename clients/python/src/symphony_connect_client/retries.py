"""When the same call is sent again, and when not: decided here, slept elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from symphony_connect_client.calls import Call
from symphony_connect_client.errors import APIError, ConnectionFailed, SymphonyError

PASSING = frozenset({502, 503, 504})
"""Statuses that may be over soon."""


@dataclass(frozen=True)
class Retries:
    """`Retry-After` is honoured; without one, waits double from `first`, and each is shortened at random by up to
    half, so that many clients do not come back together.

    A call that is not repeatable is sent again only where it was refused before it was done: 429 and `busy`.
    """

    tries: int = 4
    """How often a call is sent at most; 1: never again."""
    first: float = 0.5
    """Seconds before the second try."""
    longest: float = 30.0
    """Seconds. A longer wait is left to the caller: the error is raised at once, with its `retry_after`."""

    def wait(self, call: Call[object], tried: int, error: SymphonyError, random: Callable[[], float]) -> float | None:
        """Seconds until the next try; None when there is none."""
        if tried >= self.tries or not _may_pass(call, error):
            return None
        named = error.retry_after if isinstance(error, APIError) else None
        if named is None:
            return float(min(self.first * 2 ** (tried - 1), self.longest)) * (1 - random() / 2)
        return named if named <= self.longest else None


def _may_pass(call: Call[object], error: SymphonyError) -> bool:
    if isinstance(error, APIError):
        refused = error.status == 429 or error.code == "busy"
        return refused or (call.repeatable and error.status in PASSING and error.code != "not_configured")
    return call.repeatable and isinstance(error, ConnectionFailed)


def seconds(header: str | None, now: float) -> int | None:
    """`Retry-After` in seconds, also where it is a date (RFC 9110, section 10.2.3)."""
    if not header:
        return None
    if header.strip().isdigit():
        return int(header)
    try:
        return max(0, round(parsedate_to_datetime(header).timestamp() - now))
    except (ValueError, TypeError):
        return None
