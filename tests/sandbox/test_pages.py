"""The consent pages, in a real browser with its policies on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from symphony_connect.platforms import names
from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser


def consent(sandbox: Sandbox, platform: str) -> str:
    """The address of this platform's consent page."""
    app = sandbox.state()["platforms"][platform]["apps"][0]["id"]
    query = f"client_id={app}&app_id={app}&state=s&redirect_uri={sandbox.url}/callback"
    return f"{sandbox.dialog(platform)}?{query}"


@pytest.mark.parametrize("platform", names())
@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_consents_and_is_sent_back(sandbox: Sandbox, browser: Browser, platform: str, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(sandbox.url + consent(sandbox, platform))
    page.get_by_label("Signed in as").select_option("business")
    page.get_by_role("button", name="Switch").click()
    chooses = contract.facts(platform).dialog_asks_for_accounts
    if chooses:
        page.get_by_label("Bea Ness").first.uncheck()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/callback\?(?=.*code=).*state=s"))
    [grant] = sandbox.state()["people"][2]["platforms"][platform]["grants"]
    assert not chooses or len(grant["adAccounts"]) == 1
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
