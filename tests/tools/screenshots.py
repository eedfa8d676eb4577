"""`make screenshots`: every state of the owner's pages, phone and desktop, light and dark, for people to look at."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.journey.connect.stage import Stage
from tests.journey.connect.states import STATES
from tests.tools import chromium

SIZES = {360: 780, 1440: 1000}
THEMES = ("light", "dark")
BUILD = Path("build/screenshots")
README = {"consent": 1440, "picker": 360}
"""The two pictures that the README shows, in `docs/img/`."""


def take(stage: Stage, browser: Browser, name: str, language: str) -> None:
    """Reach one state and picture it in each size and theme."""
    context = browser.new_context(locale=language, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    STATES[name](stage, page)
    page.wait_for_load_state("networkidle")
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.screenshot(path=BUILD / f"{name}-{width}-{theme}-{language}.png", full_page=True)
            if README.get(name) == width and theme == "light" and language == "en":
                page.screenshot(path=Path("docs/img") / f"connect-{name}.png")
    context.close()


def main(arguments: Sequence[str]) -> None:
    """Names of states narrow it; a language such as `de` chooses another than English."""
    languages = [word for word in arguments if len(word) == 2] or ["en"]
    names = [word for word in arguments if len(word) > 2] or list(STATES)
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stage, browser = Stage(Path(folder)), chromium.launch(playwright, block_popups=True)
        try:
            stage.start()
            for name in names:
                for language in languages:
                    take(stage, browser, name, language)
        finally:
            browser.close()
            stage.close()
    sys.stdout.write(f"{BUILD}/ holds the pictures\n")


if __name__ == "__main__":
    main(sys.argv[1:])
