"""Choosing a few ad accounts out of three hundred: by search, at once, by keyboard, and without JavaScript."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from symphony_connect.base.model import AdAccount
from symphony_connect.web import asks
from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import CONNECTED, PLATFORM, Stage, answer, at_dialog, heading, press

pytestmark = pytest.mark.browser

MANY = 300


def at_picker(stage: Stage, page: Page, brand: int) -> str:
    person = stage.newcomer(adAccounts=MANY, businesses=3)
    at_dialog(stage, page, brand)
    answer(page, person)
    page.locator("[name=account]").first.wait_for()
    return person


def in_view(page: Page, selector: str) -> bool:
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_three_of_three_hundred_are_found_and_used(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_picker(stage, owner, brand)
    count = owner.locator("[data-count]")
    expect(count).to_have_text(f"0 of {MANY} selected")
    names = [label.split("\n")[0].rsplit(" ", 1)[0] for label in owner.locator(".choose label").all_inner_texts()[:3]]
    for name in names:
        owner.get_by_role("searchbox", name="Find an ad account").fill(" ".join(reversed(name.upper().split())))
        owner.get_by_role("checkbox", name=name).first.check()
    expect(count).to_have_text(f"3 of {MANY} selected")
    assert in_view(owner, "[data-other]")
    owner.get_by_role("searchbox").press("Enter")
    owner.get_by_role("searchbox").fill("nothing is called so")
    expect(owner.get_by_role("status")).to_have_text("No ad account matches.")
    press(owner, "Use 3 ad accounts")
    heading(owner, CONNECTED)
    assert len(stage.used(brand)) == 3


def test_all_that_a_search_shows_are_selected_at_once_and_cleared(stage: Stage, owner: Page) -> None:
    at_picker(stage, owner, stage.brand())
    first = owner.locator(".group").nth(1)
    business, size = first.get_attribute("data-group") or "", first.locator("li").count()
    assert 0 < size < MANY
    owner.get_by_role("searchbox").fill(business)
    expect(owner.get_by_role("status")).to_have_text(f"{size} shown")
    press(owner, "Select all shown")
    expect(owner.locator("[data-other]")).to_have_text(f"Use {size} ad accounts")
    press(owner, "Clear selection")
    expect(owner.locator("[data-other]")).to_have_text("Select an ad account first")


def test_without_javascript_all_are_shown_by_business(stage: Stage, open_page: OpenPage) -> None:
    page, brand = open_page(java_script_enabled=False, viewport={"width": 360, "height": 700}), stage.brand()
    at_picker(stage, page, brand)
    assert page.locator(".group h2").count() >= 3
    assert page.locator(".choose li:visible [name=account]").count() == MANY
    assert page.get_by_role("searchbox").count() == 0
    assert in_view(page, "[data-other]")
    page.locator("[name=account]").nth(200).check()
    press(page, "Use the selected ad accounts")
    heading(page, CONNECTED)
    assert len(stage.used(brand)) == 1


def test_the_focus_is_never_behind_the_bar(stage: Stage, owner: Page) -> None:
    at_picker(stage, owner, stage.brand())
    owner.locator("[name=account]").first.focus()
    for _ in range(12):
        owner.keyboard.press("Tab")
    focused = owner.evaluate("document.activeElement.getBoundingClientRect().bottom")
    assert focused <= owner.evaluate("document.querySelector('.stick').getBoundingClientRect().top")


def test_what_was_chosen_before_comes_first() -> None:
    def offer(id: str, business: str | None, ticked: bool = False) -> asks.Offer:
        return asks.Offer(AdAccount(id, id, "active", business=business), ticked)

    groups = asks.grouped(
        [offer("a", None), offer("b", "Alpine"), offer("c", "Zebra"), offer("d", "Zebra", ticked=True)]
    )
    assert [(group.business, [one.account.id for one in group.offers]) for group in groups] == [
        ("Zebra", ["d", "c"]),
        ("Alpine", ["b"]),
        (None, ["a"]),
    ]


def test_nobody_loads_the_script_where_there_is_nothing_to_choose(stage: Stage, owner: Page) -> None:
    owner.goto(urljoin(stage.service.url, stage.link([PLATFORM])))
    assert owner.locator("script[src$='picker.js']").count() == 0
