"""The functions that sign somebody in for a page, such as `loginWithTikTok`: what is asked for, and what comes back."""

from __future__ import annotations

import re

import pytest

from tests.sdk.conftest import ShopFactory
from tests.sdk.stub import FIRST, LOGIN_RESULT, OTHER_LOGIN, SECOND, StubService

pytestmark = pytest.mark.browser


def test_a_login_hands_over_the_result_and_closes_its_window(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    page = shop()
    popup = page.login()
    popup.click("#approve")
    assert page.outcome() == [["success", LOGIN_RESULT]]
    assert stub.handovers == [{"flow": "f1"}]
    page.closes(popup)


def test_the_start_url_is_complete(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.login("scope: ['ads_read', 'ads_management'], authType: 'rerequest', ...callbacks")
    query = stub.flow.query
    assert stub.flow.path == f"/oauth/{FIRST}/start"
    assert re.fullmatch(r"[\w-]{43}", query.pop("nonce"))
    assert query == {
        "mode": "login",
        "origin": page.page.evaluate("location.origin"),
        "key": "sym_pk_test",
        "scope": "ads_read,ads_management",
        "auth_type": "rerequest",
    }


def test_the_other_login_starts_at_its_platform(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.run(f"SymphonyConnect.{OTHER_LOGIN}(callbacks)")
    assert stub.flow.path == f"/oauth/{SECOND}/start"
    assert set(stub.flow.query) == {"mode", "origin", "nonce", "key"}


def test_every_sign_in_has_its_own_nonce(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    page.login()
    page.run(f"SymphonyConnect.{OTHER_LOGIN}(callbacks)")
    assert len(stub.flows) == 2


def test_denial(shop: ShopFactory, platform: StubService) -> None:
    page = shop()
    page.login().click("#deny")
    assert page.settled() == [["error", "access_denied", True]]


def test_a_refused_handover_is_the_error_the_service_named(
    shop: ShopFactory, stub: StubService, platform: StubService
) -> None:
    stub.handover_error = {"code": "session_expired", "message": "Too late."}
    page = shop()
    page.login().click("#approve")
    assert page.outcome() == [["error", "session_expired", True]]


def test_a_severed_window_never_hands_a_token_to_the_poller(shop: ShopFactory, stub: StubService, coop: None) -> None:
    page = shop(doubt=60_000)
    popup = page.login()
    popup.click("#approve")
    assert page.outcome() == [["error", "opener_lost", True]]
    assert stub.handovers == [{"flow": "f1", "openerLost": True}]
    popup.wait_for_selector("text=This window lost the page it came from")
    assert popup.is_hidden("text=You can close this window")


def test_done_without_a_message_is_opener_lost(shop: ShopFactory, stub: StubService) -> None:
    page = shop()
    popup = page.login()
    stub.flow.state = "done"
    popup.close()
    assert page.outcome() == [["error", "opener_lost", True]]


@pytest.mark.parametrize("prefix", ["", "/symphony"])
@pytest.mark.parametrize("attributes", ["", "async", "defer", 'type="module"'])
def test_the_service_is_where_the_script_came_from(
    shop: ShopFactory, stub: StubService, attributes: str, prefix: str
) -> None:
    page = shop(attributes, f"{stub.url}{prefix}/symphony-connect.min.js?v=1")
    page.page.wait_for_function("window.SymphonyConnect")
    page.login()
    assert stub.flow.path == f"{prefix}/oauth/{FIRST}/start"
    assert stub.flow.query["key"] == "sym_pk_test"
