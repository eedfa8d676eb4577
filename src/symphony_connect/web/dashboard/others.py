"""`/dashboard/settings`; and whatever else is asked for below `/dashboard`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from symphony_connect.base.errors import CODES, Problem
from symphony_connect.operate.doctor import examine
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import render
from symphony_connect.web.dashboard.guard import OurForm, SignedIn
from symphony_connect.web.dashboard.route import PageRoute

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)


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
