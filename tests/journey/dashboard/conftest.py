"""One service for a module's tests; each test has a workspace of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import ServiceFactory
from tests.journey.dashboard import seed, visit
from tests.journey.dashboard.seed import Seed
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.watch import Watched


@dataclass
class Desk:
    """A workspace of a running service, and what its campaign code and its people can do there."""

    service: Service
    sandbox: Sandbox
    workspace: str

    @property
    def home(self) -> str:
        return f"{self.service.url}/dashboard"

    @cached_property
    def key(self) -> str:
        return visit.new_key(self.service, workspace=self.workspace)[1]

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = httpx2.request(
            method,
            f"{self.service.url}/api/sym/v2{path}",
            json=body or None,
            headers={"x-api-key": self.key},
            trust_env=False,
            timeout=20,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def pour(self, seeds: Iterable[Seed]) -> None:
        with visit.writing(self.service) as connection:
            visit.workspace_id(connection, self.workspace, visit.now(self.service))
        database = self.service.data_dir / "symphony.db"
        own = (replace(one, tag=self.workspace) for one in seeds)
        seed.pour(database, own, visit.now(self.service), self.workspace)

    def connect(self, brand_id: int, name: str = "Northwind Bikes", platform: str = ANY) -> str:
        """A real connection of a new person; returns who it is."""
        person = self.sandbox.newcomer()
        token = self.sandbox.token(person, platform, scope=",".join(contract.facts(platform).scopes))["access_token"]
        self.call("PUT", "/brands", brandId=brand_id, adPlatform=platform, accessToken=token, name=name)
        return person

    def enter(self, page: Page) -> Page:
        visit.enter(page, self.service, self.workspace)
        return page


@pytest.fixture(scope="module")
def running(shared_service: ServiceFactory) -> Service:
    return shared_service()


@pytest.fixture
def desk(running: Service, shared_sandbox: Sandbox) -> Desk:
    return Desk(running, shared_sandbox, f"team{secrets.token_hex(4)}")


@pytest.fixture
def inside(desk: Desk, context: BrowserContext) -> Iterator[Page]:
    """A page that is signed in to the desk's workspace, and must break no policy."""
    watched = Watched(context)
    yield desk.enter(watched.page)
    assert watched.complaints() == []


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`opened(**options)`: a page of a browser context made for this test."""
    with ExitStack() as stack:

        def page(**options: Any) -> Page:
            context = browser.new_context(**options)
            stack.callback(context.close)
            return context.new_page()

        yield page
