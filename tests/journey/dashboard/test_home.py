"""The first page: what it says in the first second, and how one finds one connection among many."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from symphony_connect.base.clock import DAY, HOUR
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import DATA, TOKEN, Seed, many
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import shown

NAME, OTHER_NAME = shown(ANY), shown(OTHER)

pytestmark = pytest.mark.browser


def rows(page: Page) -> list[str]:
    return page.locator("[data-rows] tr td:nth-child(2) a").all_inner_texts()


def test_an_empty_workspace_says_what_to_do_first(desk: Desk, inside: Page) -> None:
    expect(inside.get_by_role("heading", level=1)).to_have_text("Connect your first brand")
    expect(inside.locator(".steps")).to_contain_text(f"{NAME} app is set up")
    inside.get_by_label("Brand id").fill("321")
    inside.get_by_label("Name").fill("Tidal Tea")
    inside.get_by_role("button", name="Create connect link").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("Send this link to the owner of Tidal Tea")
    link = inside.get_by_label("Connect link").input_value()
    inside.goto(link)
    expect(inside.locator("body")).to_contain_text("Tidal Tea")


def test_the_first_second_tells_who_is_needed(desk: Desk, inside: Page) -> None:
    lost = Seed(1, name="Alpine Foods", status="needs_reconnect", reason="password_changed", ends=-HOUR)
    soon = Seed(2, name="Lumen Audio", status="expiring", reason=DATA, data_ends=6 * DAY + HOUR)
    silent = Seed(3, OTHER, "Harbor Coffee", status="unverified", reason="platform_unreachable", attempts=1)
    desk.pour([lost, soon, silent, Seed(4, name="Juniper Home", status="disconnected"), Seed(5, name="Cedar Tea")])
    inside.goto(desk.home)
    expect(inside.get_by_role("heading", level=1)).to_have_text("1 of 4 connections needs a person")
    expect(inside.locator(".verdict")).to_contain_text(f"Alpine Foods · {NAME}, since")
    expect(inside.locator(".verdict")).to_contain_text("the owner changed the password")
    facts = inside.locator(".facts")
    expect(facts).to_contain_text("in 6 days")
    expect(facts).to_contain_text(f"{NAME} ok · {OTHER_NAME} failing")
    expect(facts).to_contain_text("running")
    expect(inside).to_have_title("(1) Connections · Symphony Connect")
    assert inside.locator("#favicon").get_attribute("href") == "/static/icon-bad.svg"
    expect(inside.locator("header")).to_contain_text("Sandbox")
    assert rows(inside) == ["Alpine Foods", "Lumen Audio", "Harbor Coffee", "Cedar Tea", "Juniper Home"]


def test_when_nobody_is_needed_it_says_so(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1), Seed(2)])
    inside.goto(desk.home)
    expect(inside.get_by_role("heading", level=1)).to_have_text("All 2 connections work")
    expect(inside).to_have_title("Connections · Symphony Connect")
    assert inside.locator("#favicon").get_attribute("href") == "/static/icon.svg"


def test_search_and_filters_stand_in_the_address(desk: Desk, inside: Page) -> None:
    desk.pour([*many(40), Seed(9, OTHER, "Café Über", person="Zoë Maier")])
    inside.goto(desk.home)
    inside.get_by_label("Brand, id, person or ad account").fill("café")
    inside.keyboard.press("Enter")
    expect(inside.locator("[data-rows] tr")).to_have_count(1)
    assert "q=caf%C3%A9" in inside.url
    inside.get_by_role("link", name="Show all").click()
    inside.get_by_label("Status").select_option("Needs reconnect")
    inside.get_by_label("Platform").select_option(NAME)
    inside.get_by_role("button", name="Search").click()
    expect(inside.locator("[data-rows] tr")).to_have_count(5)
    inside.reload()
    expect(inside.get_by_label("Status")).to_have_value("needs_reconnect")
    assert set(inside.locator("[data-rows] .badge").all_inner_texts()) == {"Needs reconnect"}


def test_fifty_at_a_time_without_gap_or_repetition(desk: Desk, inside: Page) -> None:
    desk.pour(many(120))
    inside.goto(desk.home)
    seen = [row.get_attribute("data-key") for row in inside.locator("[data-rows] tr").all()]
    expect(inside.locator(".filters")).to_contain_text("1–50 · 105 active")
    for said in ("51–100", "101–120"):
        inside.get_by_role("link", name="Next page").click()
        expect(inside.locator(".filters")).to_contain_text(said)
        seen += [row.get_attribute("data-key") for row in inside.locator("[data-rows] tr").all()]
    assert len(seen) == len(set(seen)) == 120
    expect(inside.get_by_role("link", name="Next page")).to_have_count(0)
    inside.get_by_role("link", name="First page").click()
    expect(inside.locator(".filters")).to_contain_text("1–50")


def test_a_mark_of_the_forecast_lists_its_connections(desk: Desk, inside: Page) -> None:
    desk.pour(
        [
            Seed(1, name="Soon", ends=3 * DAY, status="expiring", reason=TOKEN),
            Seed(2, name="Later", ends=40 * DAY),
            Seed(3, OTHER, "Itself", ends=20 * DAY, renews=True),
        ]
    )
    inside.goto(desk.home)
    inside.get_by_role("link", name="1 connection: token expires and cannot be renewed").nth(1).click()
    expect(inside.locator("[data-rows] tr")).to_have_count(1)
    assert rows(inside) == ["Later"]
    inside.get_by_role("link", name="Remove this filter").click()
    inside.get_by_role("link", name="1 connection renews automatically").click()
    assert rows(inside) == ["Itself"]
    expect(inside.locator(".narrowed")).to_contain_text("Only those that renew automatically, week of")


def test_the_forecast_has_a_twin_in_words(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1, ends=40 * DAY), Seed(2), Seed(3, data_ends=5 * DAY)])
    inside.goto(desk.home)
    table = inside.locator(".weeks")
    expect(table).to_be_hidden()
    inside.get_by_role("link", name="As a table").click()
    expect(table).to_be_visible()
    expect(inside.locator(".chart")).to_be_hidden()
    assert table.locator("td a").all_inner_texts() == ["1 data access", "1 token", "1"]
    inside.goto(desk.home)
    inside.set_viewport_size({"width": 360, "height": 780})
    expect(table).to_be_hidden()
    inside.get_by_role("link", name="Week by week").click()
    expect(table).to_be_visible()


def test_news_comes_by_itself_and_disturbs_nobody(desk: Desk, inside: Page) -> None:
    people = {name: desk.connect(brand, name) for brand, name in ((1, "Northwind Bikes"), (2, "Alpine Foods"))}
    inside.goto(desk.home)
    expect(inside.get_by_role("heading", level=1)).to_have_text("All 2 connections work")
    before = rows(inside)
    search = inside.get_by_label("Brand, id, person or ad account")
    search.fill("half a wo")
    desk.sandbox.person(people[before[1]], "change-password")
    desk.call("POST", f"/brands/{1 if before[1] == 'Northwind Bikes' else 2}/connections/{ANY}/verify")
    expect(inside.get_by_role("heading", level=1)).to_have_text("1 of 2 connections needs a person", timeout=15_000)
    expect(inside).to_have_title("(1) Connections · Symphony Connect")
    expect(search).to_be_focused()
    expect(search).to_have_value("half a wo")
    # The order is as it was until somebody asks; what each row says is new already.
    expect(inside.locator("[data-rows] tr").nth(1)).to_contain_text("Needs reconnect")
    assert rows(inside) == before
    inside.locator("#news button").click()
    assert rows(inside) == [before[1], before[0]]
    expect(inside.locator("#news")).to_be_hidden()


def test_what_somebody_holds_on_to_waits_until_they_let_go(desk: Desk, inside: Page) -> None:
    person = desk.connect(1)
    inside.goto(desk.home)
    inside.locator("[data-rows] a").first.focus()
    desk.sandbox.person(person, "change-password")
    desk.call("POST", f"/brands/1/connections/{ANY}/verify")
    expect(inside.get_by_role("heading", level=1)).to_have_text("1 of 1 connection needs a person", timeout=15_000)
    expect(inside.locator("[data-rows] a").first).to_be_focused()
    expect(inside.locator("[data-rows]")).to_contain_text("Connected")
    inside.evaluate("document.activeElement.blur()")
    expect(inside.locator("[data-rows]")).to_contain_text("Needs reconnect", timeout=15_000)


def test_without_script_it_is_all_there(desk: Desk, opened: Callable[..., Page]) -> None:
    desk.pour([Seed(1, name="Alpine Foods", status="needs_reconnect", reason="revoked")])
    page = desk.enter(opened(java_script_enabled=False))
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 1 connection needs a person")
    page.locator("[data-rows]").get_by_role("button", name="Copy reconnect link").click()
    assert "/connect/symcs_" in page.get_by_label("Link for the owner of Alpine Foods").input_value()
    page.goto(desk.home)
    page.get_by_label("Status").select_option("Connected")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".nothing")).to_contain_text("No connections match")


def test_the_menu_closes_by_escape_and_a_lost_service_is_said_on_the_page(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1, status="needs_reconnect", reason="revoked")])
    inside.goto(desk.home)
    menu = inside.locator(".who summary")
    menu.click()
    expect(inside.get_by_role("button", name="Sign out")).to_be_visible()
    inside.keyboard.press("Escape")
    expect(inside.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
    inside.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); }")
    inside.get_by_role("button", name="Copy reconnect link").first.click()
    expect(inside.locator(".note.failed")).to_contain_text("The service is not responding")
    assert inside.url == desk.home
    expect(inside.locator(".rows [aria-label=succeeded]")).to_have_count(0)
