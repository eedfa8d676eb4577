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
from tests.tools.pictures import BUILD, README, picture

IN_README = {"consent": 1440, "picker": 360}
"""The two pictures that the README shows, and in which width."""


def take(stage: Stage, browser: Browser, name: str, language: str) -> None:
    """Reach one state and picture it in each size and theme."""
    context = browser.new_context(locale=language, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    STATES[name](stage, page)
    chosen = IN_README.get(name) if language == "en" else None
    picture(page, f"{name}-{language}", (chosen, README / f"connect-{name}.png") if chosen else None)
    context.close()


def main(arguments: Sequence[str]) -> None:
    """Names of states narrow it; a language such as `de` chooses another than English."""
    languages = [word for word in arguments if len(word) == 2] or ["en"]
    names = [word for word in arguments if len(word) > 2] or list(STATES)
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
