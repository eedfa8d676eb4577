"""A customer's page at another site than the service: calls the SDK from a real click, keeps what came back."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from playwright.sync_api import Page

from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

PAGE = """<!doctype html><title>Shop</title><link rel="icon" href="data:,"><button id="go">Connect</button>
<script src="{sdk}" {key} data-timing="{timing}"></script><script>
const seen = [];
const callbacks = {{
  onSuccess: (response) => seen.push(["success", response]),
  onError: (error) => seen.push(["error", error.code]),
}};
addEventListener("unhandledrejection", (event) => seen.push(["unhandled", String(event.reason)]));
document.getElementById("go").addEventListener("click", () => next());
{at_once}
</script>"""

FIRST, SECOND = contract.all_having("LOGIN_FUNCTION")[:2]
"""The platforms that the SDK has a function for."""
LOGINS = {name: f"SymphonyConnect.{contract.rules(name).LOGIN_FUNCTION}(callbacks)" for name in (FIRST, SECOND)}
LOGIN, OTHER_LOGIN = LOGINS.values()


def customer_page(service: Service, key: str = "", at_once: str = "", **timing: int) -> str:
    """HTML of the page; `at_once` runs as it loads, `timing` corrects single waiting times of the SDK, in ms."""
    return PAGE.format(
        sdk=f"{service.url}/symphony-connect.min.js",
        key=f'data-key="{key}"' if key else "",
        at_once=at_once,
        timing=escape(json.dumps(timing)),
    )


class Customer:
    """`page` shows the customer's page."""

    def __init__(self, page: Page, service: Service) -> None:
        self.page = page
        self.service = service

    def click(self, call: str = LOGIN) -> Page:
        """Click, and return the window that opens; it may be about to close again."""
        self.page.evaluate(f"() => {{ window.next = () => {{ {call} }}; }}")
        with self.page.expect_popup() as opened:
            self.page.click("#go")
        return opened.value

    def open(self, call: str = LOGIN) -> Page:
        """The same, once the window shows its first page."""
        popup = self.click(call)
        popup.wait_for_selector("h1")
        return popup

    def connect(self, brand_id: int, platform: str = FIRST, **session: Any) -> Page:
        """`SymphonyConnect.connect` for a new session, on to the platform's own page."""
        return onward(self.open(connecting(self.session(brand_id, **session), platform)))

    def session(self, brand_id: int, **more: Any) -> str:
        """The token of a new connect session, as the customer's server would get it."""
        answer = self.service.client.post("/api/sym/v2/connect-sessions", json={"brandId": brand_id, **more})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["data"]["token"]
        return token

    def seen(self) -> list[Any]:
        found: list[Any] = self.page.evaluate("seen")
        return found

    def outcome(self) -> list[Any]:
        """The one thing that was called back, after whatever the page still had queued has run too."""
        wait_until(self.seen, 20, "a callback")
        self.page.evaluate("() => new Promise((resolve) => setTimeout(() => setTimeout(resolve, 300)))")
        (only,) = self.seen()
        found: list[Any] = only
        return found

    def closes(self, popup: Page) -> None:
        """Wait until the window is gone. The call to the page lets Playwright take notice."""
        wait_until(lambda: self.seen() is not None and popup.is_closed(), what="the window to close")


def connecting(token: str, platform: str = FIRST) -> str:
    return f"SymphonyConnect.connect({{token: {token!r}, platform: {platform!r}, ...callbacks}})"


def onward(popup: Page) -> Page:
    """From the hosted page to the platform's."""
    popup.click("a[href*='/oauth/']")
    popup.wait_for_selector("button[name=_sandbox]")
    return popup


def become(popup: Page, person: str) -> None:
    """Sign in at the platform as this person of the sandbox."""
    popup.select_option("#person", person)
    popup.get_by_role("button", name="Switch").click()
    popup.wait_for_selector(f"input[name=_sandbox_person][value={person}]", state="attached")


def decide(popup: Page, answer: str = "approve") -> None:
    """What somebody presses at the platform."""
    popup.click(f"button[value={answer}]")


def confirm(popup: Page, answer: str = "yes") -> None:
    """Whether this is the right account."""
    popup.click(f"button[name=answer][value={answer}]")


def exchanges(sandbox: Sandbox, platform: str = FIRST) -> int:
    """How many codes were redeemed at the platform so far."""
    spent = {"code", "auth_code"}
    return sum(bool(spent & set(call["params"])) for call in sandbox.calls(platform, "access_token"))
