"""Reads platforms' JSON, which is not always as their documents say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LONGEST_SENTENCE, _LONGEST_READ = 300, 2_000
_MOST_SECONDS = 10**11
_TOKEN_LIKE = re.compile(r"(?![a-z_]+\b)[A-Za-z0-9_|-]{20,}")


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one in the place of anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; anything else in it is left out."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string, or an integer id as one; empty in the place of anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def whole(value: Any) -> int | None:
    """An integer, also when it came as a string or as 5183944.0; None in the place of anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return None


def after(now: int, seconds: Any) -> int | None:
    """`seconds` from now in milliseconds; None, no known end, when absent, zero or no sensible number."""
    count = whole(seconds)
    return now + count * 1000 if count is not None and 0 < count < _MOST_SECONDS else None


def moment(seconds: Any) -> int | None:
    """A platform's absolute time in seconds as milliseconds; None when it is 0 (never) or no number."""
    return after(0, seconds)


def sentence(value: Any, *secrets: str) -> str:
    """A platform's message, made safe for logs and answers: tokens that platforms repeat in it are removed."""
    words = text(value)
    for secret in secrets:
        words = words.replace(secret, "…") if secret else words
    # Looking for tokens takes time by the square of the length.
    words = _TOKEN_LIKE.sub("…", words[:_LONGEST_READ])
    return "".join(letter if letter.isprintable() else " " for letter in words).strip()[:_LONGEST_SENTENCE]
