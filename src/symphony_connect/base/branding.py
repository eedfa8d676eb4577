"""The settings of the hosted page's appearance: `SYMPHONY_BRANDING_…`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from symphony_connect.base import colour
from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError

LOGO_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
LARGEST_LOGO = 256 * 1024
"""Bytes."""


@dataclass(frozen=True)
class Branding:
    """The hosted page's appearance.

    The logo is a file on this server (SVG, PNG, JPEG or WebP), which the service serves itself: its
    pages load nothing from another host. The colour carries white text and stands on white, so it must
    be dark enough for both; a lighter one for dark pages is made from it.
    """

    name: str
    logo: Path | None
    color: str
    privacy_url: str
    help_url: str
    """Where an owner who is stuck may ask: https, or `mailto:`."""


def load_branding(env: Env, production: bool) -> Branding:
    branding = env.under("BRANDING")
    help_url = branding.get("HELP_URL")
    if not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", help_url):
        help_url = branding.url("HELP_URL", https=production)
    return Branding(
        name=branding.get("NAME"),
        logo=_logo(branding),
        color=_color(branding),
        privacy_url=branding.url("PRIVACY_URL", https=production),
        help_url=help_url,
    )


def _color(branding: Env) -> str:
    color = branding.get("COLOR").lower()
    if color and not re.fullmatch(r"#[0-9a-f]{6}", color):
        raise ConfigError(f"{branding.name('COLOR')} must look like #1f4fd8, not {color!r}.")
    if color and (on_white := colour.contrast(color, colour.WHITE)) < colour.READABLE:
        raise ConfigError(
            f"{branding.name('COLOR')} {color} has a contrast of {on_white:.1f}:1 on white, and 4.5:1 is needed "
            "to read a button; choose a darker one."
        )
    return color


def _logo(branding: Env) -> Path | None:
    text, name = branding.get("LOGO"), branding.name("LOGO")
    if not text:
        return None
    path = Path(text).absolute()
    if "://" in text or path.suffix.lower() not in LOGO_TYPES:
        raise ConfigError(
            f"{name} must name a file on this server that ends in {', '.join(LOGO_TYPES)}, not {text!r}: "
            "the pages load nothing from another host."
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ConfigError(f"{name} names {path}, which cannot be read: {error}") from error
    if size > LARGEST_LOGO:
        raise ConfigError(f"{name} names a file of {size} bytes; {LARGEST_LOGO} at most, so that pages open fast.")
    return path
