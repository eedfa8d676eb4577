"""Around every request: an id, a size limit, security headers, a log line, and no stack in any answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphony_connect.base.errors import CODES, Problem
from symphony_connect.base.redact import Plain
from symphony_connect.web.headers import security_headers
from symphony_connect.web.problems import answer
from symphony_connect.web.proxied import is_proxied
from symphony_connect.web.strict import MAX_BODY, fault_of_head

log = structlog.get_logger()

REQUESTS = Counter("symphony_requests_total", "Answers by route and status", ["method", "route", "status"])
SECONDS = Histogram("symphony_request_seconds", "Time to answer by route", ["route"])

CLIENT_LEFT = 499
"""Logged and counted, never sent: the client left before its request was whole."""


BODY_WITHIN = 10.0
"""Seconds from the first look at a body to its end, however steadily it trickles in."""
PIECE_WITHIN = 30.0
"""Seconds from one piece to the next of a body that is passed on to a platform."""


class BodyTooLarge(HTTPException):
    """An HTTPException, because FastAPI turns any other that it meets while it reads a form into a 400."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlow(Exception):
    pass


class Envelope:
    """Outermost ASGI layer."""

    def __init__(self, app: ASGIApp, new_id: Callable[[], str], https: bool) -> None:
        self._app = app
        self._new_id = new_id
        self._headers = security_headers(https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id, began, status = self._new_id(), time.perf_counter(), 0
        scope["request_id"], scope["client_left"], scope["body_whole"] = id, False, not _has_body(scope)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if scope["client_left"]:
                return  # nobody is there to read it
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = id
                if not scope["body_whole"]:
                    # What is left of the body is not read: nothing else can come over this connection.
                    headers["connection"] = "close"
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            try:
                fault = fault_of_head(scope)
                app = answer(Problem("invalid_request", fault), id) if fault else self._app
                await app(scope, _limited(scope, receive), send_with_headers)
            except BodyTooLarge:
                problem = Problem("body_too_large", CODES["body_too_large"][1])
                await answer(problem, id)(scope, receive, send_with_headers)
            except BodyTooSlow as slow:
                problem = Problem("invalid_request", str(slow))
                await answer(problem, id)(scope, receive, send_with_headers)
            except Exception:
                if scope["client_left"]:
                    return
                log.exception("request.failed", request_id=id)
                if not status:
                    problem = Problem("internal_error", CODES["internal_error"][1])
                    await answer(problem, id)(scope, receive, send_with_headers)
        finally:
            _note(scope, CLIENT_LEFT if scope["client_left"] else status, time.perf_counter() - began, id)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Stops a body at the limits of size and time, and notes a client that left within it."""
    if is_proxied(scope):
        return _flowing(scope, receive)
    declared = Headers(scope=scope).get("content-length", "0")
    size, whole, until = 0, False, 0.0

    async def limited() -> Message:
        nonlocal size, whole, until
        if declared.isdecimal() and int(declared) > MAX_BODY:
            raise BodyTooLarge
        if whole:
            return await receive()
        until = until or time.monotonic() + BODY_WITHIN
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow(f"The body did not arrive within {BODY_WITHIN:g} seconds.") from None
        if message["type"] == "http.disconnect":
            scope["client_left"] = True
        whole = scope["body_whole"] = not message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise BodyTooLarge
        return message

    return limited


def _flowing(scope: Scope, receive: Receive) -> Receive:
    """A body that is passed on has no limit of size, nor of time as long as it flows."""

    async def flowing() -> Message:
        if scope["body_whole"]:
            return await receive()
        try:
            async with asyncio.timeout(PIECE_WITHIN):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow(f"Nothing came of the body for {PIECE_WITHIN:g} seconds.") from None
        if message["type"] == "http.disconnect":
            scope["client_left"] = True
        scope["body_whole"] = not message.get("more_body", False)
        return message

    return flowing


def _note(scope: Scope, status: int, seconds: float, id: str) -> None:
    # The route's template, never the path: paths may hold connect tokens.
    route = getattr(scope.get("route"), "path", "(none)")
    method = scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 8 else "(other)"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    facts = _refusal(scope) if status >= 400 else {}
    known = {"method": Plain(method), "route": Plain(route), "request_id": Plain(id)}
    log.info("request", **known, status=status, ms=round(seconds * 1000, 1), **facts)


def _refusal(scope: Scope) -> dict[str, Any]:
    """What tells an operator who was refused what: error code, key and brand, as far as they are known."""
    query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=100)
    brand = scope.get("brand_id") or scope.get("path_params", {}).get("brandId") or query.get("brandId", [None])[0]
    facts = {"error": scope.get("refused"), "key": scope.get("key_id"), "brand": brand and str(brand)[:20]}
    return {name: value for name, value in facts.items() if value}
