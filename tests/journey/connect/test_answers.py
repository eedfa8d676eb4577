"""What comes back from a platform: less than asked for, nothing, somebody else; and the way on from there."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import (
    BRAND,
    CONNECTED,
    LOGIN_NAME,
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

pytestmark = pytest.mark.browser


def test_what_is_missing_is_asked_for_and_nothing_else(stage: Stage, owner: Page) -> None:
    brand, person = stage.brand(), stage.newcomer(partial=True)
    at_dialog(stage, owner, brand)
    answer(owner, person)
    heading(owner, "Signed in, with 3 things missing")
    press(owner, "Ask for the 3 missing permissions")
    answer(owner, person)
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    connection = stage.connection(brand)
    assert connection
    assert connection["missingScopes"] == []
    asked = stage.dialogs(person)[-1]
    assert asked["auth_type"] == "rerequest"
    assert set(asked["scope"].split(",")) == {"ads_management", "business_management", "pages_read_engagement"}


def test_one_may_go_on_with_less(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_dialog(stage, owner, brand)
    answer(owner, stage.newcomer(partial=True))
    press(owner, "Continue anyway")
    expect(owner.get_by_text("Some permissions are missing")).to_be_visible()
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    connection = stage.connection(brand)
    assert connection
    assert "ads_management" in connection["missingScopes"]


def test_no_ad_account_is_no_dead_end(stage: Stage, owner: Page) -> None:
    brand, person = stage.brand(), stage.newcomer()
    at_dialog(stage, owner, brand)
    answer(owner, person, untick=("Sam Rivera 1", "Sam Rivera 2"))
    heading(owner, "No ad account was shared")
    press(owner, "Choose ad accounts")
    answer(owner, person)
    assert stage.dialogs(person)[-1]["auth_type"] == "rerequest"
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)


def test_somebody_else_changes_nothing_and_can_step_aside(stage: Stage, owner: Page) -> None:
    brand, person = stage.connected(), stage.newcomer()
    before = stage.connection(brand)
    at_dialog(stage, owner, brand)
    answer(owner, person)
    heading(owner, f"This is a different {LOGIN_NAME} account")
    expect(owner.locator("main")).to_contain_text("Ada L. connected Northwind Bikes. You signed in as Sam Rivera.")
    assert stage.connection(brand) == before
    press(owner, "Sign in as someone else")
    assert "auth_type=reauthenticate" in owner.url
    answer(owner)
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)


def test_a_reconnect_says_who_it_was_and_keeps_their_choice(stage: Stage, owner: Page) -> None:
    brand = stage.connected(accounts=["act_210000000100002"])
    owner.goto(stage.link(brand=brand))
    heading(owner, f"Acme Media asks you to renew its access to the ads of {BRAND}")
    expect(owner.get_by_text("Connected by Ada L. until now.")).to_be_visible()
    go(owner)
    answer(owner)
    expect(owner.get_by_label("Ada Lark 1")).not_to_be_checked()
    press(owner, "Use 1 ad account")
    heading(owner, CONNECTED)
    assert stage.used(brand) == ["act_210000000100002"]


def test_no_is_an_answer(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_dialog(stage, owner, brand)
    answer(owner)
    press(owner, "This is not the right account")
    heading(owner, "This was not the right account")
    assert stage.connection(brand) is None
    press(owner, "Sign in as someone else")
    answer(owner, "business")
    heading(owner, f"You signed in to {LOGIN_NAME} as Bea Ness")


def test_a_denial_says_what_stayed_safe_and_leads_on(stage: Stage, open_page: OpenPage) -> None:
    page, brand = open_page(permissions=["clipboard-read", "clipboard-write"]), stage.brand()
    link = stage.link(brand=brand, redirectUrl=RETURN)
    page.goto(link)
    answer(opened(page), button="Cancel")
    heading(page, f"{LOGIN_NAME} did not give access")
    back = page.get_by_role("link", name="Back to Acme Media").get_attribute("href") or ""
    assert parse_qs(urlsplit(back).query)["status"] == ["denied"]
    press(page, "Copy link")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    shown = page.locator("code").inner_text()
    assert re.search(rf"signin.failed.*{shown}", stage.service.log_text())
    press(page, "Try again")
    answer(page)
    heading(page, f"You signed in to {LOGIN_NAME} as Ada Lark")


def test_another_browser_sees_and_confirms_nothing(stage: Stage, owner: Page, open_page: OpenPage) -> None:
    brand, stranger = stage.brand(), open_page()
    at_dialog(stage, owner, brand)
    answer(owner)
    heading(owner, f"You signed in to {LOGIN_NAME} as Ada Lark")
    stranger.goto(owner.url)
    heading(stranger, "Please start again")
    expect(stranger.get_by_role("link", name="Ask for a new link")).to_be_visible()
    form = {"flow": owner.url.rsplit("/", 1)[1], "answer": "yes"}
    assert httpx2.post(urljoin(owner.url, f"/oauth/{PLATFORM}/confirm"), data=form, trust_env=False).status_code == 403
    assert stage.connection(brand) is None


def test_an_account_nobody_shared_cannot_be_chosen(stage: Stage, owner: Page) -> None:
    brand = stage.brand()
    at_dialog(stage, owner, brand)
    answer(owner)
    owner.get_by_label("Ada Lark 1").evaluate("box => box.value = 'act_1'")
    press(owner, "Use 2 ad accounts")
    heading(owner, CONNECTED)
    assert stage.used(brand) == ["act_210000000100002"]
