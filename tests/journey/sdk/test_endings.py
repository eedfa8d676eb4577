"""Every way in which a sign-in ends without success: its code reaches onError once, and onSuccess never."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.conftest import ServiceFactory
from tests.journey.sdk.conftest import ROOMY, OpenPage
from tests.journey.sdk.customer import LOGIN, TIKTOK, become, confirm, connecting, decide, onward
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.site import StaticSite

pytestmark = pytest.mark.browser

CLOSED = ["error", "popup_closed"]
ELSEWHERE = "http://localhost:9"
"""An origin that is not the customer's."""


@pytest.fixture(scope="module")
def narrow(shared_service: ServiceFactory) -> Service:
    """Two workspaces, one platform, and pages of one origin only."""
    started = shared_service(
        ROOMY | {"SYMPHONY_ALLOWED_ORIGINS": ELSEWHERE, "SYMPHONY_TIKTOK_APP_ID": "", "SYMPHONY_TIKTOK_APP_SECRET": ""}
    )
    started.new_key(workspace="another")
    return started


@pytest.mark.parametrize("call", [LOGIN, TIKTOK])
def test_denied_at_the_platform(customer: OpenPage, call: str) -> None:
    page = customer()
    popup = page.open(call)
    decide(popup, "deny")
    assert page.outcome() == ["error", "access_denied"]
    page.closes(popup)


def test_not_the_right_account(customer: OpenPage, brand: int, desk: Service) -> None:
    page = customer()
    popup = page.connect(brand)
    decide(popup)
    confirm(popup, "no")
    assert page.outcome() == ["error", "access_denied"]
    assert desk.client.get(f"/api/sym/v2/brands?brandId={brand}").status_code == 404


def test_closed_before_the_platform(customer: OpenPage, brand: int) -> None:
    page = customer()
    page.open(connecting(page.session(brand))).close()
    assert page.outcome() == CLOSED


def test_closed_at_the_platform_at_once(customer: OpenPage) -> None:
    page = customer()
    page.open().close()
    assert page.outcome() == CLOSED


def test_closed_at_the_platform_after_a_while(customer: OpenPage) -> None:
    page = customer(severance=100)
    popup = page.open()
    with page.page.expect_response("**/oauth/status*"):
        pass
    popup.close()
    assert page.outcome() == CLOSED


def test_closed_by_the_platforms_own_page(customer: OpenPage) -> None:
    page = customer(doubt=1_000)
    decide(page.open(), "close")
    assert page.outcome() == CLOSED


def test_closed_instead_of_a_confirmation(customer: OpenPage, brand: int, desk: Service) -> None:
    page = customer(doubt=1_000)
    popup = page.connect(brand)
    decide(popup)
    popup.wait_for_selector("button[name=answer]")
    popup.close()
    assert page.outcome() == CLOSED
    assert desk.client.get(f"/api/sym/v2/brands?brandId={brand}").status_code == 404


def test_blocked_by_the_browser(customer: OpenPage) -> None:
    page = customer(at_once=LOGIN)
    assert page.outcome() == ["error", "popup_blocked"]


@pytest.mark.parametrize("way", ["login", "connect"])
def test_from_an_origin_that_is_not_allowed(customer: OpenPage, narrow: Service, way: str) -> None:
    page = customer(narrow.publishable_key, service=narrow)
    popup = page.open(LOGIN if way == "login" else connecting(page.session(1, adPlatforms=["meta"])))
    assert page.outcome() == ["error", "origin_not_allowed"]
    assert not popup.is_closed(), "the page is told by status only; the window says why"


def test_a_keys_own_origins(customer: OpenPage, narrow: Service, static_site: Callable[..., StaticSite]) -> None:
    """They replace the server's list for the key, and one workspace of several has to be named by a key."""
    site = static_site({})
    own = narrow.new_key("--publishable", "--origin", site.url)["key"]
    page = customer(own, service=narrow, site=site)
    decide(page.open())
    assert page.outcome()[0] == "success"
    page = customer(own, service=narrow, site=site)
    page.click(TIKTOK)
    assert page.outcome() == ["error", "not_configured"]
    page = customer(service=narrow, site=site)
    page.click()
    assert page.outcome() == ["error", "invalid_request"]


def test_from_an_origin_of_another_key(customer: OpenPage, desk: Service) -> None:
    page = customer(desk.new_key("--publishable", "--origin", ELSEWHERE)["key"])
    popup = page.click()
    assert page.outcome() == ["error", "origin_not_allowed"]
    page.closes(popup)


