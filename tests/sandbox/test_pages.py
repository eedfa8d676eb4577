"""The control room and the consent pages, in a real browser with its policies on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from symphony_connect.platforms import names
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser


def test_the_room_moves_the_clock_arms_faults_and_shows_calls(sandbox: Sandbox, watched_page: Watched) -> None:
    page = watched_page.page
    page.goto(f"{sandbox.url}/")
    page.get_by_role("button", name="+61d").click()
    expect(page.get_by_text("Machine time + 61.0 days")).to_be_visible()
    page.get_by_label("answer").select_option("http:503")
    page.get_by_role("button", name="Arm").click()
    expect(page.get_by_role("listitem")).to_have_text(re.compile(r"http:503 on \w+ \(any path\), 1 left"))
    assert sandbox.state()["offsetMs"] == 61 * 86_400_000
    for name in names():
        if name != sandbox.state()["faults"][0]["platform"]:
            sandbox.token("ada", name)
    page.reload()
    expect(page.get_by_role("row").nth(1)).to_contain_text("(ada)")


def test_the_room_makes_things_happen_to_people(sandbox: Sandbox, watched_page: Watched) -> None:
    page = watched_page.page
    before = sandbox.state()["people"][0]["platforms"]
    page.goto(f"{sandbox.url}/")
    form = page.locator("form[data-post='/_sandbox/people/ada']").first
    form.get_by_role("combobox").select_option("disable-account")
    with page.expect_navigation():
        form.get_by_role("button").click()
    assert sandbox.state()["people"][0]["platforms"] != before
    page.get_by_role("button", name="Reset everything").click()
    expect(page.get_by_text("No platform has been called yet.")).to_be_visible()


def test_the_room_says_why_something_was_refused(sandbox: Sandbox, watched_page: Watched) -> None:
    page = watched_page.page
    page.goto(f"{sandbox.url}/")
    page.get_by_label("Advance by").fill("soon")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("such as 61d")


def test_new_calls_wait_behind_a_button(sandbox: Sandbox, watched_page: Watched) -> None:
    page = watched_page.page
    page.goto(f"{sandbox.url}/")
    sandbox.token("ada", names()[0])
    page.get_by_role("button", name="2 new ↑").click()
    expect(page.get_by_role("row")).to_have_count(3)


@pytest.mark.parametrize("width", [320, 360, 1440])
@pytest.mark.parametrize("path", ["/", "CONSENT"])
def test_nothing_sticks_out(sandbox: Sandbox, watched_page: Watched, width: int, path: str) -> None:
    page = watched_page.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(sandbox.url + (consent(sandbox, names()[0]) if path == "CONSENT" else path))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def consent(sandbox: Sandbox, platform: str) -> str:
    """The address of this platform's consent page, found by its own ledger rows."""
    app = sandbox.state()["platforms"][platform]["apps"][0]["id"]
    query = f"client_id={app}&app_id={app}&state=s&redirect_uri={sandbox.url}/callback"
    for path in ("/dialog/oauth", "/portal/auth"):
        sandbox.client.get(f"{path}?{query}")
    return f"{sandbox.calls(platform)[-1]['path']}?{query}"


@pytest.mark.parametrize("platform", names())
@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_consents_and_is_sent_back(sandbox: Sandbox, browser: Browser, platform: str, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(sandbox.url + consent(sandbox, platform))
    page.get_by_label("Signed in as").select_option("business")
    page.get_by_role("button", name="Switch").click()
    page.get_by_label("Bea Ness").first.uncheck()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/callback\?.*code=.*state=s"))
    [grant] = sandbox.state()["people"][2]["platforms"][platform]["grants"]
    assert len(grant["adAccounts"]) == 1
    context.close()


@pytest.mark.parametrize("platform", names())
def test_close_window_closes_the_popup(sandbox: Sandbox, watched_page: Watched, platform: str) -> None:
    page = watched_page.page
    page.goto(f"{sandbox.url}/")
    with page.expect_popup() as opened:
        page.evaluate("url => { window.open(url) }", consent(sandbox, platform))
    popup = opened.value
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Close window").click()


@pytest.mark.parametrize("platform", names())
def test_a_severed_opener(sandbox: Sandbox, watched_page: Watched, platform: str) -> None:
    sandbox.control("settings", {"coop": True})
    page = watched_page.page
    page.goto(f"{sandbox.url}/")
    with page.expect_popup() as opened:
        page.evaluate("url => { window.popup = window.open(url) }", consent(sandbox, platform))
    opened.value.wait_for_load_state()
    wait_until(lambda: opened.value.evaluate("window.opener === null"), what="the popup to lose its opener")
    wait_until(lambda: page.evaluate("window.popup.closed"), what="the opener to find its popup gone")
