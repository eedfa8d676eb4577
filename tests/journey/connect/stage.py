"""A service with the operator's face on, its sandbox, and an owner who follows links."""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
from playwright.sync_api import Error, Page, expect

from tests.platforms import contract
from tests.tools.owner import Page as Fields
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

OTHER, PLATFORM = contract.apart(lambda facts: facts.asks_add_up)
"""A platform that an owner may be sent back to for what was left out, and another."""
LOGIN_NAME, OTHER_NAME = contract.login(PLATFORM), contract.login(OTHER)
ASKER = "Acme Media"
BRAND = "Northwind Bikes"
CONNECTED = f"{BRAND} is connected"
RETURN = "http://localhost:9/back?tab=ads"
"""Where links lead back to; nothing listens there."""
FACE = {
    "SYMPHONY_FAILURE_LIMIT": "1000",
    "SYMPHONY_SIGN_IN_LIMIT": "1000",
    "SYMPHONY_BRANDING_NAME": ASKER,
    "SYMPHONY_BRANDING_PRIVACY_URL": "http://localhost:9/privacy",
    "SYMPHONY_BRANDING_HELP_URL": "mailto:help@acme.example",
    "SYMPHONY_ALLOWED_ORIGINS": "http://localhost:9",
}


class Stage:
    """One service and one sandbox for many tests: each takes brands that no other has."""

    def __init__(self, folder: Path, **env: str) -> None:
        for part in ("sandbox", "service"):
            (folder / part).mkdir()
        self.sandbox = Sandbox(folder / "sandbox")
        self.service = Service(self.sandbox, folder / "service", {**FACE, **env})
        self._numbers = itertools.count(1)

    def start(self) -> None:
        self.sandbox.start()
        assert self.service.secret_key
        self.service.start()

    def close(self) -> None:
        self.service.close()
        self.sandbox.close()

    def newcomer(self, **traits: Any) -> str:
        """Somebody at the platforms whom no other test knows; returns the name to sign in by."""
        name = f"sam{self.brand()}"
        self.sandbox.control("people", {"name": name, "title": "Sam Rivera", **traits})
        return name

    def brand(self) -> int:
        return next(self._numbers)

    def link(self, platforms: list[str] | None = None, brand: int = 0, **more: Any) -> str:
        """A connect link's address, by default for a new brand at `PLATFORM`."""
        ask = {"brandId": brand or self.brand(), "name": BRAND, "adPlatforms": platforms or [PLATFORM], **more}
        return str(self.session(ask)["url"])

    def session(self, ask: dict[str, Any]) -> dict[str, Any]:
        answer = self.service.client.post("/api/sym/v2/connect-sessions", json=ask)
        assert answer.is_success, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def connection(self, brand: int, platform: str = PLATFORM) -> dict[str, Any] | None:
        """As the API tells it; None when there is none."""
        answer = self.service.client.get(f"/api/sym/v2/brands/{brand}/connections/{platform}")
        assert answer.status_code in (200, 404), answer.text
        return answer.json()["data"] if answer.is_success else None

    def used(self, brand: int, platform: str = PLATFORM) -> list[str]:
        """Ids of the ad accounts the brand uses."""
        answer = self.service.client.get(f"/api/sym/v2/brands/{brand}/connections/{platform}/ad-accounts").json()
        return [account["id"] for account in answer["data"] if account["selected"]]

    def connected(self, person: str = "ada", accounts: list[str] | None = None) -> int:
        """A brand that `person` has connected at `PLATFORM`, by a browser without a screen; returns its id."""
        brand = self.brand()
        with httpx2.Client(timeout=20, trust_env=False) as owner:
            start = self.link(brand=brand).replace("/connect/", f"/oauth/{PLATFORM}/start?session=")
            dialog = owner.get(start).headers["location"]
            back = owner.get(f"{dialog}&_sandbox=approve&_sandbox_person={person}").headers["location"]
            result = owner.get(back.partition("#")[0]).headers["location"]
            form = {**Fields(owner.get(urljoin(self.service.url, result))).fields, "answer": ["yes"]}
            if accounts:
                form |= {"choosing": ["1"], "account": accounts}
            assert owner.post(urljoin(self.service.url, f"/oauth/{PLATFORM}/confirm"), data=form).is_redirect
        assert self.connection(brand) is not None
        return brand

    def exchanges(self, person: str) -> list[dict[str, Any]]:
        """The codes of this person that the platform was asked to redeem."""
        calls = self.sandbox.calls(PLATFORM, contract.rules(PLATFORM).EXCHANGE)
        return [call for call in calls if call["person"] == person and "code" in call["params"]]

    def dialogs(self, person: str) -> list[dict[str, str]]:
        """What the platform's dialog was asked for, each time that this person answered it."""
        calls = self.sandbox.calls(PLATFORM, "dialog/oauth")
        return [call["params"] for call in calls if call["person"] == person and call["method"] == "POST"]


def go(page: Page) -> None:
    """From the connect page to the platform's dialog, in this tab."""
    href = page.get_attribute("[data-window], a.button", "href")
    page.goto(urljoin(page.url, href or ""))


def answer(page: Page, person: str = "ada", button: str = "Continue", untick: tuple[str, ...] = ()) -> None:
    """At the platform's dialog: sign in as `person`, take some ticks away, and press."""
    if person != "ada":
        page.goto(f"{page.url}&_sandbox_person={person}")
    for label in untick:
        page.get_by_label(label).uncheck()
    press = page.get_by_role("button", name=button, exact=True)
    expect(press).to_be_visible()
    with suppress(Error):  # the window has closed itself
        with page.expect_navigation(wait_until="domcontentloaded"):
            press.click()
        if page.locator("[name=passed]").count():  # one more page of the platform's, such as for a passkey
            press.click()


def heading(page: Page, text: str) -> None:
    """Wait for the page that is headed so."""
    expect(page.locator("h1:visible")).to_have_text(text)


def press(page: Page, name: str) -> None:
    """A button, or a link that looks like one."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def opened(page: Page) -> Page:
    """Press Continue; the window that comes of it."""
    with page.expect_popup() as popup:
        press(page, f"Continue to {LOGIN_NAME}")
    return popup.value


def at_dialog(stage: Stage, page: Page, brand: int, **more: object) -> None:
    """To the platform's dialog in this tab, by a link to the brand."""
    page.goto(stage.link(brand=brand, **more))  # type: ignore[arg-type]
    go(page)
