"""`/oauth/{platform}/…`: the sign-in as the browser walks it, and its status for the page that waits."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.responses import JSONResponse, RedirectResponse, Response

from symphony_connect.access.caller import find_page_caller
from symphony_connect.access.origins import origin_allowed, origin_known
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.signin import connect_sessions, flows, outcome, signin
from symphony_connect.signin.connect_sessions import ConnectSession
from symphony_connect.signin.flows import Flow, FlowUnknown, Start
from symphony_connect.web import browser, failures
from symphony_connect.web.auth import TheCore
from symphony_connect.web.failures import Failure
from symphony_connect.web.forms import same_origin
from symphony_connect.web.result_page import OVER, over
from symphony_connect.web.strict import StrictRoute

log = structlog.get_logger()

router = APIRouter(route_class=StrictRoute, prefix="/oauth", include_in_schema=False)

NO_STORE = {"cache-control": "no-store"}
NONCE = re.compile(r"[A-Za-z0-9_-]{22,128}")
AUTH_TYPES = ("rerequest", "reauthenticate", "reauthorize")
AGAIN = {"missing": "rerequest", "person": "reauthenticate"}


class Handover(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)

    flow: str
    opener_lost: bool = False


@router.get("/status")
async def status(request: Request, core: TheCore, nonce: Annotated[str, Query(max_length=128)]) -> JSONResponse:
    """How the sign-in with this nonce stands, for the page that began it. Never holds a platform token."""
    origin = request.headers.get("origin")
    if origin and not await origin_known(core, origin):
        # Answered to the page itself, which otherwise could not distinguish this from a network failure.
        error = {"code": "origin_not_allowed", "message": f"{origin[:200]} is not in SYMPHONY_ALLOWED_ORIGINS."}
        headers = NO_STORE | {"access-control-allow-origin": origin}
        return JSONResponse({"state": "failed", "error": error}, headers=headers)
    flow = await flows.by_nonce(core, nonce)
    if flow and flow.origin and origin not in (None, flow.origin):
        flow = None
    same_browser = flow is not None and await flows.belongs(core, flow, browser.of(request, core) or "")
    return JSONResponse(_state(core, flow, same_browser), headers=NO_STORE)


def _state(core: Core, flow: Flow | None, same_browser: bool) -> dict[str, Any]:
    """`same_browser`: whether the browser that asks is the one that began; nobody else learns the flow's id."""
    if flow is None:
        return {"state": "unknown"}
    # Our own connect page goes on to it.
    page = {} if flow.origin or not same_browser else {"page": f"/oauth/{flow.platform}/result/{flow.id}"}
    if flow.step == "failed":
        return {"state": "failed", "error": {"code": flow.error_code, "message": flow.error_message}, **page}
    if flow.step == "done":
        return {"state": "done", **page} | ({"result": flow.shown} if flow.mode == "connect" else {})
    if flow.step in ("ready", "confirming"):
        return {"state": "confirming", **page}
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
    # A page of an allowed origin is answered, whatever goes wrong.
    trusted = origin if origin and await origin_known(core, origin) else None
    try:
        _check_host(request, core)
        secret = browser.of(request, core) or core.ids.secret()
        held = await connect_sessions.by_token(core, session) if session is not None else None
        if held and trusted and not await origin_known(core, trusted, held.workspace_id):
            trusted = None
        if session and held and origin is None and platform in held.used:
            return RedirectResponse(f"/connect/{session}", 303, NO_STORE)
        begun = await _start(core, platform, origin, nonce, key, held)
        begun = replace(begun, browser=secret, scopes=_words(scope), auth_type=_auth_type(auth_type))
        response = RedirectResponse(await signin.begin(core, begun), 303, NO_STORE)
    except Problem as problem:
        return _not_begun(request, core, platform, problem, trusted, nonce)
    browser.remember(response, core, secret)
    if session and held:
        browser.remember_link(response, core, held, session)
    return response


def _check_host(request: Request, core: Core) -> None:
    """The platform leads back to SYMPHONY_PUBLIC_URL, where a cookie of another host name is not sent.

    In production a proxy may stand in front and name this service as it likes.
    """
    ours = urlsplit(core.settings.public_url).hostname
    if not core.settings.production and request.url.hostname != ours:
        raise Problem(
            "invalid_request",
            f"This page was opened at {request.url.scheme}://{request.url.netloc[:200]}, but SYMPHONY_PUBLIC_URL is "
            f"{core.settings.public_url}. Load the script from there, or change the setting.",
        )


