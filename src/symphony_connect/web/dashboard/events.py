"""`/dashboard/events`: what happened, newest first, narrowed to a brand, a kind, a platform or days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render, timeline
from symphony_connect.web.dashboard.connection import cursor
from symphony_connect.web.dashboard.guard import SignedIn
from symphony_connect.web.dashboard.render import Times
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.dashboard.search import MOST_STEPS, Sought
from symphony_connect.web.strict import LARGEST_INTEGER, whole

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

EVENTS = 50
CHOICES = 8
"""So many brands are offered where a name fits several."""
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Asked:
    """As the address has it; empty means any. Days are such as `2026-11-28`, both included."""

    brand: str = ""
    kind: str = ""
    platform: str = ""
    since: str = ""
    until: str = ""

    @property
    def plain(self) -> bool:
        return self == Asked()

    def query(self, **changes: str) -> str:
        return urlencode({name: value for name, value in {**vars(self), **changes}.items() if value})


@router.get("/events")
async def events_page(
    core: TheCore,
    who: SignedIn,
    before: Annotated[str, Query(max_length=60)] = "",
    brand: Text = "",
    kind: Text = "",
    platform: Text = "",
    since: Text = "",
    until: Text = "",
) -> Response:
    who.needs("events:read")
    asked = Asked(brand.strip(), kind, platform, since, until)
    brand_id, choices = await _brand(core, who.caller.workspace_id, asked.brand)
    rows, stopped = await _rows(core, who.caller.workspace_id, asked, brand_id, before)
    times, names = Times(core.clock()), render.names(core)
    sentences = [timeline.tell(row, times, names) for row in rows[:EVENTS]]
    older = f"{sentences[-1].at}.{sentences[-1].id}" if len(rows) > EVENTS else stopped
    return render.page(
        core,
        "events.html",
        who,
        asked=asked,
        kinds=timeline.KINDS,
        choices=choices,
        events=sentences,
        brands={row["brand_id"]: row["brand_name"] for row in rows},
        older=older,
        stopped=bool(stopped),
        first=not before,
        pulse=await render.pulse(core, who),
    )


async def _rows(
    core: Core, workspace_id: str, asked: Asked, brand_id: int | None, before: str
) -> tuple[list[Row], str]:
    """Up to EVENTS and one; and where the search stopped, when there may be more behind it."""
    place = cursor(before)
    if asked.until:
        place = min(place, (_day(asked.until, "until") + DAY, "0"))
    since = _day(asked.since, "since") if asked.since else 0
    if brand_id is None:
        return [], ""
    if asked.plain:
        return await lists.events(core, workspace_id, place, EVENTS + 1), ""
    found = await lists.narrowed_events(
        core,
        workspace_id,
        place,
        brand_id=brand_id,
        type=asked.kind,
        platform=asked.platform,
        since=since,
        steps=MOST_STEPS,
        most=EVENTS + 1,
    )
    rows = [row for row in found if row["id"] is not None]
    more = len(rows) <= EVENTS and found[0]["walked"] >= MOST_STEPS
    # From the last millisecond that was looked at, as other events of it may not have been.
    return rows, f"{found[0]['oldest'] + 1}.0" if more else ""


def _day(text: str, field: str) -> int:
    """Its beginning in milliseconds since the epoch. Raises Problem `invalid_request`."""
    try:
        return int(datetime.combine(date.fromisoformat(text), time(), UTC).timestamp()) * 1000
    except (ValueError, OverflowError):
        raise Problem("invalid_request", "A day is written like this: 2026-11-28.", field=field) from None


async def _brand(core: Core, workspace_id: str, text: str) -> tuple[int | None, list[Row]]:
    """The brand that an id or a name means: 0 is any, None is none or several; then also which they are."""
    if not text:
        return 0, []
    if number := whole(text, LARGEST_INTEGER):
        return number, []
    found = await lists.brands(core, workspace_id, 0, CHOICES, Sought.of(text))
    brands = list({row["brand_id"]: row for row in found.rows}.values())[:CHOICES]
    return (brands[0]["brand_id"], []) if len(brands) == 1 else (None, brands)
