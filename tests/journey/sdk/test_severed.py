"""The platform's page severs its window from the opener, and somebody else's browser gets at a sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journey.sdk.conftest import OpenPage
from tests.journey.sdk.customer import FIRST, LOGINS, confirm, decide, exchanges
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

pytestmark = pytest.mark.browser

OVER = "session_expired"


@pytest.fixture
def coop(shared_sandbox: Sandbox) -> Iterator[None]:
    """The platform's pages answer with Cross-Origin-Opener-Policy: same-origin."""
    shared_sandbox.control("settings", {"coop": True})
    yield
    shared_sandbox.control("settings", {"coop": False})


@pytest.fixture
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """Another person's browser."""
    fresh = browser.new_context()
    yield fresh
    fresh.close()


@pytest.mark.parametrize("platform", LOGINS)
def test_connect_waits_and_succeeds(customer: OpenPage, coop: None, brand: int, platform: str) -> None:
    page = customer(grace=0)
    popup = page.connect(brand, platform)
    assert popup.evaluate("window.opener") is None, "really severed"
    for _ in range(3):
        with page.page.expect_response("**/oauth/status*"):
            pass
    assert page.seen() == []
    decide(popup)
    confirm(popup)
    kind, result = page.outcome()
    assert (kind, result["brandId"], result["status"]) == ("success", brand, "connected")
    expect(popup.locator("h1")).to_contain_text("connected")


@pytest.mark.parametrize(("platform", "call"), LOGINS.items())
def test_a_login_ends_and_its_token_is_gone(
    customer: OpenPage, coop: None, desk: Service, platform: str, call: str
) -> None:
    page = customer()
    popup = page.open(call)
    with page.page.expect_request("**/oauth/status*") as polled:
        pass
    with popup.expect_request("**/handover") as asked:
        decide(popup)
    assert asked.value.post_data_json["openerLost"] is True
    assert page.outcome() == ["error", "opener_lost"]
    status = httpx2.get(polled.value.url, trust_env=False).json()
    assert set(status) == {"state", "error"}
    assert (status["state"], status["error"]["code"]) == ("failed", "opener_lost")
    assert _handover(popup, desk, platform, asked.value.post_data_json["flow"]) == OVER


def test_one_who_knows_everything_but_the_cookie_gets_nothing(
    customer: OpenPage, stranger: BrowserContext, shared_sandbox: Sandbox, desk: Service
) -> None:
    """Neither by the callback's URL, nor the result page's, nor the handover, nor the form, nor the nonce."""
    page = customer()
    popup = page.open()
    popup.add_init_script("if (!sessionStorage.getItem('go')) window.fetch = () => new Promise(() => {})")
    redeemed = exchanges(shared_sandbox)
    with popup.expect_request("**/callback?*") as back:
        decide(popup)
    popup.wait_for_url(f"**/oauth/{FIRST}/result/*")
    with page.page.expect_response("**/oauth/status*") as polled:
        pass
    assert polled.value.json() == {"state": "confirming"}
    flow = popup.url.rsplit("/", 1)[1]
    other = stranger.new_page()
    for url in (back.value.url, popup.url):
        answer = other.goto(url)
        assert answer is not None
        assert answer.status == 400
    assert _handover(other, desk, FIRST, flow) == OVER
    form = stranger.request.post(f"{desk.url}/oauth/{FIRST}/confirm", form={"flow": flow, "answer": "yes"})
    assert form.status == 403
    assert page.seen() == []
    popup.evaluate("sessionStorage.setItem('go', 'yes')")
    popup.reload(wait_until="commit")
    assert page.outcome()[0] == "success", "the one who began is not disturbed"
    assert exchanges(shared_sandbox) == redeemed + 1


def test_a_sign_in_that_somebody_else_began_attaches_nothing(
    customer: OpenPage, stranger: BrowserContext, shared_sandbox: Sandbox, desk: Service, brand: int
) -> None:
    """The attacker sends the platform's URL of his own flow; the victim opens it and approves."""
    attacker = customer()
    dialog = attacker.connect(brand).url
    redeemed = exchanges(shared_sandbox)
    victim = stranger.new_page()
    victim.goto(dialog)
    decide(victim)
    victim.wait_for_selector("h1:not(:has-text('asks for access'))")
    assert victim.url.startswith(desk.url)
    assert victim.locator("form").count() == 0
    assert exchanges(shared_sandbox) == redeemed
    assert desk.client.get(f"/api/sym/v2/brands?brandId={brand}").status_code == 404
    with attacker.page.expect_response("**/oauth/status*") as polled:
        pass
    assert polled.value.json()["state"] == "at_platform"
    assert attacker.seen() == []


def _handover(page: Page, desk: Service, platform: str, flow: str) -> str:
    """The error's code, asked by a page of the service in this browser."""
    page.goto(f"{desk.url}/oauth/{platform}/result/{flow}")
    answer = page.evaluate(
        """async ([url, flow]) => {
          const headers = {"content-type": "application/json"};
          const answer = await fetch(url, {method: "POST", headers, body: JSON.stringify({flow})});
          return [answer.status, await answer.json()];
        }""",
        [f"{desk.url}/oauth/{platform}/handover", flow],
    )
    assert answer[0] >= 400
    assert not re.search(r"accessToken|EAA", str(answer))
    code: str = answer[1]["error"]["code"]
    return code
