"""The short way of a token read, which is what campaign code asks all day: no framework, one statement, one answer.

Only what is plain and good goes this way: a known key below its limit, a token that is fresh. Everything else, each
refusal included, goes the long way (`api/connections.py`), which answers the same in every byte.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from symphony_connect.access import api_keys
from symphony_connect.base.clock import SECOND
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.redact import Plain
from symphony_connect.connections import read_token
from symphony_connect.core import Core
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web.api.views import token_body
from symphony_connect.web.envelope import REQUESTS, SECONDS
from symphony_connect.web.headers import security_headers
from symphony_connect.web.limits import Buckets

ROUTE = "/api/sym/v2/brands/{brandId}/connections/{platform}/token"
PATH = re.compile(r"/api/sym/v2/brands/([1-9][0-9]{0,14})/connections/([a-z_]{1,30})/token")
QUERY = re.compile(rb"(?:minTtl=(0|[1-9][0-9]{0,4}))?")
LONGEST_TTL = 86_400
"""Seconds; what the long way takes at most."""
ASIDE = {b"origin", b"content-length", b"transfer-encoding", b"expect"}
"""Header fields of requests that need another look."""

LINE = Plain("request")

log = structlog.get_logger()


class TokenReads:
    """ASGI application around the framework's, which it asks for nothing but its state."""

    def __init__(self, app: FastAPI, new_id: Callable[[], str], https: bool) -> None:
        self._app = app
        self._keys: Buckets = app.state.keys
        self._new_id = new_id
        self._headers = [(name.encode(), value.encode()) for name, value in security_headers(https).items()]
        self._answered = REQUESTS.labels("GET", ROUTE, 200)
        self._seconds = SECONDS.labels(ROUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        body = await self._read(scope)
        if body is None:
            await self._app(scope, receive, send)
            return
        await self._answer(send, body, key=scope["token_key"], began=began)

    async def _read(self, scope: Scope) -> bytes | None:
        """The answer's body; None for what goes the long way."""
        if scope["type"] != "http" or scope["method"] != "GET" or not (asked := PATH.fullmatch(scope["path"])):
            return None
        key, min_ttl = _plain_key(scope["headers"]), _min_ttl(scope["query_string"])
        if key is None or min_ttl is None:
            return None
        hash = fingerprint(key)
        core: Core = self._app.state.core
        if hash not in self._keys or self._keys.left(hash) < 1:
            return None
        try:
            token = await read_token.read_fresh(core, key, int(asked[1]), asked[2], min_ttl * SECOND)
        except StoreUnavailable:
            return None
        if token is None:
            return None
        scope["token_key"] = hash
        return await token_body(core, token)

    async def _answer(self, send: Send, body: bytes, *, key: str, began: float) -> None:
        id = self._new_id()
        self._keys.take(key)
        left = [(name.encode(), value.encode()) for name, value in self._keys.fields(key).items()]
        headers = [
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode()),
            (b"content-type", b"application/json"),
            (b"x-request-id", id.encode()),
            *left,
            *self._headers,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        seconds = time.perf_counter() - began
        self._answered.inc()
        self._seconds.observe(seconds)
        line = {"method": Plain("GET"), "route": Plain(ROUTE), "status": 200, "ms": round(seconds * 1000, 1)}
        log.info(LINE, **line, request_id=Plain(id))


def _plain_key(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The secret key of a request with nothing unusual in its head; None for every other one."""
    fields: dict[bytes, Any] = dict(headers)
    if len(fields) != len(headers) or not ASIDE.isdisjoint(fields) or not fields.get(b"host"):
        return None
    try:
        key = fields[b"x-api-key"].decode("ascii")
    except (KeyError, UnicodeDecodeError):
        return None
    return key if api_keys.kind_of(key) == "secret" else None


def _min_ttl(query: bytes) -> int | None:
    """Seconds, as the query says or as the long way has it; None for a query that it must look at."""
    if not (asked := QUERY.fullmatch(query)):
        return None
    seconds = read_token.MIN_TTL if asked[1] is None else int(asked[1])
    return seconds if seconds <= LONGEST_TTL else None
