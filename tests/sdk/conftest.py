"""A browser that blocks popups, a stub of the service, and a shop that uses the SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.sdk.shop import Shop, shop_page
from tests.sdk.stub import StubService
from tests.tools import chromium
from tests.tools.site import StaticSite
from tests.tools.watch import Watched

ShopFactory = Callable[..., Shop]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """With the popup blocker on, so that only a click may open a window."""
    with chromium.running(block_popups=True) as started:
        yield started


@pytest.fixture
def stub() -> Iterator[StubService]:
    running = StubService()
    yield running
    running.close()


@pytest.fixture
def platform(stub: StubService) -> Iterator[StubService]:
    """A platform on another site than the service; sign-ins go to its dialog."""
    running = StubService()
    stub.dialog = f"http://localhost:{running.port}/dialog"
    yield running
    running.close()


@pytest.fixture
def coop(platform: StubService, stub: StubService) -> None:
    """The platform's dialog severs the window from its opener."""
    stub.dialog = f"http://localhost:{platform.port}/coop/dialog"


@pytest.fixture
def shop(watched_page: Watched, static_site: Callable[..., StaticSite], stub: StubService) -> ShopFactory:
    """`shop(attributes="defer", doubt=5_000)` opens the page, with single waiting times of its own."""

    def open_shop(
        attributes: str = "", sdk: str = "", at_once: str = "", headers: dict[str, str] | None = None, **timing: int
    ) -> Shop:
        html = shop_page(sdk or f"{stub.url}/symphony-connect.min.js", attributes, at_once, **timing)
        site = static_site({"": html}, headers)
        watched_page.page.goto(site.url)
        return Shop(watched_page.page, stub)

    return open_shop
