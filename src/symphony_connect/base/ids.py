"""Ids of rows and random secrets, from a source of randomness that is passed in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from functools import lru_cache

from symphony_connect.base.clock import Clock

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RandomBytes = Callable[[int], bytes]
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def base62(number: int, width: int) -> str:
    """Fixed width, most significant digit first, so that text order is number order."""
    digits = []
    for _ in range((width + 1) // 2):
        number, pair = divmod(number, 62 * 62)
        digits.append(_PAIRS[pair])
    return "".join(reversed(digits))[-width:]


@lru_cache(maxsize=16)
def _head(number: int) -> str:
    """The first characters of a time. They stay the same for 3.8 seconds."""
    return base62(number, 6)


def _time(at: int) -> str:
    """Eight characters for milliseconds since the epoch."""
    head, pair = divmod(at, len(_PAIRS))
    return _head(head) + _PAIRS[pair]


class Ids:
    """Makes row ids and random secrets."""

    def __init__(self, clock: Clock, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._clock = clock
        self._random = random_bytes

    def new(self, prefix: str, at: int | None = None) -> str:
        """An id that sorts by the time it was made: `evt_0Tq3…`, 48 bits of time and 95 random bits.

        `at`: milliseconds since the epoch, where it is for another time than now.
        """
        return f"{prefix}_{_time(self._clock() if at is None else at)}{self.secret(16)}"

    def many(self, prefix: str) -> Iterator[str]:
        """The same for what happens all day, never for a secret: 3,844 ids in turn differ in two characters only."""
        while True:
            shared = self.secret(14)
            for pair in _PAIRS:
                yield f"{prefix}_{_time(self._clock())}{shared}{pair}"

    def secret(self, characters: int = 43) -> str:
        """Random base62; 43 characters hold 256 bits."""
        return base62(int.from_bytes(self._random(characters)), characters)


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: a random secret is found by it, so the secret itself need not be stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str, form: str) -> str:
    """The token for one form, from the secret in the browser's cookie; it tells nothing of the secret."""
    return fingerprint(f"form {form} {secret}")
