"""What Meta's rate-limit headers say: when calls are accepted again, and how near the limit is ("Rate Limits")."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import retry_after
from symphony_connect.platforms.proxied import Usage

INSIGHTS = "insights"
"""The limit of reports (`x-fb-ads-insights-throttle`): the app's, and with an ad account behind it that one's."""
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


def usage(headers: Mapping[str, str], accounts: Collection[str]) -> Usage:
    """How near the limits are, in percent: the app's, the ad accounts' of the call, and those of insights."""
    app = _highest(fields.mapping(_parsed(headers.get("x-app-usage", ""))).values())
    others: dict[str, tuple[float, int]] = {}
    own = fields.mapping(_parsed(headers.get("x-ad-account-usage", "")))
    if (percent := _highest([own.get("acc_id_util_pct")])) is not None:
        others |= dict.fromkeys(accounts, (percent, max(_account_waits(headers))))
    for id, uses in fields.mapping(_parsed(headers.get("x-business-use-case-usage", ""))).items():
        percent, wait = _business_use(uses)
        others[f"act_{id}"] = max(others.get(f"act_{id}", (0.0, 0)), (percent, wait))
    throttle = fields.mapping(_parsed(headers.get("x-fb-ads-insights-throttle", "")))
    if (percent := _highest([throttle.get("app_id_util_pct")])) is not None:
        others[INSIGHTS] = percent, 0
    if (percent := _highest([throttle.get("acc_id_util_pct")])) is not None:
        others |= {f"{INSIGHTS} {account}": (percent, 0) for account in accounts}
    return Usage(app, 0, others)


def _business_use(uses: object) -> tuple[float, int]:
    """The fullest of a Business's or ad account's kinds of call, and when it may call again."""
    rows = list(fields.rows(uses))
    shares = [_highest(row.get(name) for name in ("call_count", "total_time", "total_cputime")) for row in rows]
    waits = [(fields.after(0, row.get("estimated_time_to_regain_access")) or 0) // SECOND * MINUTE for row in rows]
    return max((share for share in shares if share is not None), default=0.0), max(waits, default=0)


def _highest(values: Iterable[object]) -> float | None:
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return max(numbers, default=None)


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
