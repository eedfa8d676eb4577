"""When LinkedIn ends a version of its API: each month's is supported for a year ("Versioning")."""

from __future__ import annotations

from datetime import UTC, datetime

from symphony_connect.platforms.base import ApiVersion


def described(name: str, setting: str, now: int) -> ApiVersion:
    """`name` is `YYYYMM`; the newest is this month's. `now` in milliseconds since the epoch."""
    year, month = int(name[:4]), int(name[4:])
    today = datetime.fromtimestamp(now / 1000, UTC)
    end = datetime(year + 1, month, 1, tzinfo=UTC)
    return ApiVersion(name, int(end.timestamp() * 1000), f"{today:%Y%m}", setting, known=name <= f"{today:%Y%m}")
