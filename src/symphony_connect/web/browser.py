"""Cookies: the one that binds a sign-in to the browser that began it, and the connect link it came by.

And whether it is a browser inside of another app.
"""

from __future__ import annotations

import re

from fastapi import Request
from starlette.responses import Response

from symphony_connect.core import Core
from symphony_connect.signin.connect_sessions import ConnectSession

LIFE = 24 * 3600
"""Seconds."""

_WEB_VIEW = "; wv)"
"""What Android's WebView says in `User-Agent` (Chrome for Developers, "WebView user agent")."""


def is_embedded(request: Request, core: Core) -> bool:
    """Whether it is a browser inside of another app: a platform's own, or any on Android."""
    known = [_WEB_VIEW, *(word for platform in core.platforms.values() for word in platform.in_app_agents)]
    return any(word in request.headers.get("user-agent", "") for word in known)


def cookie_name(core: Core, name: str = "symphony-browser") -> str:
    """In production with the prefix that makes browsers refuse one set by a neighbouring host."""
    return f"__Host-{name}" if core.settings.production else name


def _link_cookie(core: Core) -> str:
    return cookie_name(core, "symphony-link")


def of(request: Request, core: Core) -> str | None:
    """The secret in the browser's cookie, when it has one."""
    value = request.cookies.get(cookie_name(core), "")
    return value if len(value) == 43 and value.isascii() and value.isalnum() else None


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


def remember_link(response: Response, core: Core, session: ConnectSession, token: str) -> None:
    """Keep the newest connect link in its own browser: the store has only a hash, and pages must lead back to it."""
    response.set_cookie(
        _link_cookie(core),
        f"{session.id}.{token}",
        max_age=LIFE,
        path="/",
        secure=core.settings.production,
        httponly=True,
        samesite="lax",
    )


def link_of(request: Request, core: Core, session: ConnectSession) -> str | None:
    """The path of the connect page this browser came by, when that was this session's."""
    id, path = _link(request, core)
    return path if id == session.id else None


def any_link(request: Request, core: Core) -> str | None:
    """The same where nobody knows any more which session it was."""
    return _link(request, core)[1]


def _link(request: Request, core: Core) -> tuple[str, str | None]:
    kept = re.fullmatch(r"(\w+)\.(\w+)", request.cookies.get(_link_cookie(core), ""), re.ASCII)
    return (kept[1], f"/connect/{kept[2]}") if kept else ("", None)
