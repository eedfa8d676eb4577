"""The operator's own name, logo and colour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from symphony_connect.base import colour, config
from symphony_connect.base.branding import LARGEST_LOGO
from symphony_connect.base.errors import ConfigError
from tests.journey.connect.stage import ASKER, Stage
from tests.journey.connect.test_states import violations

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="#a3194b"/></svg>'
ACCENT = "#a3194b"


def branding(**settings: str) -> config.Branding:
    return config.load({f"SYMPHONY_BRANDING_{name}": value for name, value in settings.items()}).branding


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert colour.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert colour.contrast(other, one) == colour.contrast(one, other)


@pytest.mark.parametrize("accent", ["#767676", "#A3194B", "#000000", "#0b6b46", "#0000ff"])
def test_an_accent_has_a_double_for_dark_pages(accent: str) -> None:
    chosen = branding(COLOR=accent).color
    light = colour.for_dark_page(chosen)
    assert colour.contrast(light, colour.DARK_PAGE) >= 6
    assert colour.contrast(light, "#0b1220") >= 6, "the text on its buttons"


@pytest.mark.parametrize("accent", ["#777777", "#ffffff", "#ff9900", "red", "#abc"])
def test_an_accent_nobody_can_read_stops_the_start(accent: str) -> None:
    with pytest.raises(ConfigError, match="SYMPHONY_BRANDING_COLOR"):
        branding(COLOR=accent)


def test_a_logo_is_a_picture_on_this_server(tmp_path: Path) -> None:
    picture = tmp_path / "logo.svg"
    with pytest.raises(ConfigError, match=r"SYMPHONY_BRANDING_LOGO.*cannot be read"):
        branding(LOGO=str(picture))
    picture.write_text(LOGO)
    assert branding(LOGO=str(picture)).logo == picture
    for elsewhere in ("https://cdn.example/logo.svg", str(tmp_path / "logo.html")):
        with pytest.raises(ConfigError, match="another host"):
            branding(LOGO=elsewhere)
    picture.write_text(LOGO + " " * LARGEST_LOGO)
    with pytest.raises(ConfigError, match="bytes"):
        branding(LOGO=str(picture))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "mailto:nobody", "mailto:a@b c"])
def test_help_is_an_address(url: str) -> None:
    with pytest.raises(ConfigError, match="HELP_URL"):
        branding(HELP_URL=url)


@pytest.fixture
def dressed(tmp_path: Path) -> Iterator[Stage]:
    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO)
    stage = Stage(tmp_path, SYMPHONY_BRANDING_LOGO=str(logo), SYMPHONY_BRANDING_COLOR=ACCENT)
    try:
        stage.start()
        yield stage
    finally:
        stage.close()


@pytest.mark.browser
def test_the_page_wears_it_in_both_themes(dressed: Stage, owner: Page) -> None:
    owner.goto(dressed.link())
    expect(owner.locator(".face img").first).to_have_js_property("naturalWidth", 150)
    for theme, seen in (("light", ACCENT), ("dark", colour.for_dark_page(ACCENT))):
        owner.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        red, green, blue = (int(seen[at : at + 2], 16) for at in (1, 3, 5))
        expect(owner.locator("a.button").first).to_have_css("background-color", f"rgb({red}, {green}, {blue})")
        assert violations(owner) == []


@pytest.mark.browser
def test_where_nobody_offers_help_a_message_is_the_one_way_on(tmp_path: Path, owner: Page) -> None:
    stage = Stage(tmp_path, SYMPHONY_BRANDING_HELP_URL="")
    try:
        stage.start()
        link = stage.link(expiresIn=60)
        stage.sandbox.advance("61s")
        owner.goto(link)
        expect(owner.locator(".button:visible")).to_have_text([f"Copy a message to {ASKER}"])
        expect(owner.locator(".button.second:visible")).to_have_count(0)
    finally:
        stage.close()
