"""Choosing what else a brand advertises with, such as Pages: by search, at once, none, and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import CONNECTED, PLATFORM, Stage, answer, at_dialog, heading, press

pytestmark = pytest.mark.browser

SHARED, LEFT = 10, 2


def at_picker(stage: Stage, page: Page, brand: int) -> None:
    person = stage.newcomer(adAccounts=2, pages=SHARED + LEFT, unshared=LEFT, businesses=2)
    at_dialog(stage, page, brand)
    answer(page, person)
    page.locator("[name=asset]").first.wait_for()


def listed(stage: Stage, brand: int) -> list[dict[str, Any]]:
    answer = stage.service.client.get(f"/api/sym/v2/brands/{brand}/connections/{PLATFORM}/assets?limit=200")
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def used(stage: Stage, brand: int) -> list[str]:
    return [asset["name"] for asset in listed(stage, brand) if asset["selected"]]


def test_a_few_are_found_and_used(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_picker(stage, owner, brand)
    part = owner.locator("[data-picker]").nth(1)
    count, find = part.locator("[data-count]"), part.get_by_role("searchbox", name="Find a name")
    expect(part.locator("[name=asset]")).to_have_count(SHARED)
    expect(count).to_have_text(f"{SHARED} of {SHARED} selected")
    # What was not shared is named, and leads back to the platform.
    expect(owner.locator(".note")).to_contain_text("Sam Rivera Page 12")
    part.get_by_role("button", name="Clear selection").click()
    expect(count).to_have_text(f"0 of {SHARED} selected")
    # The ad accounts have a part of their own.
    expect(owner.locator("[data-other]")).to_have_text("Use 2 ad accounts")
    find.fill("page 4")
    part.get_by_role("button", name="Select all shown").click()
    expect(count).to_have_text(f"1 of {SHARED} selected")
    find.fill("nothing is called so")
    expect(part.get_by_role("status")).to_have_text("Nothing matches.")
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    assert used(stage, brand) == ["Sam Rivera Page 4"]
    assert len([asset for asset in listed(stage, brand) if not asset["usable"]]) == LEFT
    assert len(stage.used(brand)) == 2


def test_without_javascript_and_with_none(stage: Stage, open_page: OpenPage) -> None:
    page, brand = open_page(java_script_enabled=False, viewport={"width": 360, "height": 700}), stage.brand()
    at_picker(stage, page, brand)
    assert page.get_by_role("searchbox").count() == 0
    for box in page.locator("[name=asset]").all():
        box.uncheck()
    press(page, "Use the selected ad accounts")
    heading(page, CONNECTED)
    assert used(stage, brand) == []
