"""Guards the dashboard: cookies, the session of a request, and whether a form is ours."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from symphony_connect.access import dashboard_access
from symphony_connect.access.dashboard_access import SECRET, Visitor
from symphony_connect.core import Core
from symphony_connect.web.auth import TheCore
from symphony_connect.web.forms import check_form

SESSION, LINK, FORM = "symphony-dashboard", "symphony-dashboard-link", "symphony-dashboard-form"
"""Cookies: the session; a link on its way from the address bar to its button; a form before anybody signed in."""


class SignedOut(Exception):
    """Nobody is signed in: the sign-in page is shown instead."""


def cookie(request: Request, core: Core, name: str) -> str | None:
    value = request.cookies.get(_named(core, name), "")
    return value if len(value) == SECRET and value.isascii() and value.isalnum() else None


def set_cookie(response: Response, core: Core, name: str, value: str, milliseconds: int, same_site: str) -> None:
    response.headers.append(
        "set-cookie",
        f"{_named(core, name)}={value}; Path=/; Max-Age={milliseconds // 1000}; HttpOnly; SameSite={same_site}"
        + ("; Secure" if core.settings.production else ""),
    )


def drop_cookie(response: Response, core: Core, name: str) -> None:
    set_cookie(response, core, name, "", 0, "Strict")


def _named(core: Core, name: str) -> str:
    """In production with the prefix that makes browsers refuse one set by a neighbouring host."""
    return f"__Host-{name}" if core.settings.production else name


async def visitor(request: Request, core: TheCore) -> Visitor:
    """FastAPI dependency: who is signed in. Raises SignedOut."""
    secret = cookie(request, core, SESSION)
    found = await dashboard_access.visitor_of(core, secret) if secret else None
    if found is None:
        raise SignedOut
    return found


SignedIn = Annotated[Visitor, Depends(visitor)]


async def our_form(request: Request, core: TheCore, who: SignedIn) -> FormData:
    """FastAPI dependency: the form of a page of ours, sent by who is signed in. Raises Problem."""
    form = await request.form()
    check_dashboard_form(request, core, form, who.csrf)
    return form


OurForm = Annotated[FormData, Depends(our_form)]


def check_dashboard_form(request: Request, core: Core, form: FormData, csrf: str) -> None:
    """As `check_form`; and the browser must say where the form came from. Raises Problem `origin_not_allowed`."""
    says = "origin" in request.headers or "sec-fetch-site" in request.headers
    check_form(request, core, form.get("csrf") if says else None, csrf)


def text(form: FormData, name: str) -> str:
    """A field's text, stripped; empty when it is absent or a file."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
