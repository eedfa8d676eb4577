"""What Meta's rate-limit headers say: when calls are accepted again, and how near the limit is ("Rate Limits")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import retry_after

NEARLY_ALL = 95
"""Percent of the app's calls. The rest is left to the campaign code, which uses the same app."""


def nearly_limited(headers: Mapping[str, str]) -> bool:
    """Whether the app has nearly used up its calls of this hour."""
    used = fields.mapping(_parsed(headers.get("x-app-usage", "")))
    return any((fields.whole(percent) or 0) >= NEARLY_ALL for percent in used.values())


def regained_at(headers: Mapping[str, str], now: int) -> int | None:
    """The latest hour named, in milliseconds; None when no header names one.

    For an answer that was refused: below the limit `reset_time_duration` is no reason to wait.
    """
    waits = [retry_after(headers, 0) or 0, *_account_waits(headers), *_business_waits(headers)]
    return now + max(waits) if max(waits) > 0 else None


def _account_waits(headers: Mapping[str, str]) -> Iterator[int]:
    """`reset_time_duration` is in seconds."""
    account = fields.mapping(_parsed(headers.get("x-ad-account-usage", "")))
    yield fields.after(0, account.get("reset_time_duration")) or 0


def _business_waits(headers: Mapping[str, str]) -> Iterator[int]:
    """`estimated_time_to_regain_access` is in minutes, one for each Business and kind of call."""
    for uses in fields.mapping(_parsed(headers.get("x-business-use-case-usage", ""))).values():
        for use in fields.rows(uses):
            yield (fields.after(0, use.get("estimated_time_to_regain_access")) or 0) // SECOND * MINUTE


def _parsed(header: str) -> object:
    try:
        parsed: object = json.loads(header)
    except (ValueError, RecursionError):
        return None
    return parsed
