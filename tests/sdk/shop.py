"""A customer's page with the SDK on it: runs calls from a real click and keeps what came back."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from playwright.sync_api import Page

from tests.sdk.stub import FIRST, LOGIN, StubService
from tests.tools.wait import wait_until

PAGE = """<!doctype html><title>Shop</title><button id="go">Connect</button><iframe id="frame" hidden></iframe>
<script src="{sdk}" data-key="sym_pk_test" data-timing="{timing}" {attributes}></script><script>
const seen = [];
const callbacks = {{
  onSuccess: (response) => seen.push(["success", response]),
  onError: (error) => seen.push(["error", error.code, error instanceof Error && !!error.message]),
}};
addEventListener("unhandledrejection", (event) => seen.push(["unhandled", event.reason.code]));
addEventListener("error", (event) => seen.push(["thrown", event.message]));
addEventListener("message", (event) => event.data && event.data.marker && seen.push(["marker"]));
document.getElementById("go").addEventListener("click", () => next());
{at_once}
</script>"""

QUICK = {
    "tick": 25,
    "firstPoll": 100,
    "poll": 100,
    "pollClosed": 50,
    "pollSevered": 50,
    "severance": 30_000,
    "grace": 150,
    "doubt": 600,
    "message": 300,
    "offline": 400,
}
"""The SDK's waiting times in milliseconds, so short that a verdict comes within a second."""
NEVER = 600_000


def shop_page(sdk: str, attributes: str = "", at_once: str = "", **timing: int) -> str:
    """HTML of the shop; `at_once` runs as it loads, `timing` corrects single ones of QUICK."""
    times = escape(json.dumps({**QUICK, **timing}))
    return PAGE.format(sdk=sdk, attributes=attributes, at_once=at_once, timing=times)


class Shop:
    """`page` shows the shop."""

    def __init__(self, page: Page, stub: StubService) -> None:
        self.page = page
        self.stub = stub

    def prepare(self, call: str) -> None:
        self.page.evaluate(f"() => {{ window.next = () => {{ {call} }}; }}")

    def run(self, call: str = f"SymphonyConnect.connect({{token: 't1', platform: '{FIRST}', ...callbacks}})") -> Page:
        """Click, and return the window that opens, loaded."""
        self.prepare(call)
        with self.page.expect_popup() as opened:
            self.page.click("#go")
        popup = opened.value
        popup.wait_for_selector("h1")
        return popup

    def login(self, options: str = "...callbacks") -> Page:
        return self.run(f"SymphonyConnect.{LOGIN}({{{options}}})")

    def seen(self) -> list[Any]:
        found: list[Any] = self.page.evaluate("seen")
        return found

    def outcome(self) -> list[Any]:
        """All that was called back, once there is anything."""
        return wait_until(self.seen, what="a callback")

    def settled(self) -> list[Any]:
        """The same, after whatever the page still had queued has run."""
        self.outcome()
        self.page.evaluate("() => new Promise((resolve) => setTimeout(() => setTimeout(resolve)))")
        return self.seen()

    def polled(self, times: int = 3) -> None:
        """Wait for that many further status calls."""
        target = self.stub.polls + times
        wait_until(lambda: self.stub.polls >= target, what="status calls")

    def closes(self, popup: Page) -> None:
        """Wait until the window is gone. The call to the page lets Playwright take notice."""
        wait_until(lambda: self.seen() is not None and popup.is_closed(), what="the window to close")
