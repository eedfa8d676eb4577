"""A name may be written from right to left: it is kept apart, so that it does not turn round the text beside it.

The Unicode Bidirectional Algorithm (UAX #9) orders a line by the directions of all its letters; an isolate counts
as one neutral letter there.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional

from markupsafe import Markup

FIRST_STRONG, POP = "\u2068", "\u2069"
"""The isolate whose direction is that of its first letter, and its end (UAX #9, 2.5)."""
RIGHT_TO_LEFT = ("R", "AL", "AN", "RLE", "RLO", "RLI")
_BDI = re.compile("<bdi>(.*?)</bdi>", re.DOTALL)


def bdi(name: object) -> Markup:
    """For text in a page."""
    return Markup("<bdi>{}</bdi>").format(name)


def isolated(name: object) -> str:
    """For a title or an attribute, where no element can stand; a name from left to right stays as it is."""
    text = str(name)
    turns = any(bidirectional(letter) in RIGHT_TO_LEFT for letter in text)
    return f"{FIRST_STRONG}{text}{POP}" if turns else text


def as_title(html: Markup) -> str:
    """Text without its elements; names stay isolated."""
    marked = _BDI.sub(lambda name: isolated(name[1]), str(html))
    return str(Markup(marked).striptags())  # noqa: S704 - it was escaped before
