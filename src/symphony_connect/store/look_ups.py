"""A statement for one row, made so that PostgreSQL answers many questions with it in one round trip."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from symphony_connect.store.statements import One

Question = Mapping[str, str | int]
"""Values for a statement's parameters but `now`, by name."""
Found = Sequence[Any]
"""A row's values, in the order of the statement's columns."""
Ask = Callable[[Question, int], Awaitable[Found | None]]
"""The row for a question at a time (milliseconds), or None. Raises StoreUnavailable."""

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_TYPES = {str: "text[]", int: "bigint[]"}


class ForOne:
    """The statement with `$1, $2 …` in place of names."""

    def __init__(self, statement: One) -> None:
        text = statement.texts["postgresql"]
        self.names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
        self.text = _PARAMETER.sub(lambda found: f"${self.names.index(found[1]) + 1}", text)

    def arguments(self, question: Question, now: int) -> list[Any]:
        return [now if name == "now" else question[name] for name in self.names]


class ForMany:
    """The statement joined with an array for each of a question's values; the last column of a row is its `place`."""

    def __init__(self, statement: One, question: Question) -> None:
        self.names = tuple(question)
        text = statement.texts["postgresql"].rstrip().rstrip(";")
        text = _PARAMETER.sub(lambda found: "$1" if found[1] == "now" else f"asked.{found[1]}", text)
        arrays = ", ".join(f"${place}::{_TYPES[type(question[name])]}" for place, name in enumerate(self.names, 2))
        names = ", ".join(self.names)
        self.text = (  # of our own statements only
            f"SELECT found.*, asked.place FROM unnest({arrays}) WITH ORDINALITY AS asked ({names}, place)"  # noqa: S608
            f" CROSS JOIN LATERAL (\n{text}\n) AS found"
        )

    def arguments(self, questions: Sequence[Question], now: int) -> list[Any]:
        return [now, *([question[name] for question in questions] for name in self.names)]