@pytest.mark.parametrize("error", ["http:503", "meta:100", "html"])
@pytest.mark.parametrize("way", ["login", "connect"])
def test_the_platform_fails_at_the_exchange(
    customer: OpenPage, shared_sandbox: Sandbox, brand: int, way: str, error: str
) -> None:
    page = customer()
    popup = page.open() if way == "login" else page.connect(brand)
    shared_sandbox.fault("meta", error, path="oauth/access_token", times=3)
    try:
        decide(popup)
        assert page.outcome() == ["error", "platform_error"]
    finally:
        shared_sandbox.calm()


@pytest.mark.parametrize("way", ["login", "connect"])
def test_none_of_the_permissions(customer: OpenPage, shared_sandbox: Sandbox, brand: int, way: str) -> None:
    person = shared_sandbox.newcomer()
    page = customer()
    popup = page.open() if way == "login" else page.connect(brand)
    become(popup, person)
    for box in popup.locator("input[name=permission]").all():
        box.uncheck()
    decide(popup)
    assert page.outcome() == ["error", "permissions_missing"]


def test_another_person_on_a_reconnect(customer: OpenPage, shared_sandbox: Sandbox, brand: int, desk: Service) -> None:
    other = shared_sandbox.newcomer()
    page = customer()
    popup = page.connect(brand, name="Northwind")
    decide(popup)
    confirm(popup)
    kind, connected = page.outcome()
    assert kind == "success"
    again = customer()
    popup = again.connect(brand)
    become(popup, other)
    decide(popup)
    assert again.outcome() == ["error", "identity_mismatch"]
    connection = desk.client.get(f"/api/sym/v2/brands/{brand}/connections/meta").json()["data"]
    assert connection["identity"] == connected["identity"]


@pytest.mark.parametrize("how", ["ended", "unknown"])
def test_a_session_that_is_no_more(customer: OpenPage, brand: int, desk: Service, how: str) -> None:
    page = customer()
    made = desk.client.post("/api/sym/v2/connect-sessions", json={"brandId": brand}).json()["data"]
    desk.client.delete(f"/api/sym/v2/connect-sessions/{made['id']}")
    popup = page.click(connecting(made["token"] if how == "ended" else "symcs_nothing"))
    assert page.outcome() == ["error", "session_expired"]
    page.closes(popup)


def test_a_session_that_is_spent(customer: OpenPage, brand: int) -> None:
    page = customer()
    token = page.session(brand)
    popup = onward(page.open(connecting(token)))
    decide(popup)
    confirm(popup)
    assert page.outcome()[0] == "success"
    again = customer()
    popup = again.click(connecting(token))
    assert again.outcome() == ["error", "session_expired"]
    again.closes(popup)


def test_a_platform_that_the_session_is_not_for(customer: OpenPage, brand: int) -> None:
    page = customer()
    page.click(connecting(page.session(brand, adPlatforms=["tiktok"])))
    assert page.outcome() == ["error", "invalid_request"]


def test_a_scope_beyond_what_is_configured(customer: OpenPage) -> None:
    page = customer()
    page.click("SymphonyConnect.loginWithFacebook({scope: 'ads_read,publish_video', ...callbacks})")
    assert page.outcome() == ["error", "invalid_request"]


def test_scope_narrows_and_auth_type_asks_again(customer: OpenPage) -> None:
    page = customer()
    popup = page.open("SymphonyConnect.loginWithFacebook({scope: ['ads_read'], authType: 'rerequest', ...callbacks})")
    asked = parse_qs(urlsplit(popup.url).query)
    assert (asked["scope"], asked["auth_type"]) == (["ads_read"], ["rerequest"])
    expect(popup.locator("input[name=permission][value=ads_management]")).to_have_count(0)
    decide(popup)
    kind, response = page.outcome()
    assert kind == "success"
    assert set(response) == {"accessToken", "userId", "expiresIn"}


def test_what_was_declined_is_asked_again(customer: OpenPage, shared_sandbox: Sandbox) -> None:
    person = shared_sandbox.newcomer(partial=True)
    page = customer()
    popup = page.open()
    become(popup, person)
    decide(popup)
    assert page.outcome()[0] == "success"
    page = customer()
    popup = page.open("SymphonyConnect.loginWithFacebook({authType: 'rerequest', ...callbacks})")
    become(popup, person)
    decide(popup)
    assert page.outcome()[0] == "success"
    granted = next(each for each in shared_sandbox.state()["people"] if each["name"] == person)
    permissions = granted["platforms"]["meta"]["grants"][0]["permissions"]
    assert set(permissions.values()) == {"granted"}, "rerequest reached the dialog"
