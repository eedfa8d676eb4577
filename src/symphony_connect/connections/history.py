"""Reading the events of a workspace, as the API and webhooks tell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symphony_connect.access.bounds import NONE, Bounds
from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import rfc3339
from symphony_connect.connections import sql
from symphony_connect.core import Core
from symphony_connect.store.db import Row

STEP = 200
MOST_STEPS = 25
"""So many times STEP events are looked at for one page at most; the next page goes on behind them."""
LAST = 2**62
TIMES = ("at", "until", "expiresAt")
OF_ACCOUNTS = ("added", "removed", "changed", "selected")
PLATFORM_WORDS = ("platform_error", "message", "code")
"""A platform's own sentence may name any ad account."""

Place = tuple[int, str]
"""Time and id of an event; a page begins behind it."""
NEWEST: Place = (LAST, "")


@dataclass(frozen=True)
class Filter:
    """Empty, 0 or None is any. Times are milliseconds since the epoch, both excluded."""

    type: str = ""
    brand_id: int | None = None
    platform: str = ""
    after: int = -1
    before: int = LAST


@dataclass(frozen=True)
class Page:
    events: list[dict[str, Any]]
    next: Place | None
    """Where the next page begins; None at the end."""


async def list_events(core: Core, caller: Caller, asked: Filter, place: Place, most: int) -> Page:
    """What happened, newest first, as far as it is in the caller's bounds. Raises Problem `unknown_platform`.

    A page may hold fewer than `most` although there are more.
    """
    if asked.platform:
        core.platform(asked.platform, "platform")
        if not caller.bounds.has_platform(asked.platform):
            raise core.unknown_platform(asked.platform, "platform")
    found: list[dict[str, Any]] = []
    place = min(place, (asked.before, ""))
    for _ in range(MOST_STEPS):
        rows = await _step(core, caller.workspace_id, asked, place)
        for row in rows:
            place = (row["at"], row["id"])
            if _fits(row, asked, caller.bounds) and (event := described(row, caller.bounds)) is not None:
                found.append(event)
                if len(found) == most:
                    return Page(found, place)
        if len(rows) < STEP:
            return Page(found, None)
    return Page(found, place)


async def _step(core: Core, workspace_id: str, asked: Filter, place: Place) -> list[Row]:
    of = {"workspace_id": workspace_id, "since": asked.after, "at": place[0], "id": place[1], "most": STEP}
    async with core.store.pages() as tx:
        if asked.brand_id is not None:
            return await tx.all(sql.events_of_brand, **of, brand_id=asked.brand_id)
        if asked.type:
            return await tx.all(sql.events_of_type, **of, type=asked.type)
        return await tx.all(sql.events_of_workspace, **of)


def _fits(row: Row, asked: Filter, bounds: Bounds) -> bool:
    if asked.type not in ("", row["type"]) or asked.platform not in ("", row["platform"]):
        return False
    if row["brand_id"] is not None and not bounds.has_brand(row["brand_id"]):
        return False
    return bounds.has_platform(row["platform"])


def described(row: Row, bounds: Bounds = NONE) -> dict[str, Any] | None:
    """An event as it goes over the wire; None where nothing of it is in bounds."""
    data = json.loads(row["data"])
    if bounds.ad_accounts is not None and row["type"].startswith("assets."):
        return None
    if bounds.ad_accounts is not None:
        data = _of_accounts(data, bounds)
    if data is None:
        return None
    return {
        "id": row["id"],
        "type": row["type"],
        "timestamp": rfc3339(row["at"]),
        "brandId": row["brand_id"],
        "adPlatform": row["platform"],
        "connectionId": row["connection_id"],
        "actor": row["actor"],
        "data": {_camel(name): _value(name, value) for name, value in data.items()},
    }


def _of_accounts(data: Mapping[str, Any], bounds: Bounds) -> dict[str, Any] | None:
    """Without ad accounts that are out of bounds; None where it was only about those."""
    kept = {name: value for name, value in data.items() if name not in PLATFORM_WORDS}
    lists = {name: ids for name, ids in kept.items() if name in OF_ACCOUNTS and ids and "scopes" not in kept}
    if not lists:
        return kept
    shown = {name: [id for id in ids if bounds.has_account(id)] for name, ids in lists.items()}
    return {**kept, **shown} if any(shown.values()) else None


def _value(name: str, value: Any) -> Any:
    """Times in words; `before` is one where a renewal says what the end was."""
    is_time = isinstance(value, int) and (name in TIMES or name == "before")
    return rfc3339(value) if is_time else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
