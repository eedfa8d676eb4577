"""Which Chromium the tests drive, and how it is started."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
SHELL = "chromium-headless-shell"
"""The same engine without windows: a page costs a third of the processor time."""
NAMES = [SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MAC_PATHS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]


def candidates(playwright: Playwright) -> Iterator[str]:
    """Executables that may be a working Chromium: the system's, then Playwright's own."""
    for name in [*NAMES, *MAC_PATHS, playwright.chromium.executable_path]:
        found = shutil.which(name)
        if found:
            yield found


def launch(playwright: Playwright, *, block_popups: bool = False) -> Browser:
    """Start the first candidate that starts (Ubuntu's `chromium-browser` may be an empty shell for a snap).

    `block_popups` gives the browser its own popup blocker back, which Playwright switches off; without windows
    there is none.
    Raises RuntimeError with what each candidate said.
    """
    kept = ["--disable-popup-blocking"] if block_popups else None
    refusals = []
    for path in candidates(playwright):
        if block_popups and path.endswith(SHELL):
            continue
        try:
            return playwright.chromium.launch(executable_path=path, args=FLAGS, ignore_default_args=kept)
        except Error as error:
            refusals.append(f"{path}: {error.message}")
    raise RuntimeError("\n".join(refusals) or "no Chromium was found")


@contextmanager
def running(*, block_popups: bool = False) -> Iterator[Browser]:
    """A browser of its own, closed afterwards; as `launch`."""
    with sync_playwright() as playwright:
        browser = launch(playwright, block_popups=block_popups)
        yield browser
        browser.close()
