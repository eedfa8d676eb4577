"""`/dashboard/events` and `/dashboard/settings`; and whatever else is asked for below `/dashboard`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from symphony_connect.base.errors import CODES, Problem
from symphony_connect.operate.doctor import examine
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render, timeline
from symphony_connect.web.dashboard.connection import cursor
from symphony_connect.web.dashboard.guard import OurForm, SignedIn
from symphony_connect.web.dashboard.render import Times
from symphony_connect.web.dashboard.route import PageRoute

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

EVENTS = 50


@router.get("/events")
async def events_page(core: TheCore, who: SignedIn, before: Annotated[str, Query(max_length=60)] = "") -> Response:
    who.needs("events:read")
    times, names = Times(core.clock()), render.names(core)
    rows = await lists.events(core, who.caller.workspace_id, cursor(before), EVENTS + 1)
    told = [timeline.tell(row, times, names) for row in rows[:EVENTS]]
    brands = {row["brand_id"]: row["brand_name"] for row in rows}
    older = f"{told[-1].at}.{told[-1].id}" if len(rows) > EVENTS else ""
    return render.page(
        core,
        "events.html",
        who,
        events=told,
        brands=brands,
        older=older,
        first=not before,
        pulse=await render.pulse(core, who),
    )


@router.get("/settings")
async def settings_page(core: TheCore, who: SignedIn) -> Response:
    facts = await examine(core, offline=True, workspace_id=who.caller.workspace_id)
    return render.page(core, "settings.html", who, facts=facts, asked=False)


@router.post("/settings")
async def check_platforms(core: TheCore, who: SignedIn, _form: OurForm) -> Response:
    """Asks each platform whether it knows this server's app."""
    facts = await examine(core, workspace_id=who.caller.workspace_id)
    return render.page(core, "settings.html", who, facts=facts, asked=True)


@router.get("/{rest:path}")
async def nothing_here(_rest: Annotated[str, Path(alias="rest")], _who: SignedIn) -> Response:
    raise Problem("not_found", CODES["not_found"][1])
