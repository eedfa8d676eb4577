"""What platforms tell us by themselves, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Notice:
    """What a platform's server told us of a person. `identity_id` is empty where it is about nobody's connection.

    `at`: when the platform said so, in milliseconds since the epoch. `request`: the same for the same request.
    """

    identity_id: str
    at: int
    request: str


@dataclass(frozen=True)
class Route:
    """A path that a platform's servers call.

    `means`: `deauthorized`, the person took our app back; `deletion`, what is stored of them must be deleted.
    """

    means: Literal["deauthorized", "deletion"]
    read: Callable[[Mapping[str, str]], Notice]
    """From the form's fields. Raises `Rejected` (`platforms/base.py`) for a request that is not the platform's."""
    answer: Callable[[str, str], Mapping[str, Any]] = lambda _url, _code: {}
    """Of a deletion: the JSON that the platform expects, from the status page's address and the confirmation code."""
