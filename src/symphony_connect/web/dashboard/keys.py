"""`/dashboard/keys`: the workspace's API keys; a new one leaves as a file, once, and no page ever holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Path
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from symphony_connect.access import keyring
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.bounds import Bounds, loaded
from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.access.keyring import NewKey
from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import lists, render
from symphony_connect.web.dashboard.guard import OurForm, SignedIn, text
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.strict import whole

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)
log = structlog.get_logger()

LONGEST_DAYS = 3650
EXPIRIES = {"": "Never", "30": "In 30 days", "90": "In 90 days", "180": "In 180 days", "365": "In one year"}


@dataclass(frozen=True)
class Preset:
    """What a key is usually made for, and the scopes that this takes."""

    name: str
    title: str
    scopes: tuple[str, ...]


PRESETS = (
    Preset("campaign", "Campaign code: reads tokens", ("brands:read", "tokens:read")),
    Preset("backend", "Backend: connects and manages brands", ("brands:read", "brands:write", "connect:write")),
    Preset("read", "Read only: sees everything except tokens", ("brands:read", "events:read")),
)


@router.get("/keys")
async def keys_page(core: TheCore, who: SignedIn) -> Response:
    return await _page(core, who)


async def _page(core: Core, who: Visitor, *, problem: str = "", form: FormData | None = None) -> Response:
    who.needs("keys:write")
    rows = await lists.keys(core, who.caller.workspace_id)
    return render.page(
        core,
        "keys.html",
        who,
        status=400 if problem else 200,
        rows=rows,
        listed=json.loads,
        scopes=SCOPES,
        presets=PRESETS,
        expiries=EXPIRIES,
        bounds=loaded,
        all_platforms=core.platforms,
        pulse=await render.pulse(core, who),
        problem=problem,
        form=form or {},
        chosen=form.getlist("scope") if form else (),
    )


@router.post("/keys")
async def make_key(core: TheCore, who: SignedIn, form: OurForm) -> Response:
    """A file to save; with our script the page offers to copy what is in it instead."""
    who.needs("keys:write")
    try:
        made = await keyring.create_by(core, who.caller, _asked(form))
    except Problem as problem:
        return await _page(core, who, problem=problem.message, form=form)
    log.info("key.made", key=made.id, by=who.caller.key_id)
    disposition = f'attachment; filename="{made.id}.txt"'
    return PlainTextResponse(f"{made.key}\n", headers={**render.HEADERS, "content-disposition": disposition})


def _asked(form: FormData) -> NewKey:
    """Raises Problem `invalid_request`."""
    sent = text(form, "days")
    days = whole(sent, LONGEST_DAYS)
    if sent and not days:
        raise Problem("invalid_request", f"Days are a whole number from 1 to {LONGEST_DAYS}.", field="days")
    kind = text(form, "kind")
    publishable = kind == "publishable"
    usual = next((preset.scopes for preset in PRESETS if preset.name == kind), None)
    scopes = tuple(str(scope) for scope in form.getlist("scope")) if usual is None else usual
    return NewKey(
        name=text(form, "name")[:100],
        publishable=publishable,
        scopes=() if publishable else scopes,
        origins=tuple(text(form, "origins").replace(",", " ").split()) if publishable else (),
        seconds=days * DAY // SECOND if days else None,
        bounds=_bounds(form),
    )


def _bounds(form: FormData) -> Bounds:
    """Raises Problem `invalid_request`."""
    brands = _ids(form, "brands")
    if not all(whole(id, 2**53 - 1) for id in brands):
        raise Problem("invalid_request", "Brands are whole numbers, such as 12345, 12346.", field="brands")
    return Bounds(
        brands=frozenset(map(int, brands)) or None,
        platforms=frozenset(str(name) for name in form.getlist("platform")) or None,
        ad_accounts=frozenset(_ids(form, "ad-accounts")) or None,
        read_only=text(form, "read-only") == "yes",
    )


def _ids(form: FormData, name: str) -> list[str]:
    return text(form, name).replace(",", " ").split()


@router.post("/keys/{id}/revoke")
async def revoke_key(core: TheCore, who: SignedIn, _form: OurForm, id: Annotated[str, Path(max_length=60)]) -> Response:
    who.needs("keys:write")
    if not await keyring.revoke_by(core, who.caller, id):
        raise Problem("not_found", "There is no such active key.")
    log.info("key.revoked", key=id, by=who.caller.key_id)
    return RedirectResponse("/dashboard/keys", 303)
