"""`/dashboard/webhooks`: the workspace's endpoints; a new one's secret leaves as a file, once, as a new key does."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Path
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.base.errors import Problem
from symphony_connect.connections.event_types import CATALOGUE, DELIVERED
from symphony_connect.core import Core
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import render, timeline
from symphony_connect.web.dashboard.guard import OurForm, SignedIn, text
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.webhooks import endpoints
from symphony_connect.webhooks.endpoints import Change

router = APIRouter(prefix="/dashboard/webhooks", include_in_schema=False, route_class=PageRoute)
log = structlog.get_logger()

LONGEST_DESCRIPTION = 200
Id = Annotated[str, Path(max_length=60)]


def types() -> list[tuple[str, str, str]]:
    """What an endpoint may choose: each type, what people call it, and what it means."""
    return [(type, timeline.KINDS[type], CATALOGUE[type].split(";")[0].split(":")[0].rstrip(".")) for type in DELIVERED]


@router.get("")
async def webhooks_page(core: TheCore, who: SignedIn) -> Response:
    return await _page(core, who)


async def _page(core: Core, who: Visitor, *, problem: str = "", form: FormData | None = None) -> Response:
    who.needs("webhooks:write")
    return render.page(
        core,
        "webhooks.html",
        who,
        status=400 if problem else 200,
        rows=await endpoints.list_endpoints(core, who.caller.workspace_id),
        kinds=timeline.KINDS,
        types=types(),
        pulse=await render.pulse(core, who),
        problem=problem,
        form=form or {},
        chosen=form.getlist("type") if form else (),
    )


@router.post("")
async def make_endpoint(core: TheCore, who: SignedIn, form: OurForm) -> Response:
    """The secret as a file to save; with our script the page offers to copy what is in it instead."""
    who.needs("webhooks:write")
    try:
        made = await endpoints.create(core, who.caller.workspace_id, asked(form))
    except Problem as problem:
        return await _page(core, who, problem=problem.message, form=form)
    log.info("webhook.made", endpoint=made.endpoint.id, by=who.caller.key_id)
    return secret_file(made.endpoint.id, made.secret)


def asked(form: FormData) -> Change:
    return Change(
        url=text(form, "url"),
        types=tuple(str(type) for type in form.getlist("type")),
        description=text(form, "description")[:LONGEST_DESCRIPTION],
    )


def secret_file(endpoint_id: str, secret: str) -> Response:
    disposition = f'attachment; filename="{endpoint_id}.txt"'
    return PlainTextResponse(f"{secret}\n", headers={**render.HEADERS, "content-disposition": disposition})


@router.post("/{id}/rotate")
async def rotate_secret(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    secret, _ = await endpoints.rotate(core, who.caller.workspace_id, id)
    log.info("webhook.rotated", endpoint=id, by=who.caller.key_id)
    return secret_file(id, secret)


@router.post("/{id}/remove")
async def remove_endpoint(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    who.needs("webhooks:write")
    await endpoints.remove(core, who.caller.workspace_id, id)
    log.info("webhook.removed", endpoint=id, by=who.caller.key_id)
    return RedirectResponse("/dashboard/webhooks", 303)
