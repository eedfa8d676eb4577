"""One connection's page: its facts, its history, and every button on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from symphony_connect import platforms
from symphony_connect.web.messages import platform_words
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import Seed
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import shown
from tests.tools.owner import Owner

NAME, OTHER_NAME = shown(ANY), shown(OTHER)

pytestmark = pytest.mark.browser


def open_first(desk: Desk, page: Page) -> None:
    page.goto(desk.home)
    page.locator("[data-rows] a").first.click()


def test_its_facts_and_its_history_in_plain_words(desk: Desk, inside: Page) -> None:
    desk.connect(12_345)
    open_first(desk, inside)
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"Northwind Bikes · {NAME}")
    details = inside.locator(".details")
    expect(details).to_contain_text("in 59 days")
    expect(details).to_contain_text("in 89 days")
    expect(inside.locator("[data-live=accounts] li")).to_have_count(2)
    expect(inside.locator(".timeline")).to_contain_text("Connected as")
    assert re.fullmatch(r"Connected for \d+ s", inside.locator(".band").get_attribute("aria-label") or "")


def test_a_permission_whose_id_is_a_number_is_told_by_its_name(desk: Desk, inside: Page) -> None:
    name = next(each for each in platforms.names() if platform_words(each).get("names"))
    scope, words = next(iter(platform_words(name)["names"].items()))
    desk.pour([Seed(1, name, scopes=(scope,))])
    open_first(desk, inside)
    expect(inside.locator("main")).to_contain_text(f"{words} {scope}")


def test_verify_now_asks_the_platform(desk: Desk, inside: Page) -> None:
    person = desk.connect(12_345)
    open_first(desk, inside)
    inside.get_by_role("button", name="Verify now").click()
    expect(inside.locator("main > .note[role=status]")).to_have_text("Asked the platform: the token is good.")
    desk.sandbox.person(person, "change-password")
    inside.get_by_role("button", name="Verify now").click()
    expect(inside.locator("main > .note[role=status]")).to_contain_text("only the owner can help")
    expect(inside.locator(".title")).to_contain_text("Needs reconnect")
    expect(inside.locator(".title")).to_contain_text("the owner changed the password")
    expect(inside.locator(".timeline li").first).to_contain_text("Now needs reconnect: the owner changed the password")
    expect(inside).to_have_title(f"(1) Northwind Bikes · {NAME} · Symphony Connect")


def test_renew_now_says_what_came_of_it(desk: Desk, inside: Page) -> None:
    desk.connect(12_345)
    open_first(desk, inside)
    inside.get_by_role("button", name="Renew now").click()
    expect(inside.locator("main > .note[role=status]")).to_contain_text("nothing changed")


def test_a_platform_out_of_reach_is_told_in_words(desk: Desk, inside: Page) -> None:
    desk.connect(12_345, platform=OTHER)
    open_first(desk, inside)
    desk.sandbox.fault(OTHER, "http:503", times=20)
    try:
        inside.get_by_role("button", name="Verify now").click()
        expect(inside.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible(timeout=20_000)
        expect(inside.locator(".timeline li").first).to_contain_text(f"{OTHER_NAME} did not renew it, will retry")
    finally:
        desk.sandbox.calm()


def test_the_reconnect_link_goes_to_the_clipboard_and_works(desk: Desk, opened: Callable[..., Page]) -> None:
    person = desk.connect(12_345)
    page = desk.enter(opened(permissions=["clipboard-read", "clipboard-write"]))
    open_first(desk, page)
    page.get_by_role("button", name="Copy reconnect link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    with Owner() as owner:
        assert owner.connect(link, ANY, person).status_code == 200
    page.reload()
    expect(page.locator(".timeline")).to_contain_text("Reconnected as")
    expect(page.locator(".timeline")).to_contain_text("connect page")


def test_where_the_clipboard_is_out_of_reach_the_link_is_shown(desk: Desk, inside: Page) -> None:
    desk.connect(12_345)
    open_first(desk, inside)
    inside.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    inside.get_by_role("button", name="Copy reconnect link").click()
    shown = inside.get_by_label("Link for the owner")
    expect(shown).to_be_focused()
    assert "/connect/symcs_" in shown.input_value()


def test_disconnecting_asks_first_and_leaves_a_receipt(desk: Desk, inside: Page) -> None:
    desk.connect(12_345)
    open_first(desk, inside)
    inside.get_by_role("link", name="Disconnect…").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"Disconnect Northwind Bikes from {NAME}?")
    inside.get_by_role("link", name="Cancel").click()
    expect(inside.locator(".title")).to_contain_text("Connected")
    inside.get_by_role("link", name="Disconnect…").click()
    inside.get_by_role("button", name="Disconnect Northwind Bikes").click()
    receipt = inside.locator(".receipt")
    expect(receipt).to_contain_text("revoked")
    expect(receipt).to_contain_text("destroyed")
    expect(receipt).to_contain_text("evt_")
    expect(receipt).to_contain_text("by dashboard")
    inside.reload()
    expect(receipt).to_be_visible()
    for name in ("Verify now", "Renew now"):
        expect(inside.get_by_role("button", name=name)).to_have_count(0)
    inside.goto(desk.home)
    expect(inside.get_by_role("heading", level=1)).to_have_text("Nothing is connected now")


def test_a_long_history_has_pages(desk: Desk, inside: Page) -> None:
    chosen = ("connection.selected", "worker", {"selected": []})
    desk.pour([Seed(1, events=[(-number * 60_000, *chosen) for number in range(45)])])
    open_first(desk, inside)
    expect(inside.locator(".timeline li")).to_have_count(30)
    inside.get_by_role("link", name="Older").click()
    expect(inside.locator(".timeline li")).to_have_count(15)


def test_a_name_is_only_a_name(desk: Desk, inside: Page) -> None:
    """What owners and platforms call things is text, never markup."""
    evil = '<img src=x onerror="document.title=1">"\'&{{7*7}}'
    desk.pour([Seed(1, name=evil, person=evil, events=[(0, "connection.token_refused", evil, {"message": evil})])])
    open_first(desk, inside)
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"{evil} · {NAME}")
    for path in ("", "/brands", "/events"):
        inside.goto(desk.home + path)
        expect(inside.locator("main img")).to_have_count(0)
        expect(inside.locator("main")).to_contain_text(evil)
