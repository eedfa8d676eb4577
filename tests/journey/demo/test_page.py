"""The demo's own page, walked as somebody does who tries it."""

from __future__ import annotations

import re
import shlex

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from symphony_connect import platforms
from tests.journey.demo.conftest import SITE, Demo
from tests.platforms import contract
from tests.platforms.chosen import ANY, OTHER
from tests.tools.axe import in_both_themes
from tests.tools.fit import overflow
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 29)"}


@pytest.fixture
def page(demo: Demo, watched_page: Watched) -> Page:
    watched_page.page.goto(demo.printed(SITE))
    expect(watched_page.page.locator("#connections li")).to_have_count(len(platforms.names()))
    return watched_page.page


def test_nothing_is_connected_at_first(demo: Demo, page: Page, watched_page: Watched) -> None:
    """A brand of which nothing is known yet is nothing to complain about in the console."""
    service = f"http://127.0.0.1:{demo.port}"
    key = {"x-api-key": demo.printed(r"Secret key\s+(sym_sk_\w+)")}
    httpx2.delete(f"{service}/api/sym/v2/brands?brandId=12345", headers=key, trust_env=False)
    page.reload()
    for platform in platforms.names():
        expect(page.locator("#connections")).to_contain_text(f"{contract.login(platform)} not connected yet")
    *others, last = map(contract.login, platforms.names())
    expect(page.locator("body")).to_contain_text(f"The sandbox plays {', '.join(others)} and {last}:")
    assert f"in the place of {', '.join(others)} and {last}." in demo.printed(r"(in the place of .*)")
    page.wait_for_load_state("networkidle")
    assert watched_page.console == []


@pytest.mark.parametrize("way", ["session", "connect"])
def test_every_button_connects(page: Page, watched_page: Watched, way: str) -> None:
    page.wait_for_load_state("networkidle")
    for platform in contract.all_having("LOGIN_FUNCTION"):
        name = contract.login(platform)
        with page.expect_popup() as opened:
            page.click(f"#{way}-{platform}")
        if way == "session":
            opened.value.click("a[href*='/oauth/']")
        opened.value.click("button[value=approve]")
        if way == "session":
            opened.value.click("button[name=answer][value=yes]")
        said = "Brand 12345 is connected on" if way == "session" else "Brand 12345 updated successfully"
        expect(page.locator("#outcome")).to_contain_text(said, timeout=20_000)
        expect(page.locator("#connections")).to_contain_text(re.compile(f"{name} connected as .+, 2 ad accounts"))
    assert watched_page.console == []


def test_a_button_waits_until_its_session_is_there(page: Page) -> None:
    """The window has to open in the click itself; a click before would be for nothing."""
    held: list[Route] = []
    page.route("**/connect-session", lambda route: held.append(route))
    page.reload()
    button = page.locator(f"#session-{ANY}")
    expect(button).to_be_disabled()
    held[0].continue_()
    expect(button).to_be_enabled()


def test_a_failure_is_said_with_its_code(page: Page) -> None:
    with page.expect_popup() as opened:
        page.click(f"#connect-{ANY}")
    opened.value.click("button[value=deny]")
    expect(page.locator("#outcome.failed")).to_contain_text("(access_denied)", timeout=20_000)


def test_the_link_for_the_owner_leads_there_and_back(demo: Demo, page: Page) -> None:
    page.click("#hosted")
    page.click("#hosted-link")
    with page.expect_popup() as opened:
        page.click(f"a[href*='/oauth/{OTHER}/']")
    opened.value.click("button[value=approve]")
    page.click("button[name=answer][value=yes]")
    page.click(f"a[href^='{demo.printed(SITE)}']")
    expect(page.locator("#outcome")).to_have_text("The owner is back from the link: connected")
    assert page.url == demo.printed(SITE) + "/"


def test_the_links_lead_somewhere(page: Page) -> None:
    for link in page.locator(".links a").all():
        assert page.request.get(link.get_attribute("href") or "").ok


def test_the_printed_command_shows_the_brand(demo: Demo, page: Page) -> None:
    """In the terminal and on the page; quotes and all."""
    with page.expect_popup() as opened:
        page.click(f"#connect-{ANY}")
    opened.value.click("button[value=approve]")
    expect(page.locator("#outcome")).to_contain_text("updated successfully", timeout=20_000)
    for command in (demo.printed(r"(curl .+)"), page.locator("#curl").inner_text()):
        curl, url, flag, header = shlex.split(command.replace("\\\n", " "))
        assert (curl, flag) == ("curl", "-H")
        name, value = header.split(": ")
        answer = httpx2.get(url, headers={name: value}, trust_env=False).json()
        assert (answer["success"], answer["data"]["id"]) == (True, 12345)


def test_everybody_can_use_it(page: Page) -> None:
    page.click("#hosted")
    expect(page.locator("#hosted-link")).to_be_visible()
    assert in_both_themes(page) == []
    assert overflow(page) == []


@pytest.mark.parametrize("theme", GROUNDS)
def test_it_follows_the_theme(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == GROUNDS[theme]
