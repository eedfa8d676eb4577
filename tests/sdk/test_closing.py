"""When a window that reports `closed` is believed, and what ends a sign-in from outside."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import ShopFactory
from tests.sdk.shop import NEVER
from tests.sdk.stub import FIRST, StubService

pytestmark = pytest.mark.browser

CLOSED = [["error", "popup_closed", True]]


def test_closed_on_our_own_page(shop: ShopFactory) -> None:
    page = shop(doubt=NEVER)
    popup = page.run()
    page.polled(1)
    popup.close()
    assert page.outcome() == CLOSED


def test_closed_at_the_platform_long_after_it_loaded(shop: ShopFactory, platform: StubService) -> None:
    page = shop(severance=0, doubt=NEVER)
    popup = page.run()
    page.polled(1)
    popup.close()
    assert page.outcome() == CLOSED


def test_closed_while_confirming(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop(severance=NEVER, doubt=NEVER)
    popup = page.run()
    popup.click("#confirm")
    popup.wait_for_selector("text=Connected as Ada?")
    page.polled(2)
    popup.close()
    assert page.outcome() == CLOSED


def test_closed_as_soon_as_the_platform_was_reached_is_doubted_first(shop: ShopFactory, platform: StubService) -> None:
    page = shop(severance=NEVER, grace=0, doubt=800)
    popup = page.run()
    popup.close()
    page.polled(5)
    assert page.seen() == []
    assert page.outcome() == CLOSED


def test_a_page_without_the_focus_does_not_believe(shop: ShopFactory, platform: StubService) -> None:
    page = shop(severance=0, grace=100, doubt=100)
    popup = page.run()
    page.page.evaluate("document.hasFocus = () => false")
    popup.close()
    page.polled(8)
    assert page.seen() == []
    page.page.evaluate("document.hasFocus = () => true")
    assert page.outcome() == CLOSED


def test_a_state_that_moves_on_is_a_sign_of_life(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop(severance=0, grace=100, doubt=NEVER)
    popup = page.run()
    page.page.evaluate("document.hasFocus = () => false")
    popup.close()
    page.polled(2)
    stub.flow.state = "confirming"
    page.polled(2)
    page.page.evaluate("document.hasFocus = () => true")
    page.polled(8)
    assert page.seen() == []


def test_a_sign_of_life_at_the_last_moment_counts(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop(firstPoll=NEVER, severance=0, grace=0, doubt=NEVER)
    popup = page.run()
    stub.flow.next_states = ["at_platform", "confirming"]
    popup.close()
    page.polled(8)
    assert page.seen() == []


def test_blocked(shop: ShopFactory, stub: StubService) -> None:
    page = shop(at_once=f"SymphonyConnect.connect({{token: 't1', platform: '{FIRST}', ...callbacks}})")
    assert page.settled() == [["error", "popup_blocked", True]]
    assert stub.flows == {}


def test_a_blocked_second_call_leaves_the_first_alone(shop: ShopFactory, platform: StubService) -> None:
    page = shop()
    popup = page.run()
    page.page.evaluate("() => { window.open = () => null; next(); }")
    assert page.outcome() == [["error", "popup_blocked", True]]
    popup.click("#approve")
    page.page.wait_for_function("seen.length === 2")
    assert page.seen()[1][0] == "success"


def test_the_service_out_of_reach(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    popup = page.run()
    stub.status_code = 503
    popup.close()
    assert page.outcome() == [["error", "network", True]]


def test_an_outage_does_not_overrule_a_popup_in_use(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop(offline=0)
    popup = page.run()
    stub.status_code = 503
    page.polled(4)
    stub.status_code = 200
    popup.click("#approve")
    assert page.outcome()[0][0] == "success"


def test_failures_with_successes_between_do_not_add_up(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop(offline=0)
    stub.next_codes = [503, 503, 200] * 4
    popup = page.run()
    page.polled(12)
    popup.click("#approve")
    assert page.outcome()[0][0] == "success"


def test_a_window_that_cannot_be_focused_is_followed(shop: ShopFactory) -> None:
    """What a browser inside another app may return from `window.open`."""
    page = shop(limit=500)
    page.page.evaluate("() => { window.open = () => ({ closed: false }); }")
    page.prepare(f"SymphonyConnect.connect({{token: 't1', platform: '{FIRST}', ...callbacks}})")
    page.page.click("#go")
    assert page.outcome() == [["error", "timeout", True]]


def test_the_overall_limit(shop: ShopFactory) -> None:
    page = shop(limit=500)
    page.run()
    assert page.settled() == [["error", "timeout", True]]
