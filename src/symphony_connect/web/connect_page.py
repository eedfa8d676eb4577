"""`/connect/{token}`: the hosted page that a brand's owner opens. Opening it consumes nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from symphony_connect import flows, sessions
from symphony_connect.core import Core
from symphony_connect.errors import Problem
from symphony_connect.sessions import ConnectSession
from symphony_connect.web import pages
from symphony_connect.web.auth import TheCore
from symphony_connect.web.cors import origin_known

router = APIRouter(prefix="/connect", include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def connect_page(
    core: TheCore, token: str, platform: str | None = None, origin: str | None = None, nonce: str | None = None
) -> Response:
    """Who asks, for which brand, and a way on for each platform. The browser SDK names platform, origin and nonce."""
    try:
        held = await sessions.by_token(core, token)
        if platform is not None and platform not in held.platforms:
            raise Problem("invalid_request", "This link is not for this platform. Ask for a new one.")
    except Problem as problem:
        trusted = origin if origin and await origin_known(core, origin) else None
        code = problem.code if problem.code in flows.ERROR_CODES else "session_expired"
        told = pages.outcome(
            mode="connect",
            platform=platform or "",
            flow="",
            origin=trusted,
            nonce=nonce,
            ok=False,
            error={"code": code, "message": problem.message},
        )
        return pages.render(
            core,
            "failed.html",
            problem.status,
            code=code,
            message=problem.message,
            place="",
            outcome=told if trusted and nonce else None,
        )
    cards = [_card(core, held, token, name, origin, nonce) for name in held.platforms if platform in (None, name)]
    return pages.render(core, "connect.html", session=held, cards=cards)


def _card(
    core: Core, held: ConnectSession, token: str, name: str, origin: str | None, nonce: str | None
) -> dict[str, Any]:
    query = {"session": token, "origin": origin, "nonce": nonce}
    start = f"/oauth/{name}/start?" + urlencode({key: value for key, value in query.items() if value})
    return {"platform": core.platforms[name], "start": start, "used": name in held.used}
