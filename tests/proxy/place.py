"""Service and sandbox in one process, over ASGI: thousands of calls through the proxy in seconds."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2

from symphony_connect import platforms
from symphony_connect.access import keyring
from symphony_connect.access.bounds import NONE, Bounds, grantable
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import create_app
from symphony_connect.audit.trail import Trail
from symphony_connect.base import config
from symphony_connect.base.ids import Ids
from symphony_connect.core import Core
from symphony_connect.sandbox.app import create_app as create_sandbox
from symphony_connect.sandbox.wire import Guard
from symphony_connect.sandbox.world import LocalClock, World
from symphony_connect.store import db
from symphony_connect.store.migrate import migrate
from symphony_connect.vault.vault import open_vault
from tests.platforms import contract

AT = "http://127.0.0.1:1"
"""Where the sandbox is, for the service."""
HERE = "http://127.0.0.1:8080"
API = "/api/sym/v2"
_numbers = itertools.count(5_000)


class Recording(httpx2.AsyncBaseTransport):
    """Keeps every request that leaves the service; `script` answers in the sandbox's place where it wants to."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app, client=("127.0.0.1", 9))
        self.requests: list[httpx2.Request] = []
        self.bodies: list[bytes] = []
        self.script: Callable[[httpx2.Request], httpx2.Response | None] = lambda _: None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        self.requests.append(request)
        self.bodies.append(body)
        return self.script(request) or await self._inner.handle_async_request(request)


class Place:
    def __init__(
        self, core: Core, world: World, outward: Recording, http: httpx2.AsyncClient, app: Any, sandbox_app: Any
    ) -> None:
        self.core = core
        self.world = world
        self.outward = outward
        self.http = http
        self.app = app
        self._sandbox_app = sandbox_app
        self.sandbox = httpx2.AsyncClient(transport=outward._inner, base_url=AT)

    def look_alike(self, platform: str) -> Any:
        """The sandbox's own object, to see what it holds."""
        return self._sandbox_app.state.platforms[platform]

    async def key(self, *scopes: str, bounds: Bounds = NONE) -> str:
        ask = NewKey("", False, tuple(scopes) or grantable(bounds), (), None, bounds)
        return (await keyring.create(self.core, "acme", ask)).key

    async def connected(self, platform: str, person: str = "ada", key: str = "") -> int:
        """A new brand, connected as this person."""
        wishes = {"platform": platform, "person": person, **contract.rules(platform).WISHES}
        issued = (await self.sandbox.post("/_sandbox/tokens", json=wishes)).json()
        brand = next(_numbers)
        body = {"brandId": brand, "adPlatform": platform, "accessToken": issued["accessToken"]}
        body |= {"refreshToken": issued["refreshToken"], "expiresIn": 86_400} if "refreshToken" in issued else {}
        answer = await self.http.put(f"{API}/brands", headers={"x-api-key": key or await self.key()}, json=body)
        assert answer.status_code == 200, answer.text
        return brand

    async def newcomer(self, **traits: Any) -> str:
        name = f"p{next(_numbers)}"
        answer = await self.sandbox.post("/_sandbox/people", json={"name": name, **traits})
        assert answer.is_success, answer.text
        return name

    async def control(self, path: str, body: dict[str, Any]) -> Any:
        answer = await self.sandbox.post(f"/_sandbox/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def accounts(self, brand: int, platform: str, key: str) -> list[str]:
        answer = await self.http.get(
            f"{API}/brands/{brand}/connections/{platform}/ad-accounts", headers={"x-api-key": key}
        )
        return [row["id"] for row in answer.json()["data"]]

    async def send(
        self, method: str, brand: int, platform: str, path: str, key: str = "", **more: Any
    ) -> httpx2.Response:
        """A call through the proxy; `path` is sent as it is, percent signs and all."""
        headers = {**({"x-api-key": key} if key else {}), **more.pop("headers", {})}
        request = httpx2.Request(method, HERE, headers=headers, **more)
        return await answered(self.app, request, f"{proxy_path(brand, platform)}{path}")

    def sent(self) -> list[httpx2.Request]:
        """What left since it was asked before."""
        found = list(self.outward.requests)
        self.outward.requests.clear()
        self.outward.bodies.clear()
        return found


def proxy_path(brand: int, platform: str) -> str:
    return f"{API}/brands/{brand}/connections/{platform}/proxy/"


async def answered(app: Any, request: httpx2.Request, address: str) -> httpx2.Response:
    """The answer to a request whose address goes as it is: every HTTP library tidies dots and percent signs."""
    raw, _, query = address.encode("latin-1").partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": "http",
        "path": unquote(raw.decode("latin-1"), errors="surrogateescape"),
        "raw_path": raw,
        "query_string": query,
        "root_path": "",
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 9),
    }
    came: list[Any] = []
    whole = asyncio.Event()
    body = iter([await request.aread()])

    async def receive() -> dict[str, Any]:
        for piece in body:
            return {"type": "http.request", "body": piece, "more_body": False}
        await whole.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        came.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            whole.set()

    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in came[1:])
    return httpx2.Response(came[0]["status"], headers=came[0]["headers"], content=content, request=request)


@asynccontextmanager
async def opened(database_url: str = "") -> AsyncIterator[Place]:
    """A service over the database, SQLite in a folder of its own by default."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = LocalClock()
        world = World(clock, "proxy")
        sandbox_app = create_sandbox(world, Guard())
        outward = Recording(sandbox_app)
        env = {
            "SYMPHONY_DATA_DIR": str(folder),
            "SYMPHONY_DATABASE_URL": database_url or f"sqlite:///{folder / 'symphony.db'}",
            "SYMPHONY_PUBLIC_URL": HERE,
            "SYMPHONY_FAILURE_LIMIT": "1000000",
            "SYMPHONY_RATE_LIMIT": "100000",
            **platforms.sandbox_settings(AT),
        }
        settings = config.load(env)
        client = await stack.enter_async_context(httpx2.AsyncClient(transport=outward, trust_env=False))
        store = await stack.enter_async_context(db.opened(settings.database_url.reveal()))
        await migrate(store)
        vault = await open_vault(store, settings)
        core = Core(
            settings=settings,
            store=store,
            vault=vault,
            audit=Trail(vault, clock),
            platforms=platforms.load(settings.env, client, clock, False),
            clock=clock,
            ids=Ids(clock),
            outward=client,
        )
        app = create_app(settings, tends=False)
        app.state.core = core
        http = await stack.enter_async_context(
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HERE, trust_env=False)
        )
        await keyring.create(core, "acme", NewKey("", False, grantable(NONE), (), None, NONE))
        yield Place(core, world, outward, http, app, sandbox_app)
