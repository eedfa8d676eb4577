"""The control room: the world on one page, with forms that post to the control API."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from symphony_connect.sandbox import describe
from symphony_connect.sandbox.consent import TEMPLATES
from symphony_connect.sandbox.faults import PLAIN_ERRORS
from symphony_connect.sandbox.platform import SandboxPlatform
from symphony_connect.sandbox.wire import guarded
from symphony_connect.sandbox.world import World

_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SHOWN = 100
"""Calls on the page, newest first; the control API has all."""


class Room:
    """The page at `/`."""

    def __init__(self, world: World, platforms: Mapping[str, SandboxPlatform]) -> None:
        self._world = world
        self._platforms = platforms

    def routes(self) -> list[Route]:
        return [Route("/", guarded(self.page), methods=["GET"])]

    async def page(self, _request: Request) -> Response:
        html = TEMPLATES.get_template("room.html").render(
            state=describe.state(self._world, self._platforms),
            calls=describe.calls(self._world, after=self._world.ledger.total - _SHOWN)[::-1],
            plain_errors=PLAIN_ERRORS,
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store"})
