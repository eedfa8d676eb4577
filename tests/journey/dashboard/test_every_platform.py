"""However many platforms there are, the pages that show all of them fit on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from symphony_connect import platforms
from tests.conftest import ServiceFactory
from tests.journey.dashboard.conftest import Desk
from tests.platforms import contract
from tests.tools.fit import overflow
from tests.tools.sandbox import Sandbox

BRAND = 4711


def test_pages_with_every_platform_fit(shared_service: ServiceFactory, shared_sandbox: Sandbox, page: Page) -> None:
    desk = Desk(shared_service(contract.settings(shared_sandbox)), shared_sandbox, "every")
    for name in platforms.names():
        brought = contract.rules(name).token(shared_sandbox, shared_sandbox.newcomer())
        desk.call("PUT", "/brands", brandId=BRAND, adPlatform=name, name="Northwind Bikes", **brought)
    desk.enter(page)
    for part in ("", "/brands", "/events", "/settings"):
        page.goto(desk.home + part)
        assert overflow(page) == [], part
    page.goto(f"{desk.home}/brands")
    for name in platforms.names():
        expect(page.locator("body")).to_contain_text(f"{contract.shown(name)}:")
    page.goto(desk.call("POST", "/connect-sessions", brandId=BRAND)["data"]["url"])
    for name in platforms.names():
        expect(page.locator("body")).to_contain_text(f"Continue to {contract.login(name)}")
    assert overflow(page) == []
