"""`/oauth/{platform}/…`: the sign-in as the browser walks it, and its status for the page that waits."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from symphony_connect import flows, keys, sessions, signin
from symphony_connect.core import Core
from symphony_connect.errors import Problem
from symphony_connect.flows import Flow, FlowUnknown, Start
from symphony_connect.keys import Caller
from symphony_connect.platforms.base import Platform
from symphony_connect.web import browser, pages
from symphony_connect.web.auth import TheCore, find_caller, origin_allowed
from symphony_connect.web.cors import origin_known
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, prefix="/oauth", include_in_schema=False)

NO_STORE = {"cache-control": "no-store"}
NONCE = re.compile(r"[A-Za-z0-9_-]{22,128}")
OVER = "This sign-in is over, or it began in another browser. Nothing was connected; start again."


class Handover(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)

    flow: str
    opener_lost: bool = False


@router.get("/status")
async def status(request: Request, core: TheCore, nonce: Annotated[str, Query(max_length=128)]) -> JSONResponse:
    """How the sign-in with this nonce stands, for the page that began it. Never holds a platform token."""
    origin = request.headers.get("origin")
    if origin and not await origin_known(core, origin):
        # Said to the page itself, which otherwise could not tell this from a network failure.
        error = {"code": "origin_not_allowed", "message": f"{origin[:200]} is not in SYMPHONY_ALLOWED_ORIGINS."}
        headers = NO_STORE | {"access-control-allow-origin": origin}
        return JSONResponse({"state": "failed", "error": error}, headers=headers)
    flow = await flows.by_nonce(core, nonce)
    return JSONResponse(_state(core, flow), headers=NO_STORE)


def _state(core: Core, flow: Flow | None) -> dict[str, Any]:
    if flow is None:
        return {"state": "unknown"}
    if flow.step == "failed":
        return {"state": "failed", "error": {"code": flow.error_code, "message": flow.error_message}}
    if flow.step == "done":
        return {"state": "done", "result": flow.result} if flow.mode == "connect" else {"state": "done"}
    if flow.step in ("ready", "confirming"):
        return {"state": "confirming"}
    return {"state": "at_platform", "sinceMs": core.clock() - flow.created_at}


@router.get("/{platform}/start")
async def start(
    request: Request,
    core: TheCore,
    platform: str,
    origin: str | None = None,
    nonce: str | None = None,
    key: str | None = None,
    session: str | None = None,
    scope: str | None = None,
    auth_type: str | None = None,
) -> Response:
    """Send the browser to the platform, bound to it by a cookie."""
    # Whatever goes wrong, a page that may use this service at all is told.
    trusted = origin if origin and await origin_known(core, origin) else None
    try:
        mine = browser.of(request, core) or core.ids.secret()
        begun = await _start(core, platform, origin, nonce, key, session)
        begun = _with(begun, browser=mine, scopes=_words(scope), auth_type=_auth_type(auth_type))
        response = RedirectResponse(await signin.begin(core, begun), 303, NO_STORE)
    except Problem as problem:
        return _failed_at_start(core, platform, problem, trusted, nonce)
    browser.remember(response, core, mine)
    return response


async def _start(
    core: Core, platform: str, origin: str | None, nonce: str | None, key: str | None, session: str | None
) -> Start:
    """Who begins: a page with a publishable key, a page of the only workspace, or a connect session's holder."""
    if nonce is not None and not NONCE.fullmatch(nonce):
        raise Problem("invalid_request", "nonce is 22 to 128 characters of base64url.", field="nonce")
    if session is not None:
        held = await sessions.by_token(core, session)
        if platform not in held.platforms:
            raise Problem("invalid_request", "This link is not for this platform.", field="adPlatform")
        if platform in held.used:
            raise Problem("session_expired", "This link was used already. Ask for a new one.")
        if origin is not None and not await origin_known(core, origin):
            raise _origin_refused(origin)
        return Start("connect", platform, held.workspace_id, "", origin, nonce, session_id=held.id)
    if origin is None or nonce is None:
        raise Problem("invalid_request", "origin and nonce are missing: sign-ins begin with SymphonyConnect.")
    caller = await _page_caller(core, key)
    if not origin_allowed(core, caller, origin):
        raise _origin_refused(origin)
    return Start("login", platform, caller.workspace_id, "", origin, nonce, key_id=caller.key_id or None)


async def _page_caller(core: Core, key: str | None) -> Caller:
    """The workspace a page belongs to: its publishable key says it, or there is only one."""
    if key:
        if keys.kind_of(key) != "publishable":
            raise Problem("invalid_request", "data-key takes a publishable key (sym_pk_…).", field="key")
        return await find_caller(core, key)
    async with core.store.reading() as session:
        workspaces = await session.all("workspaces", most=2)
    if len(workspaces) != 1:
        raise Problem(
            "invalid_request", 'Name your publishable key on the script tag: data-key="sym_pk_…".', field="key"
        )
    return Caller(workspaces[0]["id"], "", "publishable", frozenset(), ())


def _origin_refused(origin: str) -> Problem:
    return Problem("origin_not_allowed", f"{origin[:200]} is not in SYMPHONY_ALLOWED_ORIGINS.", field="origin")


def _with(begun: Start, **changes: Any) -> Start:
    return Start(**{**vars(begun), **changes})


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text or "") if word)


