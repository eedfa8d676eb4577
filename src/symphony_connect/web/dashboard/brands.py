"""`/dashboard/brands`: every brand with its connections, and links for those that have none yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from symphony_connect.signin import flows
from symphony_connect.store.db import Row
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render
from symphony_connect.web.dashboard.guard import SignedIn
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.dashboard.search import Sought

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

BRANDS = 50


@router.get("/brands")
async def brands_page(
    core: TheCore,
    who: SignedIn,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> Response:
    page = await lists.brands(core, who.caller.workspace_id, after, BRANDS + 1, Sought.of(q))
    brands: dict[int, list[Row]] = {}
    for row in page.rows:
        brands.setdefault(row["brand_id"], []).append(row)
    shown = list(brands.items())[:BRANDS]
    stopped = page.stopped["brand_id"] if page.stopped else 0
    next = shown[-1][0] if len(brands) > BRANDS else stopped
    return render.page(
        core,
        "brands.html",
        who,
        brands=shown,
        signins=await flows.by_code_in(core, who.caller.workspace_id, q),
        q=q,
        next=next,
        first=not after,
        stopped=bool(stopped),
    )
