"""Whether a page keeps within its window, in whatever font a machine happens to have."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.sync_api import Page

WIDTHS = (320, 360, 1440)
SPREAD = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("* { letter-spacing: .12em !important; word-spacing: .16em !important; }");
document.adoptedStyleSheets = [sheet];
"""
"""The widths of WCAG 1.4.12, about a fifth more: wider than any font that stands in for another."""


def overflow(page: Page, widths: Iterable[int] = WIDTHS) -> list[str]:
    """Where it does not, as it is and with its letters spread; what sticks out, in words."""
    found = []
    for letters in ("", ", letters spread"):
        if letters:
            page.evaluate(SPREAD)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{wide} pixels wide at {width}{letters}: {_beyond(page, width)}")
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def _beyond(page: Page, width: int) -> str:
    """The smallest part that reaches furthest, for whoever has to mend it."""
    script = """width => [...document.body.querySelectorAll("*")]
      .filter((part) => part.getBoundingClientRect().right > width + 0.5)
      .map((part) => part.outerHTML.slice(0, 120)).pop() ?? "" """
    return str(page.evaluate(script, width))
