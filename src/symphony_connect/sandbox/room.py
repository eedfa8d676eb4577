"""The control room: one page that shows the state of the sandbox; its buttons call the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from symphony_connect.sandbox import describe, shown
from symphony_connect.sandbox.consent import TEMPLATES
from symphony_connect.sandbox.faults import PLAIN_ERRORS
from symphony_connect.sandbox.platform import SandboxPlatform
from symphony_connect.sandbox.wire import Guard, guarded
from symphony_connect.sandbox.world import World

_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SHOWN = 100
"""Calls on the page, newest first; the control API has all."""
STATUSES = {
    429: "throttled",
    500: "server error",
    502: "bad gateway",
    503: "unavailable",
    504: "gateway timeout",
}


def is_room(scope: Scope) -> bool:
    """Whether a request is for the page. With any other query, `/` is a platform's own path."""
    names = {name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"))}
    return scope["path"] == "/" and scope["method"] in ("GET", "HEAD") and names <= {"platform", "failed"}


class _RoomRoute(Route):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["type"] == "http" and is_room(scope) else (Match.NONE, {})


class Room:
    """The page at `/`; `?platform=` and `?failed=1` narrow its ledger. The page reloads its content to stay current."""

    def __init__(self, world: World, platforms: Mapping[str, SandboxPlatform], guard: Guard) -> None:
        self._world = world
        self._platforms = platforms
        self._guard = guard

    def routes(self) -> list[Route]:
        return [_RoomRoute("/", guarded(self.page, self._guard), methods=["GET"])]

    async def page(self, request: Request) -> Response:
        only = request.query_params.get("platform", "")
        failed = request.query_params.get("failed") == "1"
        context = self._context(only if only in self._platforms else "", failed=failed)
        html = TEMPLATES.get_template("room.html").render(context)
        return HTMLResponse(html, headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store"})

    def _context(self, only: str, *, failed: bool) -> dict[str, Any]:
        calls = self._world.ledger.newest(SHOWN, only, shown.failed if failed else None)
        return {
            "state": describe.state(self._world, self._platforms),
            "only": only,
            "failed": failed,
            "rows": [shown.call_row(call, self._platforms[call.platform]) for call in calls],
            "count": len(self._world.ledger),
            "paths": shown.paths_met(calls, self._platforms),
            "plain_errors": PLAIN_ERRORS,
            "statuses": STATUSES,
            "say": shown,
        }
