"""Which messages are heard: from the service, from our window, with our nonce, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sdk.conftest import ShopFactory
from tests.sdk.shop import NEVER, Shop
from tests.sdk.stub import CONNECT_RESULT, StubService

pytestmark = pytest.mark.browser

FORGED = {"brandId": 666}


def message(stub: StubService, result: Any = FORGED, **changes: Any) -> dict[str, Any]:
    nonce = list(stub.flows)[-1]
    return {"source": "symphony-connect", "nonce": nonce, "ok": True, "result": result, **changes}


def post(frame: Any, data: Any, target: str = "window.opener") -> None:
    """Post from a page or frame to the shop, as its script would."""
    frame.evaluate(f"() => {target}.postMessage({json.dumps(data)}, '*')")


def marked(page: Shop, frame: Any, target: str = "window.opener") -> None:
    """Everything that `frame` posted before this has been delivered."""
    post(frame, {"marker": True}, target)
    page.page.wait_for_function("seen.some((line) => line[0] === 'marker')")


@pytest.mark.parametrize(
    "changes", [{"nonce": "another"}, {"nonce": None}, {"source": "somebody"}, {"source": None}], ids=str
)
def test_a_message_that_is_not_ours_is_ignored(shop: ShopFactory, stub: StubService, changes: dict[str, Any]) -> None:
    page = shop()
    popup = page.run()
    post(popup, message(stub, **changes))
    marked(page, popup)
    assert page.seen() == [["marker"]]
    post(popup, message(stub, CONNECT_RESULT))
    page.page.wait_for_function("seen.length === 2")
    assert page.seen()[1] == ["success", CONNECT_RESULT]


@pytest.mark.parametrize("data", [None, "text", 7, [], {}], ids=str)
def test_any_other_message_is_ignored(shop: ShopFactory, stub: StubService, data: Any) -> None:
    page = shop()
    popup = page.run()
    post(popup, data)
    post(popup, message(stub, CONNECT_RESULT))
    assert page.outcome() == [["success", CONNECT_RESULT]]


def test_another_origin_in_our_window_is_ignored(shop: ShopFactory, stub: StubService, platform: StubService) -> None:
    page = shop()
    popup = page.run()
    assert popup.url.startswith(f"http://localhost:{platform.port}")
    post(popup, message(stub))
    marked(page, popup)
    assert page.seen() == [["marker"]]


def test_the_service_in_another_window_is_ignored(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.run()
    forged = message(stub)
    frame = page.page.frame_locator("#frame").owner.element_handle().content_frame()
    assert frame
    frame.goto(f"{stub.url}/oauth/other/start?nonce=other")
    post(frame, forged, "parent")
    marked(page, frame, "parent")
    assert page.seen() == [["marker"]]


def test_a_replayed_message_does_nothing(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    popup = page.run()
    for result in (CONNECT_RESULT, FORGED):
        post(popup, message(stub, result))
    marked(page, popup)
    assert sorted(page.settled()) == [["marker"], ["success", CONNECT_RESULT]]


def test_an_earlier_message_does_not_serve_a_later_call(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    popup = page.run()
    stale = message(stub, CONNECT_RESULT)
    post(popup, stale)
    page.outcome()
    with popup.expect_navigation():
        page.page.click("#go")
    post(popup, stale)
    marked(page, popup)
    assert [line[0] for line in page.seen()] == ["success", "marker"]


def test_the_window_tells_only_the_origin_that_asked(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop()
    popup = page.login()
    stub.flow.query["origin"] = "http://localhost:1"
    popup.click("#approve")
    assert page.outcome() == [["error", "opener_lost", True]]


def test_message_and_status_together_call_back_once(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop(grace=0, doubt=0)
    popup = page.run()
    popup.click("#approve")
    page.outcome()
    polls = stub.polls
    assert page.settled() == [["success", CONNECT_RESULT]]
    assert stub.polls - polls <= 1, "polling ends with the sign-in"


def test_a_message_after_the_verdict_does_nothing(shop: ShopFactory, stub: StubService) -> None:
    page = shop(firstPoll=0)
    popup = page.run()
    stub.flow.fail("not_configured")
    assert page.outcome() == [["error", "not_configured", True]]
    post(popup, message(stub))
    marked(page, popup)
    assert page.seen() == [["error", "not_configured", True], ["marker"]]


def test_a_late_done_does_not_end_the_next_call(shop: ShopFactory, stub: StubService) -> None:
    page = shop(message=400, firstPoll=0, limit=NEVER)
    popup = page.login()
    stub.flow.state = "done"
    page.polled(2)
    post(popup, message(stub, {"userId": "1"}))
    page.outcome()
    with popup.expect_navigation():
        page.page.click("#go")
    page.polled(8)
    post(popup, message(stub, {"userId": "2"}))
    page.page.wait_for_function("seen.length === 2")
    assert [line[1] for line in page.seen()] == [{"userId": "1"}, {"userId": "2"}]
