"""The walk that the demo's page leads through: connect, look, move the clock, be warned, reconnect."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journey.demo.conftest import SITE, Demo, connect
from tests.platforms.chosen import LASTING
from tests.platforms.contract import login
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

NAME = login(LASTING)
WAIT = 30_000
"""Milliseconds for what the worker does by itself."""


def test_five_steps(demo: Demo, watched_page: Watched) -> None:
    page = watched_page.page
    page.goto(demo.printed(SITE))
    steps = page.locator(".walk li")
    expect(steps).to_have_count(5)
    page.wait_for_load_state("networkidle")
    connect(page, NAME)
    expect(page.locator("[data-status=connected]")).to_contain_text(f"{NAME} connected as Ada Lark")
    first = dashboard(page, 1)
    expect(first.locator("#verdict, .verdict h1").first).to_contain_text("work")
    room = opened(page, 2)
    room.get_by_role("button", name="+61 d").click()
    expect(room.get_by_role("status")).to_contain_text("Clock advanced by 61d")
    second = dashboard(page, 3)
    expect(second.locator(".verdict h1")).to_contain_text(re.compile("needs? a person"), timeout=WAIT)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-status=needs_reconnect]")).to_contain_text(f"{NAME} needs reconnect", timeout=WAIT)
    page.wait_for_load_state("networkidle")
    connect(page, NAME)
    expect(second.locator(".verdict h1")).to_contain_text("work", timeout=WAIT)


def opened(page: Page, step: int) -> Page:
    """The tab that the link of a step opens."""
    with page.expect_popup() as tab:
        page.locator(".walk li").nth(step).get_by_role("link").click()
    return tab.value


def dashboard(page: Page, step: int) -> Page:
    tab = opened(page, step)
    tab.get_by_role("button", name="Sign in").click()
    return tab
