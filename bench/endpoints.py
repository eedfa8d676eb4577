"""What other endpoints cost beside their statements: CPU time of the event loop's thread, which runs none.

On SQLite statements run in threads of their own, so what the loop's thread spends is the service's own time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Any

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.app import create_app
from symphony_connect.base import config, logs
from symphony_connect.web.limits import Buckets, Policy
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.tools.process import clean_env

GOAL = 1.0
"""Milliseconds."""
WARM = 10
KEYS = 1_000


async def main(sizes: Sizes) -> list[Row]:
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):  # noqa: ASYNC230 - its lines are written, not shown
        return await _measured(sizes)


async def _measured(sizes: Sizes) -> list[Row]:
    with place.folder() as folder, place.sandbox(folder) as sandbox:
        url = f"sqlite:///{folder / 'symphony.db'}"
        service, made = place.service_of(sandbox, folder, url), list[str]()
        settings = config.load(clean_env(**service.env))
        key = service.secret_key
        logs.configure(settings.log_format, settings.log_level)
        app = create_app(settings, tends=False, parent=os.getppid())
        async with place.house(sandbox, folder, url) as house:
            app.state.core = house.core
            client = _Client(app, key)
            body = {"brandId": place.BRAND, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
            await client.ask("PUT", "/api/sym/v2/brands", body)

            async def session() -> None:
                said = await client.ask("POST", "/api/sym/v2/connect-sessions", {"brandId": place.BRAND})
                made.append(json.loads(said)["data"]["token"])

            async def page() -> None:
                await client.ask("GET", f"/connect/{made[0]}")

            async def brand() -> None:
                await client.ask("GET", "/api/sym/v2/brands", query=f"brandId={place.BRAND}")

            works = {"GET /brands?brandId=": brand, "POST /connect-sessions": session, "the hosted page": page}
            rows = [
                Row(f"{name}, own time", "", await _own(work, sizes), at_most=GOAL, unit=" ms")
                for name, work in works.items()
            ]
            return [*rows, Row("limits, for one token read", "", _limits(sizes), unit=" µs")]


def _limits(sizes: Sizes) -> tuple[float, ...]:
    """Microseconds: whether the key may ask, taking one, and the field that tells what is left; among many keys."""
    buckets, found = Buckets(Policy("key", 8_000, 4)), []
    for number in range(KEYS):
        buckets.take(f"{number:064}")
    for _ in range(sizes.rounds):
        began = time.thread_time()
        for number in range(KEYS):
            name = f"{number:064}"
            if name in buckets and buckets.left(name) >= 1:
                buckets.field(buckets.take(name))
        found.append((time.thread_time() - began) / KEYS * 1e6)
    return tuple(found)


async def _own(work: Callable[[], Any], sizes: Sizes) -> tuple[float, ...]:
    """Milliseconds of the loop's thread, for each round the mean of many."""
    for _ in range(WARM):
        await work()
    found = []
    for _ in range(sizes.rounds):
        began = time.thread_time()
        for _ in range(sizes.many):
            await work()
        found.append((time.thread_time() - began) / sizes.many * 1000)
    return tuple(found)


class _Client:
    """Asks the application without a server, whose time is not the service's."""

    def __init__(self, app: Any, key: str) -> None:
        self._app = app
        self._key = key

    async def ask(self, method: str, path: str, body: Any = None, query: str = "") -> bytes:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = [(b"host", b"127.0.0.1:8080"), (b"content-type", b"application/json")]
        headers += [(b"content-length", str(len(sent)).encode())] if sent else []
        if path.startswith("/api"):
            headers.append((b"x-api-key", self._key.encode()))
        scope = {
            **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http"},
            **{"path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": ""},
            **{"headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "state": {}},
        }
        status, said = 0, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, said
            status = message.get("status", status)
            said += message.get("body", b"")

        await self._app(scope, receive, send)
        if status >= 400:
            raise RuntimeError(f"{method} {path} answered {status}: {said[:300]!r}")
        return said
