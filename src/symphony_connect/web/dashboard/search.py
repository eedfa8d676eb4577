"""How a search over a million rows stays short: what is common is soon met, what is rare has an index.

The next FEW_STEPS rows of the list are looked at first: of words that many rows hold they have a page. Else the
index over letters is asked; up to RARE rows that hold the words are sorted. For more, and for
words of one or two letters, which the index does not have, the next MOST_STEPS rows are looked at, and the page
says that it stopped there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.letters import folded
from symphony_connect.core import Core
from symphony_connect.store.db import Row

WORDS = 6
"""Looked for in any order; from the last one on they are one phrase."""
GRAM = 3
"""Letters that the index knows together."""
FEW_STEPS = 2_000
MOST_STEPS = 20_000
RARE = 3_000


@dataclass(frozen=True)
class Sought:
    """Words as the database looks for them, in names and ids, in any case."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Sought:
        return cls(tuple(" ".join(word.split()) for word in folded(text).split(maxsplit=WORDS - 1)))

    @property
    def patterns(self) -> dict[str, str]:
        """For LIKE, with `!` as its escape."""
        likes = ["%" + re.sub("([!%_])", r"!\1", word) + "%" for word in self.words]
        return {f"word{place + 1}": like for place, like in enumerate([*likes, *["%"] * WORDS][:WORDS])}

    def grams(self, engine: str, column: str) -> Any:
        """What the index is asked for; None when all words are too short for it."""
        found = sorted({gram for word in self.words for gram in _cover(word)})
        if not found or engine != "sqlite":
            return found or None
        return f"{column} : (" + " AND ".join('"' + gram.replace('"', '""') + '"' for gram in found) + ")"


@dataclass(frozen=True)
class Page:
    """`stopped`: the last row that was looked at, where there are more that were not."""

    rows: list[Row]
    stopped: Row | None = None


@dataclass(frozen=True)
class Ways:
    """The statements for one kind of row, with all their parameters but these; `key` names what a page counts."""

    key: str
    walked: Callable[[int], Awaitable[list[Row]]]
    place: Callable[[int], Awaitable[Row | None]]
    found: Callable[[Any, int], Awaitable[list[Row]]]


async def search(core: Core, sought: Sought, column: str, most: int, ways: Ways) -> Page:
    """Up to `most` rows in the order of the list; fewer when `stopped` says so."""

    def full() -> bool:
        return len({row[ways.key] for row in rows}) >= most

    stopped = await ways.place(FEW_STEPS)
    rows = await ways.walked(FEW_STEPS)
    if stopped is None or full():
        return Page(rows)
    grams = sought.grams(core.store.engine, column)
    held = await ways.found(grams, RARE + 1) if grams else []
    if held and held[0]["found"] <= RARE:
        return Page([row for row in held if row[ways.key] is not None])
    stopped = await ways.place(MOST_STEPS)
    rows = await ways.walked(MOST_STEPS)
    return Page(rows, None if full() else stopped)


def _cover(word: str) -> list[str]:
    """As few pieces of three letters as hold every letter of the word; each costs the index time."""
    last = len(word) - GRAM
    return [word[at : at + GRAM] for at in sorted({*range(0, last + 1, GRAM), last}) if at >= 0]