def _auth_type(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[a-z]{1,30}", text):
        raise Problem("invalid_request", "authType is one word such as rerequest.", field="authType")
    return text


def _failed_at_start(
    core: Core, platform: str, problem: Problem, origin: str | None, nonce: str | None
) -> HTMLResponse:
    code = problem.code if problem.code in flows.ERROR_CODES else _sdk_code(problem)
    return _failure_page(core, core.platforms.get(platform), problem.status, code, problem.message, origin, nonce)


def _sdk_code(problem: Problem) -> str:
    """An API code in the browser SDK's words."""
    gone = ("connect_session_not_found", "session_expired")
    return "session_expired" if problem.code in gone else "invalid_request"


def _failure_page(
    core: Core,
    platform: Platform | None,
    http_status: int,
    code: str,
    message: str,
    origin: str | None,
    nonce: str | None,
    mode: str = "login",
) -> HTMLResponse:
    told = pages.outcome(
        mode=mode,
        platform=platform.name if platform else "",
        flow="",
        origin=origin,
        nonce=nonce,
        ok=False,
        error={"code": code, "message": message},
    )
    return pages.render(
        core,
        "failed.html",
        http_status,
        code=code,
        message=message,
        place=platform.login_name if platform else "",
        outcome=told if origin and nonce else None,
    )


@router.get("/{platform}/callback")
async def callback(request: Request, core: TheCore, platform: str) -> Response:
    """Where the platform sends the browser back. The code is redeemed once and leaves the address bar."""
    core.platform(platform)
    try:
        flow = await signin.returned(core, platform, request.query_params, browser.of(request, core) or "")
    except FlowUnknown:
        return _failure_page(core, core.platform(platform), 400, "session_expired", OVER, None, None)
    return RedirectResponse(f"/oauth/{platform}/result/{flow.id}", 303, NO_STORE)


@router.get("/{platform}/result/{flow_id}")
async def result(request: Request, core: TheCore, platform: str, flow_id: str) -> Response:
    """The outcome, or the question whether this is the right account; reloading changes nothing."""
    try:
        flow = await flows.mine(core, flow_id, browser.of(request, core) or "")
    except FlowUnknown:
        return _failure_page(core, core.platform(platform), 400, "session_expired", OVER, None, None)
    at = core.platform(flow.platform)
    if flow.step == "failed":
        code, message = flow.error_code or "platform_error", flow.error_message or ""
        return _failure_page(core, at, 200, code, message, flow.origin, flow.nonce, flow.mode)
    if flow.step == "confirming":
        try:
            held = await sessions.by_id(core, flow.session_id or "")
        except Problem as problem:
            return _failed_at_start(core, platform, problem, flow.origin, flow.nonce)
        return pages.render(core, "confirm.html", session=held, flow=flow, platform=at, found=flow.result)
    if flow.step in ("ready", "done"):
        return await _finished(core, flow, at)
    return pages.render(core, "working.html", platform=at)


async def _finished(core: Core, flow: Flow, platform: Platform) -> HTMLResponse:
    back = brand = None
    if flow.mode == "connect" and flow.session_id:
        async with core.store.reading() as session:
            row = await session.one("session_by_id", id=flow.session_id)
        if row:
            held = sessions.ConnectSession.of(row, core.clock())
            brand = held.brand_name or f"Brand {held.brand_id}"
            if held.redirect_url:
                back = pages.with_query(
                    held.redirect_url, status="connected", brandId=str(held.brand_id), platform=flow.platform
                )
    told = pages.outcome(
        mode=flow.mode,
        platform=flow.platform,
        flow=flow.id,
        origin=flow.origin,
        nonce=flow.nonce,
        ok=True,
        result=flow.result if flow.mode == "connect" else None,
    )
    # A login that was handed over already has nothing more to tell on a reload.
    fresh = flow.mode == "connect" or flow.step == "ready"
    return pages.render(
        core,
        "finished.html",
        flow=flow,
        platform=platform,
        brand=brand,
        back=back,
        outcome=told if flow.origin and flow.nonce and fresh else None,
    )


@router.post("/{platform}/confirm")
async def confirm(
    request: Request,
    core: TheCore,
    platform: str,
    flow: Annotated[str, Form(max_length=60)],
    answer: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    """The owner's yes or no to "is this the right account for this brand?"."""
    mine = browser.of(request, core) or ""
    # SameSite keeps other sites' forms out already; a browser that says where a form came from is believed too.
    if request.headers.get("origin") not in (None, "null", core.settings.public_url):
        raise Problem("origin_not_allowed", "This form belongs to this service's own page.")
    try:
        known = await flows.mine(core, flow, mine)
        if answer == "no":
            await flows.fail(core, known, "access_denied", "You said that this is not the right account.")
        elif known.step == "confirming":
            await signin.confirm(core, known, mine)
    except FlowUnknown:
        return _failure_page(core, core.platform(platform), 400, "session_expired", OVER, None, None)
    except Problem as problem:
        code = problem.code if problem.code in flows.ERROR_CODES else "platform_error"
        await flows.fail(core, known, code, problem.message)
    return RedirectResponse(f"/oauth/{platform}/result/{flow}", 303, NO_STORE)


@router.post("/{platform}/handover")
async def handover(request: Request, core: TheCore, platform: str, body: Handover) -> JSONResponse:
    """Give the popup what its page asked for, once; with `openerLost`, destroy it instead."""
    core.platform(platform)
    try:
        mine = browser.of(request, core) or ""
        handed = await signin.hand_over(core, body.flow, mine, opener_lost=body.opener_lost)
    except FlowUnknown:
        raise Problem("session_expired", OVER) from None
    return JSONResponse(handed or {}, headers=NO_STORE)
