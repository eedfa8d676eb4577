"""When Meta ends the versions of its API, from `versions.json` (its changelog, with source and date)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from symphony_connect.platforms.base import ApiVersion

_ROWS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("versions.json").read_text(encoding="utf-8"))[
    "versions"
]


def described(name: str, setting: str) -> ApiVersion:
    """`ends_at` is where the first of the two ends, the Graph API's or the Marketing API's; we call both."""
    row = next((row for row in _ROWS if row["version"] == name), None)
    last = min(filter(None, (row["graph"], row["ads"])), default=None) if row else None
    newest: str = _ROWS[0]["version"]
    return ApiVersion(name, _after(last) if last else None, newest, setting, row is not None)


def _after(last_day: str) -> int:
    """The end of that day in UTC."""
    end = datetime.fromisoformat(last_day).replace(tzinfo=UTC) + timedelta(days=1)
    return int(end.timestamp() * 1000)
