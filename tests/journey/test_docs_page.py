"""`/docs` in a browser: every call is shown, nothing breaks the page's policy, and a call made from it is answered."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.conftest import ServiceFactory
from tests.tools import axe
from tests.tools.watch import Watched

VIEWERS_OWN = ("nested-interactive", "heading-order", "region")
"""How Swagger UI nests its own elements, which no style or name changes."""


@pytest.mark.browser
def test_a_call_is_tried_from_the_page(service: ServiceFactory, context: BrowserContext) -> None:
    running = service({}, ["--no-worker"])
    watched = Watched(context)
    page = watched.page
    page.goto(f"{running.url}/docs")
    calls = sum(len(methods) for methods in running.client.get("/openapi.json").json()["paths"].values())
    expect(page.locator(".opblock")).to_have_count(calls)
    expect(page.locator(".servers")).to_contain_text(running.url)
    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".dialog-ux")
    dialog.locator("input").fill(running.secret_key)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()
    call = page.locator("#operations-platforms-listPlatforms")
    call.locator(".opblock-summary-control").click()
    expect(call).to_contain_text("Needs the scope brands:read")
    expect(call).to_contain_text("store_unavailable")
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    expect(call.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert watched.complaints() == []
    assert [found for found in axe.in_both_themes(page) if found.split(": ")[1] not in VIEWERS_OWN] == []
    page.get_by_role("link", name="Dashboard").click()
    expect(page).to_have_url(f"{running.url}/dashboard/sign-in")
