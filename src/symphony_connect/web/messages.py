"""Every sentence an owner reads, in the language their browser prefers. Catalogues: `messages/*.json`, `words.json`.

A message may hold `{names}` and `**strong**` parts. Values are escaped, and their own asterisks mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from symphony_connect import platforms

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = tuple(sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda name: (name != "en", name)))
"""English first: what is shown where a browser prefers none of them."""
PART = re.compile(r"\{(\w+)\}|\*\*")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    messages: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return messages


@cache
def platform_words(name: str) -> Mapping[str, Any]:
    """A platform's own words by language, and under `asks` which scopes each of them stands for."""
    path = platforms.file(name, "words.json")
    words: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return words


def preferred(accept_language: str) -> str:
    """The first of our languages that the header `Accept-Language` asks for (RFC 9110, 12.5.4)."""
    wanted = []
    for place, entry in enumerate(accept_language.split(",")[:20]):
        tag, _, weight = entry.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        wanted.append((-float(quality[1]) if quality else -1.0, place, tag.split("-")[0].lower()))
    known = [name for quality, _, name in sorted(wanted) if quality and name in LANGUAGES]
    return known[0] if known else LANGUAGES[0]


@cache  # as many as the catalogues have
def _whole(message: str) -> Markup | None:
    """A message that holds no value and no mark, as a page shows it; None for every other."""
    return None if PART.search(message) else escape(message)


class Speaker:
    """Says messages in one language; templates call it `t`."""

    def __init__(self, language: str, **always: Any) -> None:
        self.language = language
        self._always = always
        """Values that every message may use."""

    def __call__(self, key: str, **values: Any) -> Markup:
        return self._said(catalogue(self.language)[key], values)

    def count(self, key: str, n: int, **values: Any) -> Markup:
        """The message `key.one` or `key.other`, by the plural rule; `key.only` of 1 of 1, if there is."""
        if n == values.get("of") == 1 and f"{key}.only" in catalogue(self.language):
            return self(f"{key}.only", n=n, **values)
        one = n in (0, 1) if self.language == "fr" else n == 1
        return self(f"{key}.{'one' if one else 'other'}", n=n, **values)

    def of_platform(self, name: str, key: str, **values: Any) -> Markup:
        """The platform's own words, or the common ones `ask.…` where its folder has none."""
        own = platform_words(name).get(self.language, {}).get(key)
        return self._said(own, values) if own else self(f"ask.{key}", **values)

    def note_of_platform(self, name: str, key: str) -> Markup | None:
        """A sentence that only some platforms have, such as `before`: what to know before the jump."""
        own = platform_words(name).get(self.language, {}).get(key)
        return self._said(own, {}) if own else None

    def plain(self, key: str, **values: Any) -> str:
        """Without markup, for titles and for text that is copied."""
        return str(self(key, **values).striptags())

    def time(self, milliseconds: int, *, day_only: bool = False) -> Markup:
        """A time in UTC; `owner.js` writes it in the reader's own time zone."""
        moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
        shown = f"{moment:%Y-%m-%d}" if day_only else f"{moment:%Y-%m-%d %H:%M} UTC"
        form = Markup(" data-day") if day_only else Markup("")
        return Markup('<time datetime="{}"{}>{}</time>').format(f"{moment:%Y-%m-%dT%H:%M:%SZ}", form, shown)

    def _said(self, message: str, values: Mapping[str, Any]) -> Markup:
        if (whole := _whole(message)) is not None:
            return whole
        known, said, at, strong = {**self._always, **values}, list[str](), 0, False
        stopped = False  # whether the last thing said is a value that ends in a full stop, such as `Ada L.`
        for part in PART.finditer(message):
            between = message[at : part.start()]
            said.append(escape(between.removeprefix(".") if stopped else between))
            at, stopped = part.end(), stopped and not between
            if part[1]:
                value = known[part[1]]
                stopped = isinstance(value, str) and value.endswith(".")
                # A name in another direction of writing does not turn the sentence round.
                said.append(f"<bdi>{escape(value)}</bdi>" if isinstance(value, str) else escape(value))
            else:
                strong = not strong
                said.append("<strong>" if strong else "</strong>")
        said.append(escape(message[at:].removeprefix(".") if stopped else message[at:]))
        return Markup("".join(said))  # noqa: S704 - each part was escaped, or is a tag of ours
