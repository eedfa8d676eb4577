"""CORS: exact origins, never a wildcard, no credentials."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphony_connect.access.origins import origin_known
from symphony_connect.base.errors import Problem
from symphony_connect.web.problems import answer

METHODS = "GET, PUT, POST, DELETE"
HEADERS = "x-api-key, content-type, idempotency-key"
EXPOSED = "x-request-id, retry-after, ratelimit, ratelimit-policy"
PATHS = ("/api/", "/oauth/status")


class Cors:
    """ASGI layer for the paths that pages of other origins may read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is None or not scope["path"].startswith(PATHS):
            await self._app(scope, receive, send)
            return
        allowed = await origin_known(scope["app"].state.core, origin)
        if scope["method"] == "OPTIONS":
            await _preflight(origin, allowed, scope)(scope, receive, send)
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("origin")
                if allowed:
                    headers["access-control-allow-origin"] = origin
                    headers["access-control-expose-headers"] = EXPOSED
            await send(message)

        await self._app(scope, receive, send_with_origin)


def _preflight(origin: str, allowed: bool, scope: Scope) -> Response:
    if not allowed:
        problem = Problem("origin_not_allowed", "This origin is not in SYMPHONY_ALLOWED_ORIGINS.")
        return answer(problem, scope.get("request_id", ""))
    headers = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": HEADERS,
        "access-control-max-age": "600",
        "vary": "origin",
    }
    return Response(status_code=204, headers=headers)
