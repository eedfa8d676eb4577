"""Double clicks, reloads and the way back: one code is redeemed once, and one thing is called back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journey.sdk.conftest import OpenPage
from tests.journey.sdk.customer import FIRST, LOGIN, Customer, confirm, connecting, decide, exchanges
from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

pytestmark = pytest.mark.browser

SLOW = 1_500
"""Milliseconds for which the exchange is held up, so that somebody grows impatient."""


def test_a_double_click(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    page = customer()
    before = exchanges(shared_sandbox)
    page.page.evaluate(f"() => {{ window.next = () => {LOGIN}; }}")
    with page.page.expect_popup() as opened:
        page.page.dblclick("#go")
    decide(opened.value)
    assert page.outcome()[0] == "success"
    assert exchanges(shared_sandbox) == before + 1


def test_two_calls_share_one_window(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    """The second takes the window over: the first sign-in ends, the second goes on."""
    page = customer()
    before = exchanges(shared_sandbox)
    popup = page.open(f"{LOGIN}; {LOGIN}")
    popup.wait_for_selector("button[name=_sandbox]")
    assert len(page.page.context.pages) == 2
    decide(popup)
    page.page.wait_for_function("seen.length === 2")
    first, second = page.seen()
    assert first == ["error", "popup_closed"]
    assert second[0] == "success"
    assert exchanges(shared_sandbox) == before + 1


def test_a_double_click_at_the_platform(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    page = customer()
    popup = page.open()
    before = exchanges(shared_sandbox)
    shared_sandbox.control("faults", {"platform": FIRST, "path": contract.rules(FIRST).EXCHANGE, "delayMs": SLOW})
    popup.dblclick("button[value=approve]", no_wait_after=True)
    assert page.outcome()[0] == "success"
    assert exchanges(shared_sandbox) == before + 1


def test_a_reload_while_the_code_is_redeemed(
    customer: OpenPage, shared_sandbox: Sandbox, desk: Service, brand: int
) -> None:
    """The window asks again by itself until the first arrival has been answered."""
    page = customer()
    popup = page.connect(brand)
    before = exchanges(shared_sandbox)
    shared_sandbox.control("faults", {"platform": FIRST, "path": contract.rules(FIRST).EXCHANGE, "delayMs": SLOW})
    with popup.expect_request(f"**/oauth/{FIRST}/callback?*") as back:
        popup.click("button[value=approve]", no_wait_after=True)
    popup.goto(back.value.url)
    confirm(popup)
    kind, result = page.outcome()
    assert (kind, result["brandId"]) == ("success", brand)
    assert exchanges(shared_sandbox) == before + 1


def test_reloads_and_the_way_back_change_nothing(customer: OpenPage, shared_sandbox: Sandbox, brand: int) -> None:
    page = customer()
    popup = page.connect(brand)
    before = exchanges(shared_sandbox)
    with popup.expect_request(f"**/oauth/{FIRST}/callback?*") as back:
        decide(popup)
    question = popup.locator("button[name=answer][value=yes]")
    expect(question).to_be_visible()
    for again in (popup.reload, popup.reload, lambda: popup.goto(back.value.url)):
        again()
        expect(question).to_be_visible()
    popup.go_back()
    popup.go_forward()
    expect(question).to_be_visible()
    question.click()
    kind, result = page.outcome()
    assert (kind, result["brandId"]) == ("success", brand)
    assert exchanges(shared_sandbox) == before + 1


def test_back_to_the_platform_after_a_failure_does_not_revive_it(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    page = customer()
    popup = page.open()
    popup.add_init_script("window.close = () => {}")
    dialog = popup.url
    decide(popup, "deny")
    assert page.outcome() == ["error", "access_denied"]
    before = exchanges(shared_sandbox)
    popup.goto(dialog)
    decide(popup)
    popup.wait_for_url(f"{page.service.url}/**")
    assert exchanges(shared_sandbox) == before
    assert page.outcome() == ["error", "access_denied"]


def test_a_finished_window_shows_its_end_again(customer: OpenPage, shared_sandbox: Sandbox, brand: int) -> None:
    page: Customer = customer()
    popup = page.open(connecting(page.session(brand)))
    popup.add_init_script("window.close = () => {}")
    popup.click("a[href*='/oauth/']")
    decide(popup)
    confirm(popup)
    before = exchanges(shared_sandbox)
    assert page.outcome()[0] == "success"
    popup.reload()
    expect(popup.locator("h1")).to_contain_text("connected")
    assert page.outcome()[0] == "success"
    assert exchanges(shared_sandbox) == before
