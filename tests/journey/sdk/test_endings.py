"""Every way in which a sign-in ends without success: its code reaches onError once, and onSuccess never."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import ServiceFactory
from tests.journey.sdk.conftest import ROOMY, OpenPage
from tests.journey.sdk.customer import FIRST, LOGIN, OTHER_LOGIN, SECOND, become, confirm, connecting, decide, onward
from tests.platforms import contract
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
    left_out = {contract.setting(SECOND, "APP_ID"): "", contract.setting(SECOND, "APP_SECRET"): ""}
    started = shared_service(ROOMY | {"SYMPHONY_ALLOWED_ORIGINS": ELSEWHERE} | left_out)
    started.new_key(workspace="another")
    return started


@pytest.mark.parametrize("call", [LOGIN, OTHER_LOGIN])
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


@pytest.mark.parametrize("way", ["login", "connect"])
def test_from_an_origin_that_is_not_allowed(customer: OpenPage, narrow: Service, way: str) -> None:
    page = customer(narrow.publishable_key, service=narrow)
    popup = page.open(LOGIN if way == "login" else connecting(page.session(1, adPlatforms=[FIRST])))
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
    page.click(OTHER_LOGIN)
    assert page.outcome() == ["error", "not_configured"]
    page = customer(service=narrow, site=site)
    page.click()
    assert page.outcome() == ["error", "invalid_request"]


def test_from_an_origin_of_another_key(customer: OpenPage, desk: Service) -> None:
    page = customer(desk.new_key("--publishable", "--origin", ELSEWHERE)["key"])
    popup = page.click()
    assert page.outcome() == ["error", "origin_not_allowed"]
    page.closes(popup)


@pytest.mark.parametrize("error", ["http:503", contract.rules(FIRST).EXCHANGE_REFUSED, "html"])
@pytest.mark.parametrize("way", ["login", "connect"])
def test_the_platform_fails_at_the_exchange(
    customer: OpenPage, shared_sandbox: Sandbox, brand: int, way: str, error: str
) -> None:
    page = customer()
    popup = page.open() if way == "login" else page.connect(brand)
    shared_sandbox.fault(FIRST, error, path=contract.rules(FIRST).EXCHANGE, times=3)
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
    connection = desk.client.get(f"/api/sym/v2/brands/{brand}/connections/{FIRST}").json()["data"]
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
    page.click(connecting(page.session(brand, adPlatforms=[SECOND])))
    assert page.outcome() == ["error", "invalid_request"]
