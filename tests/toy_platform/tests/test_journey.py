"""An owner connects the toy in a real browser, from a customer's page and by a link; the dashboard shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.conftest import ServiceFactory
from tests.journey.dashboard.conftest import Desk
from tests.journey.sdk.customer import Customer, confirm, customer_page, decide
from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.site import StaticSite
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

BRAND = 4712


def test_connected_seen_and_disconnected(
    shared_service: ServiceFactory,
    shared_sandbox: Sandbox,
    watched_page: Watched,
    static_site: Callable[..., StaticSite],
) -> None:
    running = shared_service(contract.settings(shared_sandbox), ["--no-worker"])
    page = watched_page.page
    page.goto(static_site({"": customer_page(running)}).url)
    customer = Customer(page, running)
    window = customer.connect(BRAND, "toy", adPlatforms=["toy"], name="Northwind Bikes")
    decide(window)
    confirm(window)
    kind, result = customer.outcome()
    assert (kind, result["platform"], result["status"]) == ("success", "toy", "connected")

    link = {"brandId": BRAND, "adPlatforms": ["toy"]}
    page.goto(running.client.post("/api/sym/v2/connect-sessions", json=link).json()["data"]["url"])
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Continue to Toy").or_(page.get_by_role("link", name="Continue to Toy")).click()
    decide(opened.value)
    expect(page.locator("h1:visible")).to_contain_text("You signed in to Toy as")
    confirm(page)
    expect(page.locator("h1:visible")).to_contain_text("is connected")

    desk = Desk(running, shared_sandbox, "acme")
    desk.enter(page)
    page.goto(f"{desk.home}/brands")
    row = page.get_by_role("row", name="Northwind Bikes")
    expect(row).to_contain_text("Toy Ads")
    expect(row).to_contain_text("connected")
    receipt = running.client.delete(f"/api/sym/v2/brands/{BRAND}/connections/toy").json()["data"]["receipt"]
    assert (receipt["here"], receipt["upstream"]) == ("destroyed", "not_offered")
