"""Ids of rows and random secrets, from a source of randomness that is passed in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

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


class Ids:
    """Makes row ids and random secrets."""

    def __init__(self, clock: Clock, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._clock = clock
        self._random = random_bytes
        self._last = (0, 0)

    def new(self, prefix: str) -> str:
        """An id that sorts by the time it was made: `evt_0Tq3…`, 48 bits of time and 95 random bits."""
        return f"{prefix}_{base62(self._clock(), 8)}{self.secret(16)}"

    def next(self, prefix: str) -> str:
        """As `new`, and behind every id that this process made in the same millisecond: ids of what has an order.

        Whoever knows one can guess the ones behind it, so these ids open nothing.
        """
        at, (before, number) = self._clock(), self._last
        low = number + 1 if at == before else int.from_bytes(self._random(15)) % (62**16 // 2)
        self._last = (at, low)
        return f"{prefix}_{base62(at, 8)}{base62(low, 16)}"

    def secret(self, characters: int = 43) -> str:
        """Random base62; 43 characters hold 256 bits."""
        return base62(int.from_bytes(self._random(characters)), characters)


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: a random secret is found by it, so the secret itself need not be stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str, form: str) -> str:
    """The token for one form, from the secret in the browser's cookie; it tells nothing of the secret."""
    return fingerprint(f"form {form} {secret}")
