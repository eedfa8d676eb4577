"""Each state, seen as a guest sees it: in every language, both themes, on small and large screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from symphony_connect.web.messages import LANGUAGES, catalogue
from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import ASKER, Stage
from tests.journey.connect.states import STATES
from tests.tools.axe import in_both_themes, violations
from tests.tools.fit import overflow

pytestmark = pytest.mark.browser

NO_WAY_ON = {"not-ready"}
"""Where only somebody else can help, and no button would."""
FORBIDDEN = re.compile(r"\b(oauth|tokens?|errors?|\w*fehler\w*|erreurs?|jetons?)\b", re.IGNORECASE)


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_fit_to_be_seen(name: str, stage: Stage, open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce")
    STATES[name](stage, page)
    page.locator("h1:visible").wait_for()
    has_one_heading_and_one_way_on(page, name)
    says_it_plainly(page)
    is_for_everybody(page)
    speaks(page)


def test_the_checker_notices_what_nobody_can_read(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce")
    STATES["consent"](stage, page)
    page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    # Once for the heading, and for each name in it, which stands in an element of its own.
    assert {one.split(":")[0] for one in violations(page)} == {"color-contrast"}


def has_one_heading_and_one_way_on(page: Page, name: str) -> None:
    assert page.locator("h1:visible").count() == 1
    expect(page.locator("h1:visible")).to_be_focused()
    assert page.title() == page.locator("h1:visible").inner_text()
    primary = page.locator(".button:not(.second):not(.quiet):visible").count()
    assert primary == (0 if name in NO_WAY_ON else 1)


def says_it_plainly(page: Page) -> None:
    words = page.locator("body").inner_text()
    assert ASKER in words
    assert FORBIDDEN.findall(words) == []


def is_for_everybody(page: Page) -> None:
    """In both themes, and on any screen."""
    assert in_both_themes(page) == []
    assert overflow(page) == []


def speaks(page: Page) -> None:
    """The same page in every language, and said to be in it."""
    for language in LANGUAGES:
        page.set_extra_http_headers({"accept-language": f"tlh, {language};q=0.8, en;q=0.1"})
        page.reload()
        page.locator("h1:visible").wait_for()
        assert page.get_attribute("html", "lang") == language
        heading = page.locator("h1:visible").inner_text()
        assert any(fits(message, heading) for message in catalogue(language).values()), heading
        says_it_plainly(page)
        is_for_everybody(page)


def fits(message: str, text: str) -> bool:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", message))
    return re.fullmatch(pattern, text) is not None
