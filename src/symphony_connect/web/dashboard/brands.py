"""`/dashboard/brands`: every brand with its connections, and links for those that have none yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from symphony_connect.store.db import Row
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render
from symphony_connect.web.dashboard.guard import SignedIn
from symphony_connect.web.dashboard.listing import patterns
from symphony_connect.web.dashboard.route import PageRoute

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

BRANDS = 50


@router.get("/brands")
async def brands_page(
    core: TheCore,
    who: SignedIn,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> Response:
    rows = await lists.brands(core, who.caller.workspace_id, after, BRANDS + 1, **patterns(core, q))
    brands: dict[int, list[Row]] = {}
    for row in rows:
        brands.setdefault(row["brand_id"], []).append(row)
    shown = list(brands.items())[:BRANDS]
    return render.page(
        core, "brands.html", who, brands=shown, q=q, next=shown[-1][0] if len(brands) > BRANDS else 0, first=not after
    )
