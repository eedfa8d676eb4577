"""Part of `make screenshots`: the demo's own page, before and after a brand is connected, for people to look at."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.journey.demo.conftest import SITE, Demo, connect
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import login
from tests.tools import chromium
from tests.tools.pictures import README, picture

USUAL = ("--port", "8080", "--sandbox-port", "8081")
"""As whoever types `make demo` sees it."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo, browser = Demo(Path(folder), *USUAL), chromium.launch(playwright)
        try:
            demo.start()
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(demo.printed(SITE))
            picture(page, "demo-new")
            for name in (ANY, OTHER):
                connect(page, login(name))
            page.click("#hosted")
            page.locator("#hosted-link").wait_for()
            picture(page, "demo-connected")
            page.set_viewport_size({"width": 900, "height": 1000})
            page.emulate_media(color_scheme="light")
            page.screenshot(path=README / "demo.png", full_page=True)
        finally:
            browser.close()
            demo.process.stop()


if __name__ == "__main__":
    main()
