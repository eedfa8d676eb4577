"""The short way of a token read, which is what campaign code asks all day: no framework, one statement, one answer.

Only what is plain and good goes this way: a known key below its limit, a token that is fresh. Everything else, each
refusal included, goes the long way (`api/connections.py`), which answers the same in every byte.
"""

from __future__ import annotations

import asyncio
import re
import time
from hashlib import sha256

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from symphony_connect.base.clock import SECOND
from symphony_connect.base.config import Settings
from symphony_connect.base.frequent import FrequentLine
from symphony_connect.base.ids import Ids
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

LINE = {"method": str, "route": str, "status": int, "ms": float, "request_id": str}

Headers = list[tuple[bytes, bytes]]


class TokenReads:
    """ASGI application around the framework's, which it asks for nothing but its state."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._app = app
        self._keys: Buckets = app.state.keys
        self._ids = Ids(settings.clock).many("req")
        self._headers = [
            (b"cache-control", b"no-store"),
            (b"content-type", b"application/json"),
            (b"ratelimit-policy", self._keys.policy_field.encode()),
            *((name.encode(), value.encode()) for name, value in security_headers(settings.production).items()),
        ]
        self._answered = REQUESTS.labels("GET", ROUTE, 200)
        self._seconds = SECONDS.labels(ROUTE)
        self._line = FrequentLine("request", LINE, settings.log_format, settings.log_level)
        self._answers: list[tuple[float, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        key = self._key(scope)
        body = None if key is None else await self._read(scope, key)
        if key is None or body is None:
            await self._app(scope, receive, send)
            return
        id, left = next(self._ids), self._keys.take(key)
        headers = [
            (b"x-request-id", id.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"ratelimit", self._keys.field(left).encode()),
            *self._headers,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._count)
        self._answers.append((time.perf_counter() - began, id))

    def _count(self) -> None:
        """Metrics and log lines for what one turn of the event loop answered, each the same work many times."""
        answers, self._answers = self._answers, []
        self._answered.inc(len(answers))
        for seconds, _ in answers:
            self._seconds.observe(seconds)
        self._line.write([("GET", ROUTE, 200, round(seconds * 1000, 1), id) for seconds, id in answers])

    def _key(self, scope: Scope) -> str | None:
        """The fingerprint of the key in a request with nothing unusual in its head, where it may ask now."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        headers: Headers = scope["headers"]
        fields = dict(headers)
        if len(fields) != len(headers) or not ASIDE.isdisjoint(fields) or not fields.get(b"host"):
            return None
        key = sha256(fields.get(b"x-api-key", b"")).hexdigest()
        return key if self._keys.known_and_open(key) else None

    async def _read(self, scope: Scope, key: str) -> bytes | None:
        """The answer's body; None for what goes the long way."""
        of, query = PATH.fullmatch(scope["path"]), QUERY.fullmatch(scope["query_string"])
        if of is None or query is None:
            return None
        min_ttl = read_token.MIN_TTL if query[1] is None else int(query[1])
        if min_ttl > LONGEST_TTL:
            return None
        core: Core = self._app.state.core
        try:
            token = await read_token.read_fresh(core, key, int(of[1]), of[2], min_ttl * SECOND)
        except StoreUnavailable:
            return None
        return None if token is None else await token_body(core, token)
