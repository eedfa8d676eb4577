"""One page as people will see it: phone and desktop, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

SIZES = {360: 780, 1440: 1000}
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
BUILD = Path("build/screenshots")
README = Path("docs/img")


def picture(page: Page, name: str, in_readme: tuple[int, Path] | None = None) -> None:
    """Four files in `BUILD`; with `in_readme` the light one of that width goes into the README, too."""
    BUILD.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.screenshot(path=BUILD / f"{name}-{width}-{theme}.png", full_page=True)
            if in_readme and (width, theme) == (in_readme[0], "light"):
                page.screenshot(path=in_readme[1])
