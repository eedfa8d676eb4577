"""connect: the way that brings no token into the page."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import ShopFactory
from tests.sdk.shop import NEVER
from tests.sdk.stub import CONNECT_RESULT, SECOND, StubService
from tests.tools.wait import wait_until

pytestmark = pytest.mark.browser


def test_connects_by_message(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop(firstPoll=NEVER)
    popup = page.run()
    popup.click("#approve")
    assert page.outcome() == [["success", CONNECT_RESULT]]
    assert stub.handovers == []
    page.closes(popup)


def test_the_token_is_a_path_segment(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.run(f"SymphonyConnect.connect({{token: 'a/../b?c', platform: '{SECOND}', ...callbacks}})")
    assert stub.flow.path == "/connect/a%2F..%2Fb%3Fc"
    assert set(stub.flow.query) == {"platform", "origin", "nonce"}
    assert stub.flow.query["platform"] == SECOND


def test_a_severed_window_succeeds_by_status(shop: ShopFactory, stub: StubService, coop: None) -> None:
    page = shop(grace=0, doubt=NEVER)
    popup = page.run()
    page.polled()
    assert page.seen() == []
    popup.click("#approve")
    assert page.outcome() == [["success", CONNECT_RESULT]]
    popup.wait_for_selector("text=You can close this window")
    assert popup.url.endswith("/oauth/callback"), "neither the code nor a platform's #_=_ stays in the address bar"


def test_a_severed_window_that_asks_for_confirmation_is_waited_for(
    shop: ShopFactory, stub: StubService, coop: None
) -> None:
    page = shop(grace=0, doubt=NEVER)
    popup = page.run()
    popup.click("#confirm")
    page.polled()
    assert page.seen() == []
    stub.flow.state, stub.flow.result = "done", CONNECT_RESULT
    assert page.outcome() == [["success", CONNECT_RESULT]]


def test_an_opener_that_severs_by_itself_succeeds_by_status(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop(headers={"Cross-Origin-Opener-Policy": "same-origin"}, grace=2_000, doubt=NEVER)
    popup = page.run()
    page.polled()
    popup.click("#approve")
    assert page.outcome() == [["success", CONNECT_RESULT]]


def test_an_error_that_the_window_cannot_post_arrives_by_status(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.run()
    stub.flow.fail("origin_not_allowed")
    assert page.outcome() == [["error", "origin_not_allowed", True]]


def test_an_unknown_code_is_the_platforms(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.run()
    stub.flow.fail("something_new")
    assert page.outcome() == [["error", "platform_error", True]]


def test_two_platforms_at_once(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop()
    first = page.run()
    second = page.run(f"SymphonyConnect.connect({{token: 't1', platform: '{SECOND}', ...callbacks}})")
    first.click("#approve")
    wait_until(lambda: len(page.seen()) == 1)
    second.click("#deny")
    wait_until(lambda: len(page.seen()) == 2)
    assert [line[:2] for line in page.seen()] == [["success", CONNECT_RESULT], ["error", "access_denied"]]


def test_a_second_click_reuses_the_window_and_ends_the_first_call(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop()
    popup = page.run()
    with popup.expect_navigation():
        page.page.click("#go")
    assert page.outcome() == [["error", "popup_closed", True]]
    assert len(page.page.context.pages) == 2
    popup.click("#approve")
    wait_until(lambda: len(page.seen()) == 2)
    assert page.settled()[1] == ["success", CONNECT_RESULT]
