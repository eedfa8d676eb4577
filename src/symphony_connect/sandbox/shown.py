"""What the control room shows of a call, a grant and a person's belongings, in words.

Platforms describe holdings in their own keys (`SandboxPlatform.holdings`); unknown keys are shown unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from markupsafe import Markup

from symphony_connect.base.clock import DAY, HOUR, MINUTE, rfc3339
from symphony_connect.sandbox.faults import PLAIN_ERRORS
from symphony_connect.sandbox.isolation import bdi
from symphony_connect.sandbox.ledger import Call
from symphony_connect.sandbox.platform import SandboxPlatform

FIRST = 5
"""A longer list is cut to this many names; the control API has all."""


def call_row(call: Call, platform: SandboxPlatform) -> dict[str, Any]:
    """One line of the ledger; `shape` says how it went: ok, warn (refused), bad (broken) or wait."""
    time = rfc3339(call.time) or ""
    fault = call.fault or ""
    why = _plain_words(call.why) or call.why or place_of(platform, call.path)
    return {
        "number": call.number,
        "time": time,
        "call": [f"{call.method} ", *re.findall(r"[^/]*/|[^/]+", call.path)],
        "shape": _shape(call),
        "params": call.params,
        "body": call.answer,
        "answer": " · ".join(filter(None, (_status(call), call.code))),
        "why": ", ".join(filter(None, (why.rstrip("."), call.person, fault and f"fault {fault.partition(' ')[0]}"))),
    }


def failed(call: Call) -> bool:
    """Whether a call was refused or broken, or is not answered yet."""
    return _shape(call) != "ok"


def _plain_words(why: str) -> str:
    """Of a fault that is no platform's, such as `truncate` or `http:503`."""
    kind, _, status = why.partition(":")
    return HTTPStatus(int(status)).phrase if kind == "http" else PLAIN_ERRORS.get(kind, "")


def _broken(call: Call) -> bool:
    """Whether the call got a fault that is not one of the platform's errors."""
    return (call.fault or "").partition(" ")[2].partition(":")[0] in PLAIN_ERRORS


def _status(call: Call) -> str:
    if call.status is None:
        return "no answer" if _broken(call) else "…"
    return f"{call.status} cut off" if (call.fault or "").endswith(" truncate") else str(call.status)


def _shape(call: Call) -> str:
    if _broken(call) or (call.status or 0) >= 500:
        return "bad"
    if call.status is None:
        return "wait"
    return "warn" if call.code or call.status >= 400 else "ok"


def place_of(platform: SandboxPlatform, path: str) -> str:
    """The platform's description of a path; empty when it has none."""
    plain = platform.plain(path)
    places: Mapping[str, str] = getattr(platform, "places", {})
    return next((words for part, words in places.items() if part in plain), "")


def grant_line(grant: Mapping[str, Any], apps: Sequence[Mapping[str, Any]], now: int) -> dict[str, Any]:
    """One grant: whose app, which kind, until when; `alive` is None where the platform does not say."""
    names = {app.get("id"): app.get("name") for app in apps}
    over = grant.get("over") or grant.get("tokens") == 0
    known = "over" in grant or "tokens" in grant
    return {
        "app": names.get(grant.get("appId"), grant.get("appId", "")),
        "kind": str(grant.get("kind", "")).replace("_", " "),
        "alive": not over if known else None,
        "end": _end(grant, now),
        "data": _when(grant["dataAccessEnds"], now) if grant.get("dataAccessEnds") else "",
    }


def _end(grant: Mapping[str, Any], now: int) -> str:
    if grant.get("over"):
        return "over"
    if grant.get("tokens") == 0:
        return "no token works"
    if "ends" not in grant:
        return ""
    return f"ends {_when(grant['ends'], now)}" if grant["ends"] else "no end"


def _when(time: str, now: int) -> str:
    """For example `2027-01-20, in 59 d`."""
    left = int(datetime.fromisoformat(time).timestamp() * 1000) - now
    far = span(abs(left) if abs(left) < 3 * DAY else abs(left) // DAY * DAY)
    return f"{time[:10]}, {f'in {far}' if left > 0 else f'{far} ago'}"


def span(milliseconds: int) -> str:
    """For example `61 d 2 h`, `61 d`, `5 h` or `3 min`, rounded down."""
    days, hours = milliseconds // DAY, milliseconds % DAY // HOUR
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h" if hours else f"{milliseconds // MINUTE} min"


def belongings(holdings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else a person has: label and words for each key, in the platform's order."""
    return [(words(key), _listed(value)) for key, value in holdings.items() if key != "grants" and value != []]


def _listed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, list):
        return str(value)
    more = f" and {len(value) - FIRST} more" if len(value) > FIRST else ""
    return Markup(", ").join(_named(each) for each in value[:FIRST]) + more


def _named(each: Any) -> Markup:
    if not isinstance(each, dict):
        return bdi(each)
    status = str(each.get("status", ""))
    odd = f" ({status})" if status and not re.fullmatch(r"1|.*(ENABLE|ACTIVE).*", status) else ""
    return bdi(each.get("name", each.get("id", ""))) + odd


def permissions(holdings: Mapping[str, Any]) -> list[str]:
    """Those granted to any app, where the platform has them by name."""
    found = {name: None for grant in _grants(holdings) for name in dict(grant.get("permissions", {}))}
    return list(found)


def words(key: str) -> str:
    """`ad accounts` of `adAccounts`, `change password` of `change-password`."""
    return re.sub(r"[-_]", " ", re.sub(r"(?<=[a-z])([A-Z])", lambda found: f" {found[1].lower()}", key))


def summary(person: Mapping[str, Any]) -> str:
    """For example `2 ad accounts, 1 grant`."""
    count = person["adAccounts"]
    parts = [_count(count, "ad account") if count else "no ad account"]
    traits = (
        ("businessOnly", "owned by a Business only"),
        ("disabled", "disabled"),
        ("partial", "ticks only some permissions"),
    )
    parts += [text for trait, text in traits if person[trait]]
    grants = sum(len(_grants(holdings)) for holdings in person["platforms"].values())
    return ", ".join([*parts, _count(grants, "grant")] if grants else parts)


def _grants(holdings: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = holdings.get("grants", ())
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def paths_met(calls: Iterable[Call], platforms: Mapping[str, SandboxPlatform]) -> dict[str, list[str]]:
    """By platform, the plain paths it was called at that it has no words for: a fault can be aimed at these too."""
    found: dict[str, dict[str, None]] = {name: {} for name in platforms}
    for call in calls:
        platform = platforms[call.platform]
        path = platform.plain(call.path).strip("/")
        if path and not place_of(platform, call.path):
            found[call.platform][path] = None
    return {name: list(paths) for name, paths in found.items()}
