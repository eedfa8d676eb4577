"""A running service with two workspaces, and ways to look at what it answers and what it stored."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator
from starlette.routing import compile_path

from symphony_connect.access import keyring
from symphony_connect.access.bounds import NONE, Bounds, grantable
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.core import Core
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.rows import rows
from tests.tools.sandbox import Sandbox
from tests.tools.service import WORKSPACE, Service

API = "/api/sym/v2"
_numbers = itertools.count(2_000_000)


@dataclass
class Api:
    """The service with its worker off: nothing changes but by a request."""

    service: Service
    sandbox: Sandbox

    def send(self, method: str, path: str, *, key: str | None = "", **more: Any) -> httpx2.Response:
        """A call of the API; `key` "" is the service's own secret key, None is none."""
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers["x-api-key"] = key or self.service.secret_key
        return self.http.request(method, API + path, headers=headers, **more)

    @cached_property
    def http(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.service.url, timeout=20, trust_env=False)

    def refused(self, answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
        """The error of an answer that must be this one, in the one shape."""
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        reply = answer.json()
        self.failure.validate(reply)
        assert reply["error"]["code"] == code, reply
        assert reply["requestId"] == answer.headers["x-request-id"]
        self._declared(answer.request, code)
        error: dict[str, Any] = reply["error"]
        return error

    def _declared(self, request: httpx2.Request, code: str) -> None:
        """The description of the call that was made lists the code."""
        for template, calls in self.spec["paths"].items():
            call = calls.get(request.method.lower())
            if call and compile_path(template)[0].match(request.url.path):
                assert code in call["x-error-codes"], f"{code} is not declared for {call['operationId']}"

    @cached_property
    def spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.http.get("/openapi.json").json()
        return spec

    @cached_property
    def failure(self) -> Draft202012Validator:
        return Draft202012Validator({"$ref": "#/components/schemas/Failure", "components": self.spec["components"]})

    def new_key(
        self,
        *scopes: str,
        workspace: str = WORKSPACE,
        publishable: bool = False,
        origins: list[str] | None = None,
        days: int | None = None,
        bounds: Bounds = NONE,
    ) -> str:
        """A key made as `keys create` makes it, in this process."""
        chosen = () if publishable else scopes or grantable(bounds)

        async def make(core: Core) -> str:
            seconds = days * 86_400 if days else None
            ask = NewKey("", publishable, tuple(chosen), tuple(origins or ()), seconds, bounds)
            made = await keyring.create(core, workspace, ask)
            key: str = made.key
            return key

        return self.in_core(make)

    def in_core(self, work: Callable[[Core], Any]) -> Any:
        async def run() -> Any:
            async with opened_core(config.load(self.service.env)) as core:
                return await work(core)

        return asyncio.run(run())

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of what a refused request must leave alone."""
        return rows(self.service.env["SYMPHONY_DATABASE_URL"])

    def brand(self) -> int:
        return next(_numbers)

    def token(self, platform: str, person: str = "ada") -> dict[str, Any]:
        return contract.rules(platform).token(self.sandbox, person)

    def connected(self, platform: str = ANY, person: str = "ada", key: str = "") -> int:
        brand = self.brand()
        body = {"brandId": brand, "adPlatform": platform, **self.token(platform, person)}
        answer = self.send("PUT", "/brands", key=key, json=body)
        assert answer.status_code == 200, answer.text
        return brand


SETTINGS = {"SYMPHONY_FAILURE_LIMIT": "1000000", "SYMPHONY_SIGN_IN_LIMIT": "1000000"}
"""These tests fail on purpose, all from one address."""


@contextmanager
def _started(start: ServiceFactory, sandbox: Sandbox, **env: str) -> Iterator[Api]:
    api = Api(start({**contract.settings(sandbox), **SETTINGS, **env}, ["--no-worker"]), sandbox)
    yield api
    api.http.close()


@pytest.fixture(scope="module")
def api(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Iterator[Api]:
    with _started(shared_service, shared_sandbox) as started:
        yield started


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stored_api(
    request: pytest.FixtureRequest, shared_service: ServiceFactory, shared_sandbox: Sandbox
) -> Iterator[Api]:
    """As `api`, on each database."""
    env = {}
    if request.param == "postgresql":
        env["SYMPHONY_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    with _started(shared_service, shared_sandbox, **env) as started:
        yield started
