"""Pictures of the control room and the consent pages, phone and desktop, light and dark, for people to look at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from symphony_connect.platforms import names
from tests.journey.sandbox.example import consent, fill
from tests.tools import chromium
from tests.tools.pictures import BUILD, README, SIZES, THEMES
from tests.tools.sandbox import Sandbox


def take(sandbox: Sandbox, browser: Browser, name: str, path: str) -> None:
    """One page in each size and theme; of the room what is seen at first, calls waiting and all."""
    for width, height in SIZES.items():
        for theme in THEMES:
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=theme, reduced_motion="reduce")
            page.goto(sandbox.url + path)
            if path == "/":
                _calls_come(sandbox, page)
            page.screenshot(path=BUILD / f"{name}-{width}-{theme}.png", full_page=path != "/" or width < 720)
            if (path, width, theme) == ("/", 1440, "light"):
                page.screenshot(path=README / "sandbox.png")
            page.close()


def _calls_come(sandbox: Sandbox, page: Page) -> None:
    page.locator("#pulse.live").wait_for()
    page.get_by_label("or by").fill("90s")
    page.get_by_role("button", name="Advance").click()
    page.locator("#outcome.ok").wait_for()
    for platform in names():
        sandbox.client.get(consent(sandbox, platform))
    page.locator("#fresh").wait_for()


def main() -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        sandbox, browser = Sandbox(Path(folder)), chromium.launch(playwright)
        try:
            sandbox.start()
            fill(sandbox)
            take(sandbox, browser, "sandbox-room", "/")
            for platform in names():
                take(sandbox, browser, f"sandbox-{platform}", consent(sandbox, platform))
            take(sandbox, browser, "sandbox-problem", consent(sandbox, names()[0]) + "&_sandbox_person=nobody")
        finally:
            browser.close()
            sandbox.close()
    sys.stdout.write(f"{BUILD}/sandbox-* are the pictures\n")


if __name__ == "__main__":
    main()
