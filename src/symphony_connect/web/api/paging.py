"""`?limit=50&cursor=`: opaque cursors over keys that sort."""

from __future__ import annotations

import base64
import binascii
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


def cursor_of(key: int | str) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).rstrip(b"=").decode()


def after(cursor: str | None) -> int:
    """The number a cursor stands for; 0 without one or with an empty one. Raises Problem."""
    if not cursor:
        return 0
    try:
        number = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (binascii.Error, ValueError):
        number = -1
    if not 0 <= number < 2**63:
        raise Problem("invalid_request", "cursor is not one that this service gave out.", field="cursor")
    return number
