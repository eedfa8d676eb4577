"""Pages: how the Graph API cuts a list of rows into pages with cursors."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.wire import Ask

USUAL_LIMIT = 25
MOST = 5_000


NOT_IN_LINKS = {"after", "before", "offset", "limit", "appsecret_proof", "method", "as"}
Row = Mapping[str, Any]


def page(ask: Ask, rows: Sequence[Row], shown: Callable[[Row], dict[str, Any]], quirk: str = "") -> dict[str, Any]:
    """One page of an edge, with cursors; `next` and `previous` only where there is more.

    `shown` cuts a row down to the fields asked for; `quirk` as in Person.paging. Raises GraphError.
    """
    limit = _limit(ask.params.get("limit", ""))
    start = _start(ask.params, limit)
    chosen = rows[start : start + limit]
    body: dict[str, Any] = {"data": [shown(row) for row in chosen]}
    if chosen:
        cursors = {"before": _cursor(start), "after": _cursor(start + len(chosen) - 1)}
        body["paging"] = {"cursors": cursors}
        if quirk == "repeats" and "after" in ask.params:
            cursors["after"] = ask.params["after"]
            body["paging"]["next"] = _link(ask, limit, after=cursors["after"])
        elif start + limit < len(rows):
            body["paging"]["next"] = _link(ask, limit, after=cursors["after"])
        if start > 0:
            body["paging"]["previous"] = _link(ask, limit, before=cursors["before"])
        if quirk == "without-after":
            del cursors["after"]
    if ask.params.get("summary") in ("true", "1", "total_count"):
        body["summary"] = {"total_count": len(rows)}
    return body


def _limit(text: str) -> int:
    if not text:
        return USUAL_LIMIT
    if not re.fullmatch(r"\d{1,9}", text):
        raise GraphError("100")
    return min(int(text), MOST)


def _start(params: Mapping[str, str], limit: int) -> int:
    if after := params.get("after"):
        return _place(after) + 1
    if before := params.get("before"):
        return max(_place(before) - limit, 0)
    offset = params.get("offset", "0")
    if not re.fullmatch(r"\d{1,9}", offset):
        raise GraphError("100")
    return int(offset)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"row:{place:08d}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        word, _, place = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word == "row":
            return int(place)
    except ValueError:
        raise GraphError("100/cursor") from None
    raise GraphError("100/cursor")


def _link(ask: Ask, limit: int, **cursor: str) -> str:
    """What was asked, with the access token inside, as Meta does it; the proof has to be added again."""
    kept = {key: value for key, value in ask.params.items() if key not in NOT_IN_LINKS}
    return f"{ask.base}/{ask.version}/{'/'.join(ask.path)}?{urlencode({**kept, 'limit': limit, **cursor})}"
