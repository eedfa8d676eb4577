"""What must not be seen on the way: no platform token, no key, no other host."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Error, Page, Response, expect

from tests.journey.connect.conftest import OpenPage
from tests.journey.connect.stage import BRAND, OTHER, PLATFORM, Stage, answer, go

pytestmark = pytest.mark.browser


class Ears:
    """All that a page and its windows get and say."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.context.on("response", self._on_response)
        page.context.on("request", lambda request: self.heard.append(f"{request.url} {request.post_data}"))
        page.context.on("console", lambda message: self.heard.append(message.text))

    def _on_response(self, response: Response) -> None:
        self.heard.append(json.dumps(response.all_headers()))
        try:
            self.heard.append(response.text())
        except (Error, UnicodeDecodeError):
            return  # a redirect, or a window that has closed: nobody can read a body there

    def kept(self, page: Page) -> str:
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
        return f"{stored} {page.context.cookies()} {page.content()}"


@pytest.mark.parametrize("platform", [PLATFORM, OTHER])
def test_no_token_and_no_key_comes_near_the_browser(platform: str, stage: Stage, owner: Page) -> None:
    brand, ears = stage.brand(), Ears(owner)
    owner.goto(stage.link([platform], brand=brand))
    with owner.expect_popup() as popup:
        owner.locator("[data-window]").click()
    answer(popup.value)
    owner.locator("[value=yes]").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text(f"{BRAND} is connected")
    token = stage.service.client.get(f"/api/sym/v2/brands/{brand}/connections/{platform}/token").json()["data"]
    everything = "\n".join([*ears.heard, ears.kept(owner)])
    assert BRAND in everything
    assert token["accessToken"] not in everything
    assert stage.service.secret_key not in everything
    assert "sandbox-" not in everything, "an app's secret"


def test_the_link_leaves_no_trace_where_it_leads(stage: Stage, owner: Page) -> None:
    link = stage.link()
    requests: list[tuple[str, str | None]] = []
    owner.context.on("request", lambda request: requests.append((request.url, request.headers.get("referer"))))
    owner.goto(link)
    go(owner)
    elsewhere = [(url, referer) for url, referer in requests if not url.startswith(stage.service.url)]
    assert elsewhere
    token = link.rsplit("/", 1)[1]
    assert [url for url, referer in elsewhere if token in url or token in (referer or "")] == []


def test_pages_are_light(stage: Stage, open_page: OpenPage) -> None:
    page, sizes = open_page(), dict[str, int]()

    def weigh(response: Response) -> None:
        if response.url.endswith((".css", ".js")):
            sizes[response.url] = len(response.body())

    page.on("response", weigh)
    page.goto(stage.link(), wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes.values()) <= 12_000
