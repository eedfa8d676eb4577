"""Signing in and out of the dashboard: `/dashboard/enter/{secret}`, `/dashboard/sign-in`, `/dashboard/sign-out`."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response

from symphony_connect.access import dashboard_access as access
from symphony_connect.base.clock import HOUR
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import guard, render
from symphony_connect.web.dashboard.guard import FORM, LINK, SESSION, OurForm, SignedIn
from symphony_connect.web.dashboard.route import PageRoute
from symphony_connect.web.limits import Buckets, Policy, client_address

HOME = "/dashboard"
TRIES = Buckets(Policy("dashboard", burst=10, window=300))
"""Failed sign-ins by address; each process has its own."""

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)
log = structlog.get_logger()


@router.get("/enter/{secret}")
async def open_link(core: TheCore, secret: Annotated[str, Path(max_length=100)]) -> Response:
    """Moves the secret from the address bar into a cookie. A mail scanner that follows the link spends nothing."""
    response = RedirectResponse(f"{HOME}/enter", 303, {"cache-control": "no-store"})
    value = secret if secret.isascii() and secret.isalnum() else ""
    # Lax, because the link may have been followed from another site.
    guard.set_cookie(response, core, LINK, value, access.LINK_LIFE, "Lax")
    return response


@router.get("/enter")
async def link_page(request: Request, core: TheCore) -> Response:
    secret = guard.cookie(request, core, LINK)
    workspace = await access.link_workspace(core, secret) if secret else None
    if secret is None or workspace is None:
        return render.page(core, "link_over.html", status=410)
    return render.page(core, "enter.html", workspace=workspace, csrf=access.csrf_of(secret))


@router.post("/enter")
async def use_link(request: Request, core: TheCore) -> Response:
    _throttle(request, core)
    secret = guard.cookie(request, core, LINK)
    if secret is None:
        return render.page(core, "link_over.html", status=410)
    guard.check_dashboard_form(request, core, await request.form(), access.csrf_of(secret))
    session = await access.spend_link(core, secret)
    if session is None:
        return _failed(request, core, render.page(core, "link_over.html", status=410))
    return _welcome(core, session, LINK)


@router.get("/sign-in")
async def sign_in_page(request: Request, core: TheCore) -> Response:
    return way_in(request, core, 200)


@router.post("/sign-in")
async def sign_in(request: Request, core: TheCore) -> Response:
    _throttle(request, core)
    secret = guard.cookie(request, core, FORM)
    if secret is None:
        return way_in(request, core, 403, "Your browser sent no cookie. Allow cookies for this page and try again.")
    form = await request.form()
    guard.check_dashboard_form(request, core, form, access.csrf_of(secret))
    session = await access.sign_in(core, guard.text(form, "key"))
    if session is None:
        words = "This is not an active secret key with the scope brands:read."
        return _failed(request, core, way_in(request, core, 401, words))
    return _welcome(core, session, FORM)


def way_in(request: Request, core: Core, status: int, problem: str = "") -> Response:
    """The form for a key, tied to this browser by a cookie."""
    secret = guard.cookie(request, core, FORM) or core.ids.secret(access.SECRET)
    response = render.page(core, "sign_in.html", status=status, csrf=access.csrf_of(secret), problem=problem)
    guard.set_cookie(response, core, FORM, secret, HOUR, "Strict")
    return response


@router.post("/sign-out")
async def sign_out(request: Request, core: TheCore, _who: SignedIn, _form: OurForm) -> Response:
    secret = guard.cookie(request, core, SESSION)
    assert secret is not None
    await access.sign_out(core, secret)
    response = RedirectResponse(f"{HOME}/sign-in", 303)
    guard.drop_cookie(response, core, SESSION)
    return response


def _welcome(core: Core, session: str, spent: str) -> Response:
    response = RedirectResponse(HOME, 303, {"cache-control": "no-store"})
    guard.set_cookie(response, core, SESSION, session, access.SESSION_LIFE, "Strict")
    guard.drop_cookie(response, core, spent)
    return response


def _address(request: Request, core: Core) -> str:
    return client_address(request.scope, Headers(scope=request.scope), core.settings.trusted_proxies)


def _throttle(request: Request, core: Core) -> None:
    """Raises Problem `too_many_requests`."""
    address = _address(request, core)
    if TRIES.left(address) < 1:
        raise Problem("too_many_requests", "Too many failed sign-ins. Wait a little.", retry_after=TRIES.wait(address))


def _failed(request: Request, core: Core, response: Response) -> Response:
    address = _address(request, core)
    TRIES.take(address)
    log.warning("dashboard.sign_in_failed", address=address)
    return response
