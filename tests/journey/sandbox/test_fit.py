"""The room and the consent pages are fit to be used by everybody, on every screen."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from symphony_connect import sandbox as package
from symphony_connect.platforms import names
from tests.journey.sandbox.conftest import Room
from tests.journey.sandbox.example import consent, fill
from tests.tools.axe import violations
from tests.tools.fit import overflow
from tests.tools.sandbox import Sandbox

pytestmark = pytest.mark.browser

STATIC = Path(package.__file__).with_name("static")


def pages(sandbox: Sandbox) -> list[str]:
    kinds = ["", "&_sandbox=close", "&_sandbox_person=nobody", "&_sandbox_person=noaccounts"]
    return ["/", *(consent(sandbox, platform) + kind for platform in names() for kind in kinds)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_every_page(room: Room, theme: Literal["light", "dark"]) -> None:
    fill(room.sandbox)
    page = room.page
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.add_init_script("window.close = () => {}")  # the page that closes itself is looked at, too
    for path in pages(room.sandbox):
        page.goto(room.sandbox.url + path)
        for details in page.locator("details").all():
            details.evaluate("part => { part.open = true }")
        assert violations(page) == [], path
        assert overflow(page, (320, 360, 820, 1180, 1440) if path == "/" else (320, 360, 1440)) == [], path


def test_the_dialog_and_the_status_line_too(room: Room) -> None:
    page = room.open()
    room.press(page.get_by_role("button", name="+1 h"), "advanced by 1h")
    page.get_by_role("button", name="Reset everything").click()
    assert violations(page) == []


def test_a_keyboard_is_enough(room: Room) -> None:
    """Tab and Enter alone: arm a fault, disarm it, ask for a reset and think better of it."""
    page = room.open()
    tab_to(page, "Reset everything")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    tab_to(page, "Next")
    page.keyboard.type("4")
    tab_to(page, "Arm")
    page.keyboard.press("Enter")
    expect(page.locator("#armed li")).to_have_count(1)
    [fault] = room.sandbox.state()["faults"]
    assert fault["times"] in (4, 14)
    tab_to(page, f"Disarm #{fault['number']}")
    page.keyboard.press("Enter")
    expect(page.locator("#armed li")).to_have_count(0)
    assert room.sandbox.state()["faults"] == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has this name; fails when it comes nowhere near."""
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const at = document.activeElement;"
            " return at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.textContent; }"
        )
        if found.strip() == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_without_scripts_it_shows_how_things_stand(sandbox: Sandbox, browser: Browser) -> None:
    fill(sandbox)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(sandbox.url)
    expect(page.locator(".notice")).to_be_visible()
    expect(page.get_by_role("button", name="Arm", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Reset everything")).to_be_hidden()
    expect(page.locator("#armed li").first).to_be_visible()
    expect(page.locator("#sum-ada")).to_contain_text("grant")
    before = page.locator("#calls tr[data-number]").count()
    sandbox.client.get(sandbox.dialog(names()[0]))
    page.reload()
    expect(page.locator("#calls tr[data-number]")).to_have_count(before + 1)
    context.close()


def test_the_script_stays_small_enough_to_read() -> None:
    assert (STATIC / "room.js").stat().st_size <= 9_000
