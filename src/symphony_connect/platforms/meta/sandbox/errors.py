"""Meta's error envelopes, from the documented ones in `samples/errors.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_SAMPLES = Path(__file__).parents[1] / "samples"
_ROWS: Mapping[str, Mapping[str, Any]] = {
    row["key"]: row for row in json.loads((_SAMPLES / "errors.json").read_text(encoding="utf-8"))["errors"]
}
CATALOGUE: Mapping[str, str] = {key: row["why"] for key, row in _ROWS.items()}
"""What a fault can answer: `code` or `code/subcode`; a word after the slash separates errors that share a code."""

_PACIFIC = timedelta(hours=-8)
_EXAMPLE: Mapping[str, str] = {
    **{"id": "me", "verb": "get", "kind": "User", "expired": "", "now": ""},
    **{"words": 'Expected end of string instead of "?".', "place": "2", "text": "id?"},
}


class GraphError(Exception):
    """A refusal; `key` is one of CATALOGUE, `fill` completes its message."""

    def __init__(self, key: str, **fill: str) -> None:
        super().__init__(key)
        self.key = key
        self.row = _ROWS[key]
        self.fill = fill

    @property
    def code(self) -> int:
        return int(self.row["code"])

    @property
    def message(self) -> str:
        """The message; an example value stands where `fill` has none."""
        return str(self.row["message"]).format_map({**_EXAMPLE, **self.fill})

    def envelope(self, trace: str) -> dict[str, Any]:
        """`{"error": …}`, as the Graph API sends it; `trace` is the fbtrace_id."""
        optional = {
            "is_transient": self.row.get("transient"),
            "error_subcode": self.row.get("subcode"),
            "error_user_title": self.row.get("title"),
            "error_user_msg": self.row.get("text"),
        }
        error = {"message": self.message, "type": self.row["type"], "code": self.code}
        error |= {key: value for key, value in optional.items() if value is not None}
        return {"error": {**error, "fbtrace_id": trace}}

    @property
    def challenge(self) -> str:
        """The `WWW-Authenticate` header."""
        kind = "invalid_request"
        if self.code in (102, 190):
            kind = "invalid_token"
        elif self.key in ("100/code", "100/pkce", "100/36007", "100/36008", "100/36009"):
            kind = "invalid_code"
        return f'OAuth "Facebook Platform" "{kind}" "{self.message}"'


def session_expired(expired: int, now: int) -> GraphError:
    """190/463; both times in seconds since the epoch."""
    return GraphError("190/463", expired=_written(expired), now=_written(now))


def _written(seconds: int) -> str:
    """As in `Thursday, 10-Dec-15 04:00:00 PST`."""
    return (datetime.fromtimestamp(seconds, UTC) + _PACIFIC).strftime("%A, %d-%b-%y %H:%M:%S PST")
