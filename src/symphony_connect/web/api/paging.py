"""`?limit=50&cursor=`: opaque cursors over keys that sort."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

from fastapi import Query
from pydantic import Field

from symphony_connect.base.errors import Problem
from symphony_connect.web.api.wire import Digits

Limit = Annotated[int, Field(ge=1, le=200), Digits, Query(description="Rows per page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=200, description="`nextCursor` of the page before.", json_schema_extra={"format": "cursor"}),
]


LAST = 2**62
"""Behind every time, in milliseconds."""


def cursor_of(key: int | str) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).rstrip(b"=").decode()


def after(cursor: str | None) -> int:
    """The number a cursor stands for; 0 without one or with an empty one. Raises Problem."""
    text = _decoded(cursor)
    if not re.fullmatch("[0-9]{1,19}", text) or int(text) >= 2**63:
        raise _unknown()
    return int(text)


def after_id(cursor: str | None) -> str:
    """The id that a cursor stands for; empty without one. Raises Problem."""
    text = _decoded(cursor)
    if text == "0":
        return ""
    if not re.fullmatch("[a-z]+_[0-9A-Za-z]+", text):
        raise _unknown()
    return text


def place_cursor(place: tuple[int, str]) -> str:
    return cursor_of(f"{place[0]}.{place[1]}")


def place(cursor: str | None) -> tuple[int, str]:
    """The time and id that a cursor stands for in a list whose newest come first. Raises Problem."""
    text = _decoded(cursor)
    if text == "0":
        return LAST, ""
    if not (found := re.fullmatch(r"([0-9]{1,15})\.([a-z]+_[0-9A-Za-z]+)", text)):
        raise _unknown()
    return int(found[1]), found[2]


def _decoded(cursor: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii") if cursor else "0"
    except (binascii.Error, ValueError):
        raise _unknown() from None


def _unknown() -> Problem:
    return Problem("invalid_request", "cursor is not one that this service gave out.", field="cursor")
