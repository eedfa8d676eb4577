"""The cookie that binds a sign-in to the browser that began it."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from symphony_connect.core import Core

LIFE = 24 * 3600
"""Seconds."""


def cookie_name(core: Core) -> str:
    """In production with the prefix that makes browsers refuse one set by a neighbouring host."""
    return "__Host-symphony-browser" if core.settings.production else "symphony-browser"


def of(request: Request, core: Core) -> str | None:
    """The browser's secret, when it has one."""
    value = request.cookies.get(cookie_name(core), "")
    return value if len(value) == 43 and value.isalnum() else None


def remember(response: Response, core: Core, browser: str) -> None:
    # Lax, because the platform sends the browser back from another site.
    response.set_cookie(
        cookie_name(core),
        browser,
        max_age=LIFE,
        path="/",
        secure=core.settings.production,
        httponly=True,
        samesite="lax",
    )
