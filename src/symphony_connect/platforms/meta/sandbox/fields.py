"""The `fields` parameter: how it is written, and what it asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from symphony_connect.platforms.meta.sandbox.errors import GraphError

_NAME = re.compile(r"[A-Za-z_]\w*")
_MODIFIER = re.compile(r"\.(\w+)\(")
_PAIRS = {"{": "}", "(": ")"}


@dataclass(frozen=True)
class Wish:
    """One field that was asked for: `adaccounts.limit(2).as(mine){id,name}`."""

    name: str
    inner: str = ""
    """What stands in braces."""
    modifiers: Mapping[str, str] = field(default_factory=dict)
    """`{"limit": "2"}`: parameters of the edge."""

    @property
    def shown_as(self) -> str:
        return self.modifiers.get("as", self.name)


def wanted(text: str) -> dict[str, Wish]:
    """By the name in the answer, in order. `text` is a comma list or a JSON array.

    Raises GraphError: 2500 where a comma list is not well written, 100 for an array of other things.
    """
    found: dict[str, Wish] = {}
    joined = _joined(text)
    for wish, end in _Reader(joined).wishes():
        if wish.shown_as in found:
            twice = f"Field {wish.name} specified more than once. This is only possible before version 2.1"
            raise _syntax(twice, end, joined)
        found[wish.shown_as] = wish
    return found


def names(text: str) -> set[str]:
    """The fields and edges asked for. Raises GraphError."""
    return {wish.name for wish in wanted(text).values()}


class _Reader:
    """Reads a comma list of fields from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def wishes(self) -> Iterator[tuple[Wish, int]]:
        """Each field, and where it ends."""
        while self._next():
            yield self._one(), self._at
            if self._next() and self._text[self._at] != ",":
                raise self._unexpected("end of string")
            self._at += 1

    def _next(self) -> bool:
        """Whether there is more after spaces."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _one(self) -> Wish:
        name = _NAME.match(self._text, self._at)
        if not name:
            raise self._unexpected("string")
        self._at = name.end()
        modifiers: dict[str, str] = {}
        while found := _MODIFIER.match(self._text, self._at):
            self._at = found.end() - 1
            modifiers[found[1]] = self._inside()
        inner = self._inside() if self._text[self._at : self._at + 1] == "{" else modifiers.pop("fields", "")
        return Wish(name[0], inner, modifiers)

    def _inside(self) -> str:
        """What stands between this bracket and the one that closes it."""
        start, open_ = self._at + 1, [_PAIRS[self._text[self._at]]]
        for place in range(start, len(self._text)):
            letter = self._text[place]
            if letter in _PAIRS:
                open_.append(_PAIRS[letter])
            elif letter in _PAIRS.values():
                self._at = place
                if letter != open_.pop():
                    break
                if not open_:
                    self._at += 1
                    return self._text[start:place]
        else:
            self._at = len(self._text)
        raise self._unexpected(f'"{_PAIRS[self._text[start - 1]]}"')

    def _unexpected(self, expected: str) -> GraphError:
        rest = self._text[self._at : self._at + 1]
        return _syntax(f"Expected {expected} instead of {_quoted(rest)}.", self._at, self._text)


def _quoted(letter: str) -> str:
    return f'"{letter}"' if letter else "end of string"


def _syntax(words: str, place: int, text: str) -> GraphError:
    return GraphError("2500/syntax", words=words, place=str(place), text=text)


def _joined(text: str) -> str:
    if not text.lstrip().startswith("["):
        return text
    try:
        fields = json.loads(text)
    except ValueError:
        raise GraphError("100") from None
    if not all(isinstance(name, str) for name in fields):
        raise GraphError("100")
    return ",".join(fields)
