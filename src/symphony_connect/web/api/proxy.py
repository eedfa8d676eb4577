"""`/brands/{brandId}/connections/{platform}/proxy/{path}`: the platform's own API, with a fresh token put in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from symphony_connect.base.errors import Problem
from symphony_connect.connections.read_token import NeedsReconnect
from symphony_connect.core import Core
from symphony_connect.proxy.proxy import SCOPE, Asked, pass_on
from symphony_connect.proxy.sending import Answer, BrokenOff
from symphony_connect.signin import reconnect_links
from symphony_connect.web.api.connections import BrandIdPath, PlatformPath
from symphony_connect.web.auth import TheCore
from symphony_connect.web.proxied import PATH, key_in_head, key_in_query
from symphony_connect.web.refuses import PLATFORM, refuses

router = APIRouter(tags=["proxy"], prefix="/brands/{brandId}/connections")
log = structlog.get_logger()

METHODS = {
    "GET": ("proxyGet", "Read at the platform"),
    "HEAD": ("proxyHead", "Read at the platform, header fields alone"),
    "POST": ("proxyPost", "Create or change at the platform"),
    "PUT": ("proxyPut", "Replace at the platform"),
    "PATCH": ("proxyPatch", "Change at the platform"),
    "DELETE": ("proxyDelete", "Delete at the platform"),
}
"""Operation id and summary."""
ANSWER = {"description": "The platform's own answer, unchanged but for tokens and links."}
REFUSALS = (*PLATFORM, "not_proxied", "not_found", "needs_reconnect", "unverified", "busy", "body_too_large")
REFUSALS += ("unsupported_media_type", "invalid_json")
ROUTE = "/brands/{brandId}/connections/{platform}/proxy/{path:path}"
"""What log lines and metrics call it, as they do every route of the API."""
SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.:-]*"
PathPath = Annotated[
    str,
    Path(
        description="What follows the platform's host, version included.",
        examples=["v26.0/me/adaccounts"],
        json_schema_extra={"pattern": rf"^{SEGMENT}(/{SEGMENT})*/?$"},
    ),
]


async def forward(
    request: Request,
    core: TheCore,
    brand_id: BrandIdPath,
    platform: PlatformPath,
    path: PathPath,  # noqa: ARG001 - read as it was sent, percent signs and all
) -> Response:
    """The platform's API, called with the connection's token. Errors of the platform pass through as they are.

    Here alone the key may also come as `Access-Token`, `Authorization: Bearer` or `access_token`.
    """
    request.scope["brand_id"] = brand_id
    return Passing(core, request, brand_id, platform)


for method, (id, summary) in METHODS.items():
    router.add_api_route(
        "/{platform}/proxy/{path:path}",
        forward,
        methods=[method],
        operation_id=id,
        summary=summary,
        response_class=Response,
        responses={200: {**ANSWER, "content": {"application/json": {"schema": {"type": "object"}}}}},
        openapi_extra=refuses(*REFUSALS, scope=SCOPE),
    )


class Passing(Response):
    """An answer that begins when the platform's does. A client that leaves cancels the call to the platform."""

    def __init__(self, core: Core, request: Request, brand_id: int, platform: str) -> None:
        super().__init__()
        self._core = core
        self._request = request
        self._brand_id = brand_id
        self._platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Problem as long as nothing was sent."""
        coming = _Coming(receive)
        work = asyncio.create_task(self._pass(scope, coming, send))
        left = asyncio.create_task(coming.left())
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                scope["client_left"] = True
                return
            await work
        except ClientDisconnect:
            scope["client_left"] = True
        except BrokenOff as error:
            # Left without an end: the server then closes the connection, and nobody takes the answer for whole.
            log.warning("proxy.broken_off", platform=self._platform, error=str(error))
        finally:
            for task in (work, left):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _pass(self, scope: Scope, coming: _Coming, send: Send) -> None:
        try:
            answer = await pass_on(self._core, self._asked(scope, coming))
        except NeedsReconnect as problem:
            await reconnect_links.add(self._core, problem)
            raise
        scope["passed_on"] = True
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": fields})
        await _send_body(answer, send)

    def _asked(self, scope: Scope, coming: _Coming) -> Asked:
        raw = scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
        begin = PATH.match(raw)
        if begin is None:
            raise Problem("not_proxied", "Write the address up to proxy/ without percent signs.")
        return Asked(
            key=key_in_head(scope) or scope.get("key_in_form", ""),
            origin=self._request.headers.get("origin"),
            brand_id=self._brand_id,
            platform=self._platform,
            method=scope["method"],
            path=raw[begin.end() :],
            query=scope["query_string"].decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            body=aiter(coming),
            key_in_address=key_in_query(scope),
        )


class _Coming:
    """A request's body as it comes, and then whether its client has left."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]
        self._ended.set()

    async def left(self) -> None:
        """Returns when the client has disconnected; not while its body is still coming."""
        await self._ended.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _send_body(answer: Answer, send: Send) -> None:
    """An answer that breaks off at the platform breaks off here too: the client must not take it for whole."""
    pieces = aiter(answer.body)
    try:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]
