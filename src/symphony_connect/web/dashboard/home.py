"""`/dashboard`: the connections, and whether anything is newer than what a page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from symphony_connect.signin import flows
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import listing, lists, overview, render
from symphony_connect.web.dashboard.guard import SignedIn
from symphony_connect.web.dashboard.listing import Filter
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.dashboard.words import LABELS

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

Text = Annotated[str, Query(max_length=200)]


@router.get("")
async def home(
    core: TheCore,
    who: SignedIn,
    q: Text = "",
    status: Text = "",
    platform: Text = "",
    lane: Text = "",
    week: Text = "",
    why: Text = "",
    after: Text = "",
    sort: Text = "",
    page: Text = "",
    twin: Annotated[bool, Query(alias="table")] = False,
) -> Response:
    asked = Filter(q, status, platform, lane, week, why, after, sort, page)
    seen = await overview.load(core, who.caller.workspace_id)
    listed = await listing.load(core, who.caller.workspace_id, asked)
    if listed.total is None:
        listed = replace(listed, total=listing.counted(asked, seen.forecast))
    signins = await flows.by_code_in(core, who.caller.workspace_id, q)
    if not seen.total and not listed.rows and asked.plain:
        return render.page(
            core, "empty.html", who, seen=seen, platforms=core.platforms, pulse=await render.pulse(core, who)
        )
    return render.page(
        core,
        "home.html",
        who,
        seen=seen,
        listed=listed,
        signins=signins,
        asked=asked,
        links=await lists.last_links(core, who.caller.workspace_id, listed.rows),
        week_at=listing.week_start(week) if week else 0,
        accounts=listing.accounts,
        statuses=LABELS,
        twin=twin,
        columns=listing.COLUMNS,
        looked_at=listing.LOOKED_AT,
        counted_to=listing.COUNTED,
        refine={name: value for name, value in vars(asked).items() if value and name not in ("after", "page")},
        pulse=await render.pulse(core, who),
    )


@router.get("/pulse")
async def pulse(core: TheCore, who: SignedIn) -> JSONResponse:
    """What changes when a page should be read again. Two statements, so that pages may ask often."""
    return JSONResponse(
        {"pulse": await render.pulse(core, who), "stale": render.stale(core, who)}, headers=render.HEADERS
    )