async def _start(
    core: Core, platform: str, origin: str | None, nonce: str | None, key: str | None, held: ConnectSession | None
) -> Start:
    """Who begins: a page with a publishable key, a page of the only workspace, or a connect session's holder."""
    if nonce is not None and not NONCE.fullmatch(nonce):
        raise Problem("invalid_request", "nonce is 22 to 128 characters of base64url.", field="nonce")
    if held is not None:
        if platform not in held.platforms:
            raise Problem("invalid_request", "This link is not for this platform.", field="adPlatform")
        if platform in held.used:
            raise Problem("session_expired", "This link was used already. Ask for a new one.")
        if origin is not None and not await origin_known(core, origin, held.workspace_id):
            raise _origin_refused(origin)
        return Start("connect", platform, held.workspace_id, "", origin, nonce, session_id=held.id)
    if origin is None or nonce is None:
        raise Problem("invalid_request", "origin and nonce are missing: sign-ins begin with SymphonyConnect.")
    caller = await find_page_caller(core, key)
    if not origin_allowed(core.settings, caller, origin):
        raise _origin_refused(origin)
    if not caller.bounds.has_platform(platform):
        raise core.unknown_platform(platform)
    return Start("login", platform, caller.workspace_id, "", origin, nonce, key_id=caller.key_id or None)


def _origin_refused(origin: str) -> Problem:
    return Problem("origin_not_allowed", f"{origin[:200]} is not in SYMPHONY_ALLOWED_ORIGINS.", field="origin")


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text or "") if word)


def _auth_type(text: str | None) -> str | None:
    if text is not None and text not in AUTH_TYPES:
        raise Problem("invalid_request", f"authType is one of {', '.join(AUTH_TYPES)}.", field="authType")
    return text


def _not_begun(
    request: Request, core: Core, platform: str, problem: Problem, origin: str | None, nonce: str | None
) -> Response:
    code = problem.code
    if code not in flows.ERROR_CODES:
        code = "session_expired" if code == "connect_session_not_found" else "invalid_request"
    place = core.platforms.get(platform)
    failure = Failure(code, problem.message, place, problem.status, origin=origin, nonce=nonce)
    return failures.page(request, core, failure)


@router.get("/{platform}/again/{flow_id}")
async def again(request: Request, core: TheCore, platform: str, flow_id: str, ask: str = "all") -> Response:
    """Sign in once more for the same link: `ask` for what is `missing`, for another `person`, or for `all`."""
    try:
        secret = browser.of(request, core) or ""
        flow = await flows.of_browser(core, flow_id, secret)
        at, held = core.platform(flow.platform), await connect_sessions.by_id(core, flow.session_id or "")
        # The connect page may have gone on by itself: only another site's page still waits for its window.
        nonce = flow.nonce if flow.origin else None
        begun = await _start(core, flow.platform, flow.origin, nonce, None, held)
        scopes = tuple((flow.result or {}).get("missingScopes", ())) if ask == "missing" and at.asks_add_up else ()
        begun = replace(begun, browser=secret, scopes=scopes, auth_type=AGAIN.get(ask))
        return RedirectResponse(await signin.begin(core, begun), 303, NO_STORE)
    except FlowUnknown:
        return over(request, core, platform)
    except Problem as problem:
        return _not_begun(request, core, platform, problem, flow.origin, flow.nonce)


@router.get("/{platform}/callback")
async def callback(request: Request, core: TheCore, platform: str) -> Response:
    """Where the platform sends the browser back. The code is redeemed once and leaves the address bar."""
    core.platform(platform)
    try:
        flow = await signin.returned(core, platform, request.query_params, browser.of(request, core) or "")
    except FlowUnknown:
        return over(request, core, platform)
    if flow.step == "failed":
        # The code an owner may be asked to pass on is the end of this id.
        show = {"not_configured": log.error, "platform_error": log.warning}.get(flow.error_code or "", log.info)
        show("signin.failed", flow=flow.id, platform=platform, code=flow.error_code, why=flow.error_message)
    page = "window" if flow.nonce and not flow.origin else "result"
    return RedirectResponse(f"/oauth/{platform}/{page}/{flow.id}", 303, NO_STORE)


@router.post("/{platform}/handover")
async def handover(request: Request, core: TheCore, platform: str, body: Handover) -> JSONResponse:
    """Give the popup what its page asked for, once; with `openerLost`, destroy it instead."""
    core.platform(platform)
    if not same_origin(request, core):
        raise Problem("origin_not_allowed", "Only the sign-in window of this service may ask for this.")
    try:
        secret = browser.of(request, core) or ""
        handed = await outcome.hand_over(core, body.flow, secret, opener_lost=body.opener_lost)
    except FlowUnknown:
        raise Problem("session_expired", OVER) from None
    return JSONResponse(handed or {}, headers=NO_STORE)
