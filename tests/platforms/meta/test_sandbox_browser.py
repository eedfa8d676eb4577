"""Facebook's JavaScript SDK as the sandbox serves it, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.platforms.meta.client import APP_ID, Client
from tests.tools.site import StaticSite

PAGE = """<!DOCTYPE html><title>Shop</title><button>Log in</button><pre></pre>
<script>
window.fbAsyncInit = () => FB.init({ appId: "APP", version: "v26.0", cookie: true, xfbml: false });
const shown = (value) => { document.querySelector("pre").textContent = JSON.stringify(value); };
document.querySelector("button").onclick = () => FB.login(
  (answer) => {
    if (!answer.authResponse) return shown({ answer });
    FB.api("/me", { fields: "id,name" }, (me) => shown({ answer, me }));
  },
  OPTIONS);
</script>
<script async src="BASE/en_US/sdk.js" id="facebook-jssdk"></script>"""


@pytest.fixture
def shop(client: Client, page: Page, static_site: Callable[..., StaticSite]) -> Callable[[str, str], Any]:
    """Log in on a page of a customer's own with these options and answer the popup; returns what it got."""

    def log_in(options: str, button: str) -> Any:
        html = PAGE.replace("APP", APP_ID).replace("BASE", client.sandbox.url).replace("OPTIONS", options)
        page.goto(static_site({"": html}).url)
        page.wait_for_function("window.FB")
        with page.expect_popup() as popup:
            page.get_by_role("button", name="Log in").click()
        popup.value.get_by_role("button", name=button).click()
        page.wait_for_function("document.querySelector('pre').textContent")
        return page.evaluate("JSON.parse(document.querySelector('pre').textContent)")

    return log_in


@pytest.mark.browser
def test_a_page_logs_in_and_calls_the_graph(client: Client, shop: Callable[[str, str], Any]) -> None:
    got = shop('{ scope: "ads_read", return_scopes: true }', "Continue")
    assert got["me"] == {"id": "10200000000000001", "name": "Ada Lark"}
    response = got["answer"]["authResponse"]
    assert got["answer"]["status"] == "connected"
    assert (response["userID"], response["graphDomain"]) == ("10200000000000001", "facebook")
    assert response["grantedScopes"] == "public_profile,ads_read"
    assert client.debug(response["accessToken"])["scopes"] == ["public_profile", "ads_read"]


@pytest.mark.browser
def test_a_page_is_told_that_nobody_logged_in(shop: Callable[[str, str], Any]) -> None:
    assert shop("{}", "Cancel")["answer"] == {"status": "unknown", "authResponse": None}


@pytest.mark.parametrize("path", ["/en_US/sdk.js", "/de_DE/sdk.js", "/en_US/sdk/debug.js"])
def test_the_sdk_is_where_pages_load_it(client: Client, path: str) -> None:
    answer = client.http.get(path)
    assert answer.headers["content-type"].startswith("application/javascript")
    assert "window.FB" in answer.text
