"""What people do with a long list: find, sort, pick several, take it away; on every width and on paper."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Page, expect

from symphony_connect.base.clock import DAY, HOUR
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import Seed, many
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import shown
from tests.tools.fit import overflow

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2
BETWEEN = (600, 760, 800, 900, 960, 1159, 1160, 1260)


def brands(page: Page) -> list[str]:
    return page.locator("[data-rows] tr .brand a").all_inner_texts()


def test_filters_apply_when_they_are_changed(desk: Desk, inside: Page) -> None:
    desk.pour(
        [Seed(1, ANY, "Cedar Tea"), Seed(2, OTHER, "Alpine Foods"), Seed(3, OTHER, "Pebble Pets", "disconnected")]
    )
    inside.goto(desk.home)
    platform = inside.get_by_label("Platform", exact=True)
    platform.focus()
    platform.select_option(OTHER)
    expect(inside.locator("[data-rows] tr")).to_have_count(2)
    expect(inside.locator(".range")).to_contain_text("1–2 of 2")
    expect(platform).to_be_focused()
    assert f"platform={OTHER}" in inside.url
    inside.get_by_label("Status").select_option("Disconnected")
    expect(inside.locator("[data-rows] tr")).to_have_count(1)
    inside.reload()
    assert brands(inside) == ["Pebble Pets"]
    inside.get_by_role("link", name="Show all").click()
    inside.get_by_role("columnheader", name="Brand").get_by_role("link").click()
    assert brands(inside) == ["Alpine Foods", "Cedar Tea", "Pebble Pets"]
    expect(inside.get_by_role("columnheader", name="Brand")).to_have_attribute("aria-sort", "ascending")
    inside.get_by_role("columnheader", name="Brand").get_by_role("link").click()
    assert brands(inside) == ["Pebble Pets", "Cedar Tea", "Alpine Foods"]


def test_a_slash_jumps_to_the_search_unless_switched_off(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1)])
    inside.goto(desk.home)
    search = inside.get_by_label("Brand, id, person or ad account")
    inside.keyboard.press("/")
    expect(search).to_be_focused()
    inside.keyboard.type("a/b")
    expect(search).to_have_value("a/b")
    inside.locator(".who summary").click()
    inside.get_by_label("jumps to the search").uncheck()
    inside.reload()
    inside.keyboard.press("/")
    expect(search).not_to_be_focused()


def test_the_last_page_is_one_click_away(desk: Desk, inside: Page) -> None:
    desk.pour(many(120))
    inside.goto(desk.home)
    inside.get_by_role("link", name="Last page").click()
    expect(inside.locator(".pages")).to_contain_text("Page 3 of 3")
    expect(inside.locator("[data-rows] tr")).to_have_count(20)
    inside.get_by_role("link", name="Previous page").click()
    expect(inside.locator(".range")).to_contain_text("51–100 of 120")
    inside.get_by_role("link", name="First page").click()
    expect(inside.locator(".range")).to_contain_text("1–50 · 105 active")


def test_links_for_several_rows_are_copied_at_once(desk: Desk, opened: Callable[..., Page]) -> None:
    page = desk.enter(opened(permissions=["clipboard-read", "clipboard-write"]))
    desk.pour([Seed(1, name="Cedar Tea"), Seed(2, name="Alpine Foods"), Seed(3, name="Pebble Pets")])
    page.goto(desk.home)
    page.get_by_label(re.compile("Select Cedar Tea")).check()
    page.get_by_label(re.compile("Select Alpine Foods")).check()
    page.get_by_role("button", name="Copy 2 links").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [line.split(" · ")[0] for line in lines] == ["Cedar Tea", "Alpine Foods"]
    assert all("/connect/symcs_" in line for line in lines)
    page.get_by_label("Select all").check()
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV of 3").click()
    rows = list(csv.DictReader(io.StringIO(file.value.path().read_text("utf-8-sig"))))
    assert {row["brand"] for row in rows} == {"Cedar Tea", "Alpine Foods", "Pebble Pets"}


def test_without_scripts_links_are_a_page_and_csv_has_all_that_match(desk: Desk, opened: Callable[..., Page]) -> None:
    page = desk.enter(opened(java_script_enabled=False))
    formula = Seed(1, ANY, "=HYPERLINK(1)", person="@Eve")
    desk.pour([formula, *(Seed(number, OTHER, f"Brand {number}") for number in range(2, 120))])
    page.goto(f"{desk.home}?platform={OTHER}")
    page.get_by_label("Select Brand 7 ").check()
    page.get_by_role("button", name="Copy links").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 connect link")
    expect(page.get_by_label("All links")).to_have_value(re.compile(r"^Brand 7 · .*: http\S+/connect/symcs_\w+\s*$"))
    page.goto(f"{desk.home}?platform={OTHER}&sort=-brand")
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(file.value.path().read_text("utf-8-sig"))))
    assert [row["brandId"] for row in rows[:2]] == ["99", "98"]
    assert len(rows) == 118
    page.goto(f"{desk.home}?platform={ANY}")
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV", exact=True).click()
    (row,) = csv.DictReader(io.StringIO(file.value.path().read_text("utf-8-sig")))
    assert (row["brand"], row["connectedAs"]) == ("'=HYPERLINK(1)", "'@Eve")


def test_a_link_tells_whether_it_was_opened(desk: Desk, inside: Page) -> None:
    desk.connect(1)
    inside.goto(desk.home)
    inside.locator("[data-rows] a").first.click()
    link = inside.locator(".details > div", has_text="Last connect link")
    expect(link).to_contain_text("none")
    made = desk.call("POST", "/connect-sessions", brandId=1)["data"]
    inside.reload()
    expect(link).to_contain_text("not opened yet")
    httpx2.head(made["url"], trust_env=False)
    inside.reload()
    expect(link).to_contain_text("not opened yet")
    httpx2.get(made["url"], trust_env=False)
    inside.reload()
    expect(link).to_contain_text(re.compile(r"opened \d+ s ago, not used yet"))


def test_rows_that_wait_for_an_owner_tell_what_became_of_their_link(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(number, ANY, f"Brand {number}", "needs_reconnect", "revoked") for number in (1, 2)])
    desk.call("POST", "/connect-sessions", brandId=2, adPlatforms=[OTHER])
    made = desk.call("POST", "/connect-sessions", brandId=1)["data"]
    inside.goto(desk.home)
    rows = inside.locator("[data-rows] tr")
    expect(rows.filter(has_text="Brand 1").locator(".act")).to_contain_text("not opened yet")
    expect(rows.filter(has_text="Brand 2").locator(".act")).not_to_contain_text("last link")
    httpx2.get(made["url"], trust_env=False)
    inside.reload()
    expect(rows.filter(has_text="Brand 1").locator(".act")).to_contain_text(re.compile(r"opened \d+ s ago, not used"))


def test_events_are_narrowed_on_the_page(desk: Desk, inside: Page) -> None:
    told = [(-HOUR, "connection.renewed", "worker", {}), (-2 * DAY, "connection.put_off", "worker", {})]
    desk.pour([Seed(1, ANY, "Cedar Tea", events=told), Seed(2, OTHER, "Alpine Foods", events=told)])
    inside.goto(f"{desk.home}/events")
    entries = inside.locator(".timeline li")
    expect(entries).to_have_count(4)
    inside.get_by_label("What happened").select_option("Renewal or check failed")
    expect(entries).to_have_count(2)
    inside.get_by_label("Brand").fill("cedar")
    inside.get_by_role("button", name="Show").click()
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text(f"Cedar Tea · {shown(ANY)}")


def test_overdue_is_red_and_has_a_list(desk: Desk, inside: Page) -> None:
    late = [Seed(number, name=f"Late {number}", due=-3 * HOUR, ends=2 * HOUR, renews=True) for number in range(1, 6)]
    # The worker of the service would take them at once, if they had a platform that it knows.
    for seed in late:
        seed.platform = "elsewhere"
    desk.pour([*late, Seed(9, name="Cedar Tea")])
    inside.goto(desk.home)
    expect(inside.get_by_role("heading", level=1)).to_have_text("5 connections are overdue")
    expect(inside.locator(".verdict")).to_contain_text("The oldest was due 3 h ago")
    assert inside.locator("#favicon").get_attribute("href") == "/static/icon-bad.svg"
    overdue = inside.locator(".facts").get_by_role("link", name="5 overdue")
    assert inside.evaluate("getComputedStyle(document.querySelector('.facts a.bad')).color") == "rgb(179, 38, 30)"
    expect(inside.locator(".renewals svg rect.overdue").first).to_be_visible()
    overdue.click()
    expect(inside.locator("[data-rows] tr")).to_have_count(5)
    expect(inside.locator(".narrowed")).to_contain_text("that are overdue")


def test_every_width_and_a_long_name_fit(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1, name="Cedar Tea", person="Sam Rivera", status="needs_reconnect", reason="revoked"), Seed(2)])
    inside.goto(desk.home)
    inside.set_viewport_size({"width": 1280, "height": 900})
    columns = "[...document.querySelectorAll('.rows th')].map((cell) => cell.getBoundingClientRect().width)"
    before = inside.evaluate(columns)
    desk.pour([Seed(3, name=LONG, person=LONG)])
    inside.reload()
    after = inside.evaluate(columns)
    assert all(abs(one - other) < 12 for one, other in zip(before, after, strict=True)), (before, after)
    assert overflow(inside, BETWEEN) == []
    for width in BETWEEN:
        inside.set_viewport_size({"width": width, "height": 900})
        assert narrow_words(inside) == [], width
        assert overlapping(inside) == [], width
    inside.goto(f"{desk.home}/events")
    top = "part => part.getBoundingClientRect().top"
    for width in [each for each in BETWEEN if each >= 800]:
        inside.set_viewport_size({"width": width, "height": 900})
        tops = {inside.get_by_label(label, exact=True).evaluate(top) for label in ("From", "To")}
        assert len(tops) == 1, f"the two days of a range stand apart at {width}"


def narrow_words(page: Page) -> list[str]:
    """Ordinary words that are broken in the middle: lines of fewer letters than the word has."""
    script = """() => [...document.querySelectorAll(".rows td, .facts dd, .badge, button, .button")].filter((part) => {
      if (/Donau/.test(part.textContent)) return false;
      const range = document.createRange(), walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/[A-Za-z]{3,}/g)) {
        range.setStart(walker.currentNode, word.index);
        range.setEnd(walker.currentNode, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size > 1) return true;
      }
    }).map((part) => part.textContent.trim().slice(0, 60))"""
    found: list[str] = page.evaluate(script)
    return found


def overlapping(page: Page) -> list[str]:
    """Labels of the forecast that lie over one another."""
    script = """() => {
      const boxes = [...document.querySelectorAll(".drawing text")]
        .map((text) => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width);
      const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 3 && b.top < a.bottom - 3;
      return boxes.flatMap(([name, box], place) => boxes.slice(place + 1)
        .filter(([, other]) => over(box, other)).map(([other]) => `${name} / ${other}`));
    }"""
    found: list[str] = page.evaluate(script)
    return found


def test_a_phone_shows_the_first_connection_early(desk: Desk, inside: Page) -> None:
    desk.pour(many(120))
    inside.set_viewport_size({"width": 360, "height": 780})
    inside.goto(desk.home)
    assert inside.evaluate("document.querySelector('[data-rows] tr').getBoundingClientRect().top") < 1_000
    inside.get_by_role("link", name="Week by week").click()
    expect(inside.locator(".weeks")).to_be_visible()


def test_paper_has_the_facts_and_nothing_to_press(desk: Desk, inside: Page) -> None:
    desk.pour([Seed(1, name="Cedar Tea", status="needs_reconnect", reason="revoked"), Seed(2, name="Alpine Foods")])
    inside.goto(desk.home)
    inside.emulate_media(media="print", color_scheme="dark")
    inside.set_viewport_size({"width": 718, "height": 1000})
    for gone in ("header nav", ".filters", ".bulk button", ".pick", "[data-rows] .act", ".verdict button", ".who"):
        assert not any(part.is_visible() for part in inside.locator(gone).all()), gone
    for kept in ("h1", ".facts", ".drawing", ".rows thead"):
        expect(inside.locator(kept).first).to_be_visible()
    assert inside.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert inside.evaluate("document.documentElement.scrollWidth") <= 718
    row = inside.locator("[data-rows] tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "table-row"


def test_forced_colours_keep_what_colour_told(desk: Desk, inside: Page) -> None:
    told = [(-HOUR, "connection.renewed", "worker", {})]
    desk.pour([Seed(1, name="Cedar Tea", ends=20 * DAY, events=told), Seed(2, OTHER, ends=9 * DAY, renews=True)])
    inside.emulate_media(forced_colors="active")
    inside.goto(desk.home)
    border = "part => getComputedStyle(part).borderBottomColor + getComputedStyle(part).borderBottomWidth"
    here = inside.locator("header nav [aria-current]").evaluate(border)
    other = inside.locator("header nav a:not([aria-current])").first.evaluate(border)
    assert here != other
    for mark in (".drawing .mark", ".drawing .bar", ".renewals rect.ok"):
        assert inside.locator(mark).first.evaluate("part => getComputedStyle(part).forcedColorAdjust") == "none", mark
