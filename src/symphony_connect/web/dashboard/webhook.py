"""`/dashboard/webhooks/{id}`: one endpoint, what was delivered to it, and what a person can do about it."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import render, timeline
from symphony_connect.web.dashboard.connection import cursor
from symphony_connect.web.dashboard.guard import OurForm, SignedIn
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.dashboard.webhooks import Id, asked, types
from symphony_connect.webhooks import deliveries, endpoints
from symphony_connect.webhooks.deliveries import TEST, Delivery
from symphony_connect.webhooks.endpoints import Change

router = APIRouter(prefix="/dashboard/webhooks", include_in_schema=False, route_class=PageRoute)
log = structlog.get_logger()

DELIVERIES = 50
STATES = {"pending": "Waiting", "delivered": "Delivered", "failed": "Given up"}
DONE = {
    "test": "A test delivery is queued; it is the first one below.",
    "again": "It is queued and will be sent again under the same id.",
    "all": "Everything that was given up is queued and will be sent again.",
    "changed": "The endpoint is changed.",
    "paused": "Paused. Nothing is sent, and events of this time are not queued for this endpoint.",
    "resumed": "Resumed. New events are sent again.",
}
SOON = MINUTE
"""A delivery that is due within this time keeps the page fresh every three seconds."""
AtDeliveries = Annotated[str, Path(max_length=60)]


@router.get("/{id}")
async def webhook_page(
    core: TheCore,
    who: SignedIn,
    id: Id,
    status: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[str, Query(max_length=60)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return await _page(core, who, id, status=status, before=before, notice=DONE.get(done, ""))


async def _page(
    core: Core,
    who: Visitor,
    id: str,
    *,
    status: str = "",
    before: str = "",
    notice: str = "",
    problem: str = "",
    form: FormData | None = None,
) -> Response:
    who.needs("webhooks:write")
    workspace = who.caller.workspace_id
    endpoint = await endpoints.find(core, workspace, id)
    counts = {each.id: count for each, *count in await endpoints.list_endpoints(core, workspace)}
    status = status if status in STATES else ""
    rows = await deliveries.list_deliveries(core, workspace, id, status, cursor(before), DELIVERIES + 1)
    last = rows[DELIVERIES - 1] if len(rows) > DELIVERIES else None
    return render.page(
        core,
        "webhook.html",
        who,
        status=400 if problem else 200,
        endpoint=endpoint,
        pending=counts.get(id, [0, 0])[0],
        failed=counts.get(id, [0, 0])[1],
        rows=rows[:DELIVERIES],
        states=STATES,
        chosen_state=status,
        older=f"{last.at}.{last.id}" if last else "",
        first=not before,
        kinds={**timeline.KINDS, TEST: "Test"},
        types=types(),
        form=form or {"url": endpoint.url, "description": endpoint.description},
        chosen=form.getlist("type") if form else endpoint.types or (),
        notice=notice,
        problem=problem,
        pulse="delivering" if _moving(rows, core.clock()) else await render.pulse(core, who),
    )


def _moving(rows: list[Delivery], now: int) -> bool:
    return any(row.status == "pending" and row.due_at < now + SOON for row in rows)


@router.post("/{id}/change")
async def change_endpoint(core: TheCore, who: SignedIn, form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    try:
        await endpoints.change(core, who.caller.workspace_id, id, asked(form))
    except Problem as problem:
        if problem.code == "not_found":
            raise
        return await _page(core, who, id, problem=problem.message, form=form)
    return _done(who, id, "changed")


@router.post("/{id}/pause")
async def pause_endpoint(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    await endpoints.change(core, who.caller.workspace_id, id, Change(enabled=False))
    return _done(who, id, "paused")


@router.post("/{id}/resume")
async def resume_endpoint(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    await endpoints.change(core, who.caller.workspace_id, id, Change(enabled=True))
    return _done(who, id, "resumed")


@router.post("/{id}/test")
async def send_test(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    await deliveries.send_test(core, who.caller.workspace_id, id, who.caller.key_id)
    return _done(who, id, "test")


@router.post("/{id}/replay")
async def replay_failed(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    await deliveries.replay_failed(core, who.caller.workspace_id, id)
    return _done(who, id, "all")


@router.post("/{id}/deliveries/{delivery}/replay")
async def replay(core: TheCore, who: SignedIn, _form: OurForm, id: Id, delivery: AtDeliveries) -> Response:
    who.needs("webhooks:write")
    await deliveries.replay(core, who.caller.workspace_id, id, delivery)
    return _done(who, id, "again")


def _done(who: Visitor, id: str, what: str) -> Response:
    log.info("webhook.handled", endpoint=id, what=what, by=who.caller.key_id)
    return RedirectResponse(f"/dashboard/webhooks/{id}?done={what}", 303)
