"""`/connect/{token}`: the hosted page that a brand's owner opens. Opening it consumes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from symphony_connect import platforms
from symphony_connect.access.origins import origin_known
from symphony_connect.connections.connection import find_or_none
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.signin import connect_sessions
from symphony_connect.signin.connect_sessions import ConnectSession
from symphony_connect.web import browser, pages
from symphony_connect.web.asks import Ask, asks, short
from symphony_connect.web.auth import TheCore
from symphony_connect.web.messages import Speaker, preferred

router = APIRouter(prefix="/connect", include_in_schema=False)

OVER = ("session_expired", "This connect link is over, or not known here. Make a new one.")
USED = ("session_expired", "This connect link was used for this platform already. Make a new one.")
NOT_THIS = ("invalid_request", "This connect link is not for this platform.")


@dataclass(frozen=True)
class Card:
    """One platform on the page."""

    platform: Platform
    logo: Markup | None
    start: str
    done: bool
    person: str | None
    """Who connected it before, in short."""
    asks: list[Ask]
    elsewhere: bool
    """This browser is inside of another app, where the platform's page does not open."""


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def connect_page(
    request: Request,
    core: TheCore,
    token: str,
    platform: str | None = None,
    origin: str | None = None,
    nonce: str | None = None,
) -> Response:
    """Who asks, for which brand and what for, and a way on for each platform.

    The browser SDK names platform, origin and nonce: then this page is in a window already.
    """
    held = await connect_sessions.shown(core, token)
    if held is None or (held.over and not held.used):
        return await _gone(request, core, held, platform, origin, nonce)
    if request.method == "GET" and not held.over:
        await connect_sessions.opened(core, held)
    query = urlencode({key: value for key, value in _query(token, origin, nonce).items() if value})
    speaker = Speaker(preferred(request.headers.get("accept-language", "")))
    embedded = browser.is_embedded(request, core)
    shown = [name for name in held.platforms if platform in (None, name)]
    cards = [await _card(core, speaker, held, name, query, embedded) for name in shown]
    left = [card for card in cards if not card.done]
    if held.over and left:
        return await _gone(request, core, held, platform, origin, nonce)
    return pages.owner_page(
        request,
        core,
        "connect.html",
        held=held,
        outcome=None if left else await _outcome(core, held, platform, origin, nonce, *(USED if cards else NOT_THIS)),
        cards=cards,
        left=left,
        step=1 if left else None,
        windows=not origin,
        back=None if left else pages.return_url(held, "connected"),
    )


def _query(token: str, origin: str | None, nonce: str | None) -> dict[str, str | None]:
    return {"session": token, "origin": origin, "nonce": nonce}


async def _card(core: Core, speaker: Speaker, held: ConnectSession, name: str, query: str, embedded: bool) -> Card:
    platform = core.platforms[name]
    before = await find_or_none(core, held.workspace_id, held.brand_id, name)
    logo = platforms.file(name, "logo.svg")
    return Card(
        platform=platform,
        logo=Markup(logo.read_text("utf-8")) if logo.is_file() else None,  # noqa: S704 - our own file
        start=f"/oauth/{name}/start?{query}",
        done=name in held.used,
        person=short(before.identity.name) if before and before.identity else None,
        asks=asks(speaker, platform),
        elsewhere=embedded and not platform.embedded_browsers,
    )


async def _gone(
    request: Request,
    core: Core,
    held: ConnectSession | None,
    platform: str | None,
    origin: str | None,
    nonce: str | None,
) -> Response:
    """The link is unknown, ended or over. The page that opened the window gets the same answer."""
    kind = "unknown" if held is None else "expired" if held.expires_at <= core.clock() else "ended"
    return pages.owner_page(
        request,
        core,
        "gone.html",
        404 if held is None else 410,
        held,
        kind=kind,
        back=pages.return_url(held, "expired"),
        outcome=await _outcome(core, held, platform, origin, nonce, *OVER),
    )


async def _outcome(
    core: Core,
    held: ConnectSession | None,
    platform: str | None,
    origin: str | None,
    nonce: str | None,
    code: str,
    message: str,
) -> str | None:
    """The answer for the page that opened the window and waits; None unless its origin is allowed."""
    if not (origin and nonce and await origin_known(core, origin, held.workspace_id if held else None)):
        return None
    error = {"code": code, "message": message}
    return pages.outcome(
        mode="connect", platform=platform or "", flow="", origin=origin, nonce=nonce, ok=False, error=error
    )
