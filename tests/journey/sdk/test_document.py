"""The integration document's page as printed, with nothing but hosts and key changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.journey.sdk.customer import decide
from tests.tools.service import Service
from tests.tools.site import StaticSite
from tests.tools.wait import wait_until
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

BRAND = 12345

FACEBOOK_PAGE = """
<script src="https://cdn.symphonyos.co/symphony-connect.min.js"></script>

<button id="connect-meta">Connect Facebook Ad Account</button>

<script>
  document.getElementById('connect-meta').addEventListener('click', () => {
    SymphonyConnect.loginWithFacebook({
      onSuccess: (response) => {
        // response.accessToken — the Facebook user access token
        // response.userId — the Facebook user ID
        console.log('Facebook connected:', response);
        registerTokenWithSymphony('meta', response.accessToken);
      },
      onError: (error) => {
        console.error('Facebook login failed:', error);
      }
    });
  });

async function registerTokenWithSymphony(platform, accessToken) {
  const response = await fetch('https://api.symphonyos.co/api/sym/v2/brands', {
    method: 'PUT',
    headers: {
      'x-api-key': 'YOUR_API_KEY',
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({
      brandId: 12345,
      adPlatform: platform,
      accessToken: accessToken
    })
  });
  const data = await response.json();
  console.log('Platform connected:', data);
}
</script>
"""

TIKTOK_PAGE = """
<script src="https://cdn.symphonyos.co/symphony-connect.min.js"></script>
<button id="connect-tiktok">Connect TikTok</button>
<script>
document.getElementById('connect-tiktok').addEventListener('click', () => {
  SymphonyConnect.loginWithTikTok({ onSuccess: async ({ accessToken, advertiserIds, expiresIn }) => {
console.log('TikTok connected:', { accessToken, advertiserIds, expiresIn });
const response =
await fetch('https://api.symphonyos.co/api/sym/v2/brands', {
  method: 'PUT',
  headers: {
    'x-api-key': 'YOUR_API_KEY',
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    brandId: 12345,
    adPlatform: 'tiktok',
    accessToken: accessToken
  })
});
console.log('Platform connected:', await response.json());
  }, onError: (error) => console.error('TikTok login failed:', error) });
});
</script>
"""


class Reader:
    """Presses the page's button and reads its console."""

    def __init__(self, watched: Watched, static_site: Callable[..., StaticSite], desk: Service) -> None:
        self.page: Page = watched.page
        self.watched = watched
        self.said: dict[str, Any] = {}
        self._site = static_site
        self._desk = desk
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "log":
            words, value = message.args
            self.said[words.json_value()] = value.json_value()

    def open(self, document: str, key: str) -> None:
        html = document.replace("https://cdn.symphonyos.co", self._desk.url)
        html = html.replace("https://api.symphonyos.co", self._desk.url).replace("YOUR_API_KEY", key)
        self.page.goto(self._site({"": html}).url)

    def press(self) -> Page:
        with self.page.expect_popup() as opened:
            self.page.click("button")
        return opened.value

    def hears(self, words: str) -> Any:
        wait_until(lambda: self.page.title() is not None and words in self.said, 20, f"{words!r} in the console")
        return self.said[words]


@pytest.fixture
def reader(watched_page: Watched, static_site: Callable[..., StaticSite], desk: Service) -> Reader:
    return Reader(watched_page, static_site, desk)


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_the_facebook_page_connects_its_brand(reader: Reader, desk: Service, kind: str) -> None:
    reader.open(FACEBOOK_PAGE, desk.publishable_key if kind == "publishable" else desk.secret_key)
    decide(reader.press())
    response = reader.hears("Facebook connected:")
    assert set(response) == {"accessToken", "userId", "expiresIn"}
    assert isinstance(response["accessToken"], str)
    assert isinstance(response["userId"], str)
    assert type(response["expiresIn"]) is int
    assert 0 < response["expiresIn"] < 86_400
    answer = {"success": True, "message": f"Brand {BRAND} updated successfully"}
    assert reader.hears("Platform connected:") == answer
    assert reader.watched.console == []
    assert kind != "secret" or "secret_key_in_browser" in desk.log_text(), "the operator is warned"
    brand = desk.client.get("/api/sym/v2/brands", params={"brandId": BRAND}).json()
    assert brand["success"] is True
    assert next(iter(brand["data"].items())) == ("id", BRAND)
    assert brand["data"]["connections"][0]["status"] == "connected"


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_the_tiktok_page_connects_its_brand(reader: Reader, desk: Service, kind: str) -> None:
    reader.open(TIKTOK_PAGE, desk.publishable_key if kind == "publishable" else desk.secret_key)
    decide(reader.press())
    response = reader.hears("TikTok connected:")
    assert set(response) == {"accessToken", "advertiserIds", "expiresIn"}
    assert isinstance(response["accessToken"], str)
    assert response["advertiserIds"]
    assert all(isinstance(each, str) for each in response["advertiserIds"])
    assert response["expiresIn"] is None
    answer = {"success": True, "message": f"Brand {BRAND} updated successfully"}
    assert reader.hears("Platform connected:") == answer


def test_a_denial_is_told_as_the_document_has_it(reader: Reader, desk: Service) -> None:
    reader.open(FACEBOOK_PAGE, desk.publishable_key)
    popup = reader.press()
    expect(popup.get_by_role("heading", level=1)).to_contain_text("asks for access")
    decide(popup, "deny")
    wait_until(lambda: reader.page.title() is not None and reader.watched.console, what="an error in the console")
    assert reader.watched.console[0].startswith("error: Facebook login failed:")
    assert reader.said == {}
