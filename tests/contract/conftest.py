"""One brand's way on one platform, for every platform and every database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.platforms.base import Platform
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.contract import Rules
from tests.tools import preloaded
from tests.tools.owner import Owner
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

API = "/api/sym/v2"
_numbers = itertools.count(12345)
# Every test here needs processes: what they are forked from imports while pytest collects.
preloaded.nursery()


@dataclass
class Case:
    """A platform, and a service over a database. Every test has its own people and brands."""

    platform: str
    rules: Rules
    sandbox: Sandbox
    service: Service

    @property
    def facts(self) -> Platform:
        return contract.facts(self.platform)

    @property
    def gone(self) -> str:
        return contract.gone(self.platform)

    def brand(self) -> int:
        return next(_numbers)

    def call(self, method: str, path: str, expect: int = 200, **body: Any) -> Any:
        """The answer's `data`, or its whole body where it has none, or its `error`."""
        answer: httpx2.Response = self.service.client.request(method, API + path, json=body or None)
        assert answer.status_code == expect, f"{method} {path} answered {answer.status_code}: {answer.text}"
        reply = answer.json()
        assert reply["success"] is (expect < 400), reply
        return reply.get("data", reply.get("error", reply))

    def register(self, brand: int, brought: dict[str, Any], expect: int = 200, **more: Any) -> Any:
        return self.call("PUT", "/brands", expect, brandId=brand, adPlatform=self.platform, **brought, **more)

    def token(self, person: str) -> dict[str, Any]:
        return self.rules.token(self.sandbox, person)

    def works(self, access_token: str) -> bool:
        return self.rules.works(self.sandbox, access_token)

    def at(self, brand: int, part: str = "") -> str:
        return f"/brands/{brand}/connections/{self.platform}{part}"

    def connected(self, person: str) -> int:
        """A new brand that this person has connected."""
        brand = self.brand()
        self.register(brand, self.token(person))
        return brand

    def served(self, brand: int) -> str:
        token: str = self.call("GET", self.at(brand, "/token"))["accessToken"]
        return token

    def shown(self, brand: int) -> Any:
        return self.call("GET", self.at(brand))

    def connect(self, session: dict[str, Any], person: str) -> httpx2.Response:
        with Owner() as owner:
            return owner.connect(session["url"], self.platform, person)

    def out_of_reach(self) -> None:
        self.sandbox.fault(self.platform, "reset", times=100_000)


@pytest.fixture(scope="module")
def sandbox_starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Future[None]]]:
    """Sandbox and service start side by side: neither needs the other to be up."""
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    with ThreadPoolExecutor(1) as pool:
        try:
            yield sandbox, pool.submit(sandbox.start)
        finally:
            sandbox.close()


@pytest.fixture(scope="module")
def shared_sandbox(sandbox_starting: tuple[Sandbox, Future[None]]) -> Sandbox:
    return sandbox_starting[0]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest,
    shared_service: ServiceFactory,
    shared_sandbox: Sandbox,
    sandbox_starting: tuple[Sandbox, Future[None]],
) -> Service:
    env = contract.settings(shared_sandbox)
    if request.param == "postgresql":
        env["SYMPHONY_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    service = shared_service(env)
    sandbox_starting[1].result()
    return service


@pytest.fixture(params=platforms.names())
def case(request: pytest.FixtureRequest, running: Service, shared_sandbox: Sandbox) -> Iterator[Case]:
    yield Case(request.param, contract.rules(request.param), shared_sandbox, running)
    shared_sandbox.calm()
