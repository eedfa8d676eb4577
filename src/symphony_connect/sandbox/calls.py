"""Middleware: writes every platform call into the ledger, and applies its fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphony_connect.sandbox.faults import Fault
from symphony_connect.sandbox.ledger import MAX_ANSWER, Call, masked_text
from symphony_connect.sandbox.platform import SandboxPlatform, fallback_of
from symphony_connect.sandbox.room import is_room
from symphony_connect.sandbox.world import World

CUT = "sandbox.cut"
"""ASGI scope extension of sandbox.server: a function without arguments that closes the connection at once."""
MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""
_EDGE_PAGE = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
)


class Calls:
    """ASGI middleware around all platforms. Calls of the control API and the control room are not recorded."""

    def __init__(self, app: ASGIApp, world: World, platforms: Sequence[SandboxPlatform]) -> None:
        self._app = app
        self._world = world
        self._platforms = platforms
        self._fallback: SandboxPlatform | None = fallback_of(platforms)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _whole(receive)
        except ClientDisconnect:
            return
        if body is None:
            await PlainTextResponse("The body is larger than 1 MiB.", 413)(scope, receive, send)
            return
        platform = self._platform(scope)
        if platform is None:
            await self._app(scope, _Replay(body, receive), send)
            return
        params = list(_params(scope, body))
        call = self._world.ledger.open(self._world.clock(), platform.name, scope["method"], scope["path"], params)
        scope["sandbox.call"] = call
        answer = _Answer(_Replay(body, receive), send, call)
        plain = platform.plain(scope["path"])
        fault = self._world.faults.take(platform.name, plain, params)
        try:
            if fault is None:
                await self._app(scope, answer.receive, answer.send)
            else:
                await self._meet(fault, platform, scope, answer)
        finally:
            self._world.ledger.count(call, plain)

    def _platform(self, scope: Scope) -> SandboxPlatform | None:
        path = scope.get("path", "")
        if scope["type"] != "http" or is_room(scope) or path.startswith("/_sandbox"):
            return None
        return next((platform for platform in self._platforms if platform.owns(path)), self._fallback)

    async def _meet(self, fault: Fault, platform: SandboxPlatform, scope: Scope, answer: _Answer) -> None:
        answer.call.fault = f"#{fault.number} {fault.words}"
        if fault.when == "after":
            await self._app(scope, answer.receive, answer.swallow)
        if fault.delay_ms:
            await self._world.pause(fault.delay_ms / 1000)
        if fault.answer:
            answer.call.why = "free answer"
            free = Response(fault.answer.text, fault.answer.status, fault.answer.sent_headers)
            await free(scope, answer.receive, answer.send)
            return
        if fault.error is None:
            if fault.when == "after":
                await answer.release()
            else:
                await self._app(scope, answer.receive, answer.send)
            return
        await self._fail(fault.error, platform, scope, answer)

    async def _fail(self, error: str, platform: SandboxPlatform, scope: Scope, answer: _Answer) -> None:
        call = answer.call
        kind, _, detail = error.partition(":")
        call.code = detail if kind == platform.name else None
        call.why = platform.errors.get(detail, error) if kind == platform.name else error
        if kind == "truncate":
            await _break_off(answer.send)
            scope["extensions"][CUT]()
        elif kind in ("reset", "timeout"):
            if kind == "timeout":
                await self._outlast(answer)
            scope["extensions"][CUT]()
        else:
            await _response(kind, detail, platform)(scope, answer.receive, answer.send)

    async def _outlast(self, answer: _Answer) -> None:
        """Wait until the client disconnects, or the process ends."""
        gone = asyncio.create_task(answer.gone())
        ends = asyncio.create_task(self._world.closing.wait())
        _, pending = await asyncio.wait({gone, ends}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


class _Replay:
    """An ASGI `receive` that gives a body that was read already."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Answer:
    """Sends a call's answer: notes its status in the ledger, and can hold the answer back."""

    def __init__(self, receive: Receive, send: Send, call: Call) -> None:
        self.receive = receive
        self._send = send
        self._kept: list[Message] = []
        self.call = call
        self._text = False
        self._seen = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.call.status = message["status"]
            kind = dict(message.get("headers", ())).get(b"content-type", b"")
            self._text = kind.startswith((b"application/json", b"text/plain", b"text/javascript"))
        elif self._text and len(self._seen) <= MAX_ANSWER:
            self._seen += message.get("body", b"")[: 4 * MAX_ANSWER]
            self.call.answer = masked_text(self._seen.decode("utf-8", "replace"))
        await self._send(message)

    async def gone(self) -> None:
        """Return when the client has disconnected."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def swallow(self, message: Message) -> None:
        self._kept.append(message)

    async def release(self) -> None:
        for message in self._kept:
            await self.send(message)


async def _whole(receive: Receive) -> bytes | None:
    """The whole body, None when it is too large. Raises ClientDisconnect when the client disconnects before its end."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _params(scope: Scope, body: bytes) -> Iterable[tuple[str, str]]:
    yield from parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kind = next((value for key, value in scope["headers"] if key == b"content-type"), b"")
    if kind.startswith(b"application/x-www-form-urlencoded"):
        yield from parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    elif kind.startswith(b"application/json"):
        yield from ((key, value if isinstance(value, str) else json.dumps(value)) for key, value in _object(body))


def _object(body: bytes) -> Iterable[tuple[str, Any]]:
    try:
        value = json.loads(body)
    except ValueError:
        return []
    return value.items() if isinstance(value, dict) else []


def _response(kind: str, detail: str, platform: SandboxPlatform) -> Response:
    if kind == "html":
        return HTMLResponse(_EDGE_PAGE, int(detail or 200))
    if kind == "http":
        retry = {"Retry-After": "30"} if detail == "429" else None
        return PlainTextResponse(HTTPStatus(int(detail)).phrase, int(detail), retry)
    return platform.fault(detail)


async def _break_off(send: Send) -> None:
    """The beginning of a JSON answer that promises more than will come."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"data": [{"id": "', "more_body": True})
