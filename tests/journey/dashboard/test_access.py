"""Every page for everybody: no axe finding in either theme, no overflow, and a keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.dashboard import example, visit
from tests.journey.dashboard.conftest import Desk
from tests.journey.dashboard.seed import Seed
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import shown
from tests.tools.axe import in_both_themes, violations
from tests.tools.fit import overflow
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

NAME = shown(ANY)

pytestmark = pytest.mark.browser

STORY, LOST, GONE = (Seed(id, kind, tag="acme").id for id, kind in ((12_345, ANY), (20_417, ANY), (18_002, OTHER)))
VIEWS = {
    "home": "",
    "table": "?table=true",
    "search": "?q=cedar&status=connected",
    "no match": "?q=zzz",
    "sorted": "?sort=-brand&page=2",
    "overdue": "?lane=overdue&table=true",
    "brands": "/brands",
    "events": "/events",
    "events narrowed": "/events?brand=northwind&kind=connection.put_off&since=2026-01-01",
    "keys": "/keys",
    "settings": "/settings",
    "connection": f"/connections/{STORY}?done=verified",
    "lost": f"/connections/{LOST}?failed=platform_unavailable",
    "receipt": f"/connections/{GONE}",
    "disconnect": f"/connections/{STORY}/disconnect",
    "problem": "/nowhere",
}


@pytest.fixture(scope="module")
def filled(running: Service, shared_sandbox: Sandbox) -> Desk:
    desk = Desk(running, shared_sandbox, "acme")
    desk.pour(example.workspace(visit.now(running)))
    return desk


@pytest.fixture(scope="module")
def looker(browser: Browser, filled: Desk) -> Iterator[Page]:
    """Signed in."""
    context = browser.new_context(reduced_motion="reduce")
    yield filled.enter(context.new_page())
    context.close()


@pytest.mark.parametrize("name", VIEWS)
def test_a_page_is_for_everybody(looker: Page, filled: Desk, name: str) -> None:
    looker.set_viewport_size({"width": 1440, "height": 900})
    looker.goto(filled.home + VIEWS[name])
    for details in looker.locator("main details").all():
        details.evaluate("each => { each.open = true; }")
    assert in_both_themes(looker) == []
    assert overflow(looker) == []
    assert looker.locator("h1").count() == 1
    looker.set_viewport_size({"width": 360, "height": 800})
    assert violations(looker) == []


@pytest.mark.parametrize("name", ["sign-in", "enter", "link over", "empty", "link made", "key made"])
def test_so_are_those_on_the_way(desk: Desk, opened: Callable[..., Page], name: str) -> None:
    page = opened(reduced_motion="reduce")
    if name == "sign-in":
        page.goto(f"{desk.home}/sign-in")
    elif name == "enter":
        page.goto(visit.new_link(desk.service))
    elif name == "link over":
        page.goto(f"{desk.home}/enter")
    else:
        desk.enter(page)
    if name == "link made":
        page.get_by_label("Brand id").fill("1")
        page.get_by_role("button", name="Create connect link").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Send this link")
    if name == "key made":
        page.goto(f"{desk.home}/keys")
        page.get_by_role("button", name="Create key").click()
        expect(page.locator("#made")).to_be_visible()
    page.wait_for_load_state()
    assert in_both_themes(page) == []
    assert overflow(page) == []


def test_a_keyboard_is_enough(desk: Desk, page: Page) -> None:
    desk.pour([Seed(1, name="Alpine Foods"), Seed(2, name="Cedar Tea")])

    def enter(name: str, then: str, text: str) -> None:
        """Tab until it has the focus, press Enter, and go on when the page that follows is all there."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("(document.activeElement.textContent || '').trim()").startswith(name):
                break
        else:
            raise AssertionError(f"{name} is out of reach")
        page.keyboard.press("Enter")
        expect(page.locator(then)).to_contain_text(text)
        page.wait_for_load_state()

    page.goto(visit.new_link(desk.service, desk.workspace))
    enter("Sign in", "h1", "connections work")
    enter("Skip to the content", "#main:focus", "Alpine Foods")
    enter("Cedar Tea", "h1", f"Cedar Tea · {NAME}")
    enter("Disconnect…", "h1", f"Disconnect Cedar Tea from {NAME}?")
    enter("Disconnect Cedar Tea", ".receipt", "destroyed")


def test_statuses_differ_in_shape_and_words_not_in_colour_alone(looker: Page, filled: Desk) -> None:
    looker.set_viewport_size({"width": 1440, "height": 900})
    looker.goto(filled.home)
    badges = looker.locator("[data-rows] .badge")
    pairs = {(badge.inner_text(), badge.locator("use").get_attribute("href")) for badge in badges.all()[:6]}
    assert len({words for words, _ in pairs}) == len({shape for _, shape in pairs}) == len(pairs) >= 4
