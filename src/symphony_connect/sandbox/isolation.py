"""A name that is written from right to left must not turn round the text beside it (UAX #9)."""

from __future__ import annotations

import re

from markupsafe import Markup

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")


def bdi(name: object) -> Markup:
    """For text in a page."""
    return Markup("<bdi>{}</bdi>").format(name)


def isolated(name: object) -> str:
    """For an attribute or an option, where no element can stand: between the marks FSI and PDI."""
    return f"\u2068{name}\u2069" if _RIGHT_TO_LEFT.search(str(name)) else str(name)
