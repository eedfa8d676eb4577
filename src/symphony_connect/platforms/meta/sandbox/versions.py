"""Which versions the Graph API has on a given day, from `versions.json` beside the platform."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError

_FILE = Path(__file__).parents[1] / "versions.json"
_ROWS: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["versions"]
NEWEST: str = _ROWS[0]["version"]
_VERSION = re.compile(r"^/v(\d{1,3}\.0|2\.1?\d|3\.[1-3])(?=/|$)")
"""Before v4.0 there were others, such as v2.12 and v3.3."""
_NO_VERSION = re.compile(r"^/v\d+(\.\d+)?(?=/|$)")
"""Looks like one, and is none: v26, v26.10."""


def plain(path: str) -> str:
    """`/me/adaccounts` of `/v26.0/me/adaccounts/`."""
    return "/" + _VERSION.sub("", path).strip("/")


def version_of(path: str, now: int) -> str:
    """As in `v26.0`: a version that has ended, or none, is answered by the oldest that has not.

    `now` in seconds since the epoch. Raises GraphError for a version that Meta does not have.
    """
    oldest = _oldest(now)
    found = _VERSION.match(path)
    if not found and (half := _NO_VERSION.match(path)):
        raise GraphError("2500/path", id=f"/{path[half.end() :].strip('/')}")
    if not found:
        return oldest
    wanted = _order(f"v{found[1]}")
    if wanted > _order(NEWEST) or wanted == (0, 0):
        raise GraphError("2500/path", id=plain(path))
    return "v{}.{}".format(*max(wanted, _order(oldest)))


def ended_for_ads(version: str, now: int) -> bool:
    """Whether the Marketing API has ended this version, which it does sooner."""
    return any(row["version"] == version and _over(row["ads"], now) for row in _ROWS)


def _oldest(now: int) -> str:
    oldest: str = next((row["version"] for row in reversed(_ROWS) if not _over(row["graph"], now)), NEWEST)
    return oldest


def _over(last: str | None, now: int) -> bool:
    return last is not None and datetime.fromtimestamp(now, UTC).date().isoformat() > last


def _order(version: str) -> tuple[int, int]:
    major, _, minor = version[1:].partition(".")
    return int(major), int(minor)
