"""However many platforms there are, one brand with all of them fits on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from symphony_connect import platforms
from tests.conftest import ServiceFactory
from tests.journey.dashboard.conftest import Desk
from tests.platforms import contract
from tests.tools.fit import overflow
from tests.tools.sandbox import Sandbox

BRAND = 4711


def test_a_brand_with_every_platform_fits(shared_service: ServiceFactory, shared_sandbox: Sandbox, page: Page) -> None:
    desk = Desk(shared_service(contract.settings(shared_sandbox)), shared_sandbox, "every")
    for name in platforms.names():
        brought = contract.rules(name).token(shared_sandbox, shared_sandbox.newcomer())
        desk.call("PUT", "/brands", brandId=BRAND, adPlatform=name, name="Northwind Bikes", **brought)
    desk.enter(page)
    assert overflow(page) == []
    page.goto(f"{desk.home}/brands")
    for name in platforms.names():
        shown = contract.facts(name).display_name.partition(" (")[0]
        expect(page.locator("body")).to_contain_text(f"{shown}:")
    assert overflow(page) == []
