"""The integration document's page as printed, with nothing but hosts and key changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.journey.sdk.customer import decide
from tests.platforms import contract
from tests.tools.service import Service
from tests.tools.site import StaticSite
from tests.tools.wait import wait_until
from tests.tools.watch import Watched

pytestmark = pytest.mark.browser

BRAND = 12345

PRINTED = contract.all_having("DOCUMENT")


def printed(platform: str) -> str:
    return (Path(contract.__file__).parent / platform / "document.html").read_text("utf-8")


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
@pytest.mark.parametrize("platform", PRINTED)
def test_the_page_connects_its_brand(reader: Reader, desk: Service, platform: str, kind: str) -> None:
    rules = contract.rules(platform)
    reader.open(printed(platform), desk.publishable_key if kind == "publishable" else desk.secret_key)
    decide(reader.press())
    response = reader.hears(f"{rules.DOCUMENT} connected:")
    assert set(response) == {"accessToken", *rules.LOGIN_RESULT}
    assert isinstance(response["accessToken"], str)
    for field, kind_of_value in rules.LOGIN_RESULT.items():
        # A token without an end has no `expiresIn`.
        assert type(response[field]) is kind_of_value or (field, response[field]) == ("expiresIn", None)
        assert response[field] or field == "expiresIn"
    assert 0 < (response["expiresIn"] or 1) < 86_400
    answer = {"success": True, "message": f"Brand {BRAND} updated successfully"}
    assert reader.hears("Platform connected:") == answer
    assert reader.watched.console == []
    assert kind != "secret" or "secret_key_in_browser" in desk.log_text(), "the operator is warned"
    brand = desk.client.get("/api/sym/v2/brands", params={"brandId": BRAND}).json()
    assert brand["success"] is True
    assert next(iter(brand["data"].items())) == ("id", BRAND)
    statuses = {each["adPlatform"]: each["status"] for each in brand["data"]["connections"]}
    assert statuses[platform] == "connected"


def test_a_denial_is_told_as_the_document_has_it(reader: Reader, desk: Service) -> None:
    platform = PRINTED[0]
    reader.open(printed(platform), desk.publishable_key)
    popup = reader.press()
    expect(popup.get_by_role("heading", level=1)).to_contain_text("asks for access")
    decide(popup, "deny")
    wait_until(lambda: reader.page.title() is not None and reader.watched.console, what="an error in the console")
    assert reader.watched.console[0].startswith(f"error: {contract.rules(platform).DOCUMENT} login failed:")
    assert reader.said == {}
