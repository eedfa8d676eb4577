"""`/dashboard/connections/{id}`: one connection, its history, and what may be done with it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from symphony_connect.access.caller import Caller
from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.base.clock import DAY, SECOND, rfc3339
from symphony_connect.base.errors import CODES, Problem
from symphony_connect.base.model import Status
from symphony_connect.connections import asset_lists, changes
from symphony_connect.connections.asset_lists import Kept
from symphony_connect.connections.changes import Change
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.signin import connect_sessions
from symphony_connect.signin.connect_sessions import Made, NewSession
from symphony_connect.store.db import Row
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render, timeline
from symphony_connect.web.dashboard.guard import OurForm, SignedIn, text
from symphony_connect.web.dashboard.render import Times
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.strict import LARGEST_INTEGER, whole

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

EVENTS = 30
LINK_LIFE = 7 * DAY
NEWEST = (2**63 - 1, "")
DONE = {
    "verified": "Asked the platform: the token is good.",
    "renewed": "Renewed. The history below says what changed.",
    "unchanged": "The platform was asked; nothing changed.",
    "lost": "The platform no longer accepts the token: only the owner can help.",
}
"""What the page says after a button, by the word in its address."""
Verb = Callable[[Core, Caller, int, str], Awaitable[Change]]
Id = Annotated[str, Path(max_length=60)]


async def find(core: Core, who: Visitor, id: str) -> Row:
    """Raises Problem `connection_not_found`, for other workspaces' too."""
    row = await lists.connection(core, who.caller.workspace_id, id)
    if row is None:
        raise Problem("connection_not_found", "There is no such connection.")
    return row


@router.get("/connections/{id}")
async def connection_page(
    core: TheCore,
    who: SignedIn,
    id: Id,
    done: Annotated[str, Query(max_length=40)] = "",
    failed: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    row = await find(core, who, id)
    return await _page(
        core,
        who,
        row,
        notice=DONE.get(done, ""),
        problem=next((words for code, (_, words) in CODES.items() if code == failed), ""),
        before=before,
    )


async def _page(
    core: Core,
    who: Visitor,
    row: Row,
    *,
    notice: str = "",
    problem: str = "",
    before: str = "",
    link: Made | None = None,
) -> Response:
    times, names = Times(core.clock()), render.names(core)
    sent = await lists.last_link(core, row)
    past = await lists.history(core, row["id"], cursor(before), times.now - timeline.SPAN, EVENTS)
    sentences = [timeline.tell(event, times, names) for event in past.events[:EVENTS]]
    return render.page(
        core,
        "connection.html",
        who,
        row=row,
        connection=Connection.of(row),
        assets=await _assets(core, row),
        events=sorted([*sentences, *(timeline.tell_use(each, names) for each in past.uses)], key=_newest_first),
        older=f"{sentences[-1].at}.{sentences[-1].id}" if len(past.events) > EVENTS else "",
        band=timeline.band(row, past.status_changes, past.outages, times.now),
        begin=max(row["created_at"], times.now - timeline.SPAN),
        receipt=next((one for one in sentences if one.type in timeline.RECEIPTS), None),
        notice=notice,
        problem=problem,
        link=link,
        sent=sent,
        renews_when_read=row["platform"] in core.platforms and core.platform(row["platform"]).renews_when_read,
        # A page that answers a form must not be reloaded by the script.
        pulse="" if link else await render.pulse(core, who),
    )


async def _assets(core: Core, row: Row) -> Kept | None:
    """What it reaches beside ad accounts; None where the platform has no such things."""
    if row["platform"] not in core.platforms or not core.platform(row["platform"]).asset_kinds:
        return None
    return await asset_lists.kept_by(core, row["id"])


def _newest_first(sentence: timeline.Sentence) -> int:
    return -sentence.at


def cursor(before: str) -> tuple[int, str]:
    """The place in a list of events, newest first. Raises Problem `invalid_request`."""
    if not before:
        return NEWEST
    found = re.fullmatch(r"(\d{1,18})\.(\w{1,60})", before, re.ASCII)
    if found is None:
        raise Problem("invalid_request", "This page's address is not one of ours.", field="before")
    return int(found[1]), found[2]


async def _ask(core: Core, who: Visitor, id: str, verb: Verb, good: str) -> Response:
    """Ask the platform, and come back to the page with the result."""
    who.needs("brands:write")
    row = await find(core, who, id)
    try:
        change = await verb(core, who.caller, row["brand_id"], row["platform"])
    except Problem as problem:
        return _back(id, f"failed={problem.code}")
    if change.after.status is Status.NEEDS_RECONNECT:
        return _back(id, "done=lost")
    return _back(id, f"done={good if change.differences or good == 'verified' else 'unchanged'}")


def _back(id: str, query: str = "") -> Response:
    return RedirectResponse(f"/dashboard/connections/{id}?{query}".rstrip("?"), 303)


@router.post("/connections/{id}/verify")
async def verify(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    return await _ask(core, who, id, changes.verify_now, "verified")


@router.post("/connections/{id}/renew")
async def renew(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    return await _ask(core, who, id, changes.renew_now, "renewed")


@router.get("/connections/{id}/disconnect")
async def ask_disconnect(core: TheCore, who: SignedIn, id: Id) -> Response:
    who.needs("brands:write")
    return render.page(core, "disconnect.html", who, row=await find(core, who, id))


@router.post("/connections/{id}/disconnect")
async def disconnect(core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    """The page that follows shows the receipt, now and later."""
    who.needs("brands:write")
    row = await find(core, who, id)
    if row["status"] != Status.DISCONNECTED:
        await changes.disconnect_now(core, who.caller, row["brand_id"], row["platform"])
    return _back(id)


@router.post("/connections/{id}/link")
async def reconnect_link(request: Request, core: TheCore, who: SignedIn, _form: OurForm, id: Id) -> Response:
    """A link for the brand's owner; JSON for the button that copies it, else the page with the link in it."""
    row = await find(core, who, id)
    made = await make_link(core, who, NewSession(row["brand_id"], platforms=(row["platform"],)))
    if "application/json" in request.headers.get("accept", ""):
        body = {"url": made.url, "expiresAt": rfc3339(made.expires_at)}
        return JSONResponse(body, headers=render.HEADERS)
    return await _page(core, who, row, link=made)


@router.post("/connect-links")
async def connect_link(core: TheCore, who: SignedIn, form: OurForm) -> Response:
    """For a brand that is not connected yet."""
    number = whole(text(form, "brand_id"), LARGEST_INTEGER)
    if not number:
        raise Problem("invalid_request", "A brand id is a whole number from 1 to 9007199254740991.", field="brandId")
    name = text(form, "name")[:200] or None
    made = await make_link(core, who, NewSession(number, name=name))
    return render.page(core, "link.html", who, link=made, brand_id=number, name=name)


async def make_link(core: Core, who: Visitor, ask: NewSession) -> Made:
    who.needs("connect:write")
    lasting = NewSession(ask.brand_id, name=ask.name, platforms=ask.platforms, expires_in=LINK_LIFE // SECOND)
    return await connect_sessions.create(core, who.caller, lasting)
