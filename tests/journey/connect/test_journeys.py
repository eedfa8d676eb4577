"""The ways through the connect page, in a real browser against the sandbox."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import (
    CONNECTED,
    LOGIN_NAME,
    OTHER,
    OTHER_NAME,
    PLATFORM,
    RETURN,
    Stage,
    answer,
    at_dialog,
    go,
    heading,
    opened,
    press,
)
from tests.tools.wait import wait_until

pytestmark = pytest.mark.browser


def test_a_window_opens_the_page_goes_on_and_only_the_ticked_account_is_used(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    owner.goto(stage.link(brand=brand, redirectUrl=RETURN))
    window = opened(owner)
    heading(owner, f"Finish in the {LOGIN_NAME} window")
    answer(window)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")
    wait_until(window.is_closed)
    assert stage.connection(brand) is None, "attached before it was confirmed"
    owner.get_by_label("Ada Lark 2").uncheck()
    press(owner, "Use 1 ad account")
    heading(owner, CONNECTED)
    assert stage.used(brand) == ["act_210000000100001"]
    back = owner.get_by_role("link", name="Back to Acme Media").get_attribute("href") or ""
    seen = {"tab": ["ads"], "status": ["connected"], "brandId": [str(brand)], "platform": [PLATFORM]}
    assert parse_qs(urlsplit(back).query) == seen


def test_a_finger_stays_in_one_tab(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page.goto(stage.link())
    page.get_by_role("link", name=f"Continue to {LOGIN_NAME}").tap()
    answer(page)
    press(page, "Use 2 ad accounts")
    heading(page, CONNECTED)
    assert len(page.context.pages) == 1


def test_a_browser_that_stops_windows_reaches_the_dialog_in_this_tab(stage: Stage, owner: Page) -> None:
    owner.add_init_script("window.open = () => null")
    owner.goto(stage.link())
    press(owner, f"Continue to {LOGIN_NAME}")
    answer(owner)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")


def test_without_javascript(stage: Stage, open_page: OpenPage) -> None:
    page, brand = open_page(java_script_enabled=False), stage.brand()
    page.goto(stage.link(brand=brand))
    press(page, f"Continue to {LOGIN_NAME}")
    answer(page)
    page.get_by_label("Ada Lark 1").uncheck()
    page.get_by_label("Ada Lark 2").uncheck()
    press(page, "Use the selected ad accounts")
    expect(page.get_by_role("alert")).to_have_text("Select at least one ad account.")
    assert stage.connection(brand) is None
    page.get_by_label("Ada Lark 2").check()
    press(page, "Use the selected ad accounts")
    heading(page, CONNECTED)
    assert stage.used(brand) == ["act_210000000100002"]


def test_with_the_keyboard_alone(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    owner.goto(stage.link(brand=brand))
    with owner.expect_popup() as popup:
        tab_to(owner, f"Continue to {LOGIN_NAME}")
        owner.keyboard.press("Enter")
    tab_to(popup.value, "Continue")
    popup.value.keyboard.press("Enter")
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")
    tab_to(owner, "Ada Lark 1")
    owner.keyboard.press("Space")
    tab_to(owner, "Use 1 ad account")
    owner.keyboard.press("Enter")
    heading(owner, CONNECTED)
    assert stage.used(brand) == ["act_210000000100002"]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what starts with `name`."""
    page.locator("h1").first.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        text = page.evaluate("(document.activeElement.closest('label') || document.activeElement).innerText")
        if text.strip().startswith(name):
            return
    raise AssertionError(f"Tab never reached {name}")


def test_a_window_that_the_platform_severed_is_not_taken_for_closed(stage: Stage, owner: Page) -> None:
    stage.sandbox.control("settings", {"coop": True})
    try:
        owner.goto(stage.link())
        window = opened(owner)
        expect(window.get_by_role("heading", name="asks for access")).to_be_visible()
    finally:
        stage.sandbox.control("settings", {"coop": False})
    heading(owner, f"Finish in the {LOGIN_NAME} window")
    answer(window)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")
    heading(window, "You are done in this window")
    press(window, "Continue here")
    press(window, "Use 2 ad accounts")
    heading(window, CONNECTED)
    owner.reload()
    heading(owner, CONNECTED)


def test_a_window_closed_by_accident_is_shown_again(stage: Stage, owner: Page) -> None:
    owner.goto(stage.link())
    opened(owner).close()
    with owner.expect_popup() as popup:
        press(owner, "Show the window")
    answer(popup.value)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")


def test_a_reload_goes_on_waiting_and_cancel_ends_it(stage: Stage, owner: Page) -> None:
    owner.goto(stage.link())
    window = opened(owner)
    owner.reload()
    heading(owner, f"Finish in the {LOGIN_NAME} window")
    answer(window)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")
    owner.go_back()
    opened(owner)
    press(owner, "Cancel")
    expect(owner.get_by_role("link", name=f"Continue to {LOGIN_NAME}")).to_be_visible()
    owner.reload()
    expect(owner.get_by_role("link", name=f"Continue to {LOGIN_NAME}")).to_be_visible()


def test_looking_at_the_link_consumes_nothing(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    link = stage.link(brand=brand)
    for method in ("GET", "HEAD", "GET", "HEAD", "GET", "HEAD"):
        assert httpx2.request(method, link, trust_env=False).status_code == 200
    owner.goto(link)
    go(owner)
    answer(owner)
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    assert stage.connection(brand) is not None


def test_one_exchange_however_often_somebody_presses_and_reloads(stage: Stage, owner: Page) -> None:
    brand, person = stage.brand(), stage.newcomer()
    callbacks: list[str] = []
    owner.on("request", lambda request: callbacks.append(request.url) if "/callback?" in request.url else None)
    at_dialog(stage, owner, brand)
    owner.goto(f"{owner.url}&_sandbox_person={person}")
    owner.get_by_role("button", name="Continue", exact=True).dblclick()
    heading(owner, f"You signed in to {LOGIN_NAME} as Sam Rivera")
    owner.goto(callbacks[0])
    owner.reload()
    heading(owner, f"You signed in to {LOGIN_NAME} as Sam Rivera")
    owner.locator("[value=yes]").dblclick()
    heading(owner, CONNECTED)
    owner.goto(callbacks[0])
    heading(owner, CONNECTED)
    assert len(stage.exchanges(person)) == 1


def test_two_tabs_agree_and_the_back_button_leads_to_what_is(stage: Stage, owner: Page) -> None:
    link = stage.link()
    other = owner.context.new_page()
    for page in (owner, other):
        page.goto(link)
    go(owner)
    answer(owner)
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    go(other)
    heading(other, CONNECTED)
    owner.goto(link)
    heading(owner, CONNECTED)
    assert owner.get_by_role("link", name=f"Continue to {LOGIN_NAME}").count() == 0


def test_two_platforms_one_after_the_other(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_dialog(stage, owner, brand, platforms=[PLATFORM, OTHER])
    answer(owner)
    press(owner, "Use 2 ad accounts")
    press(owner, f"Continue with {OTHER_NAME}")
    expect(owner.get_by_text("Connected by Ada L.")).to_be_visible()
    go(owner)
    answer(owner)
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    assert stage.connection(brand)
    assert stage.connection(brand, OTHER)
