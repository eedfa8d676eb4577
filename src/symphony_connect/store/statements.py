"""Named SQL statements: declared in a folder's `sql.py`, written in the `.sql` files beside it.

`declared(__name__)` reads those files when the module is imported, so a name that is on one side only,
or that returns something else than it says, stops the start. A name that nobody declared fails in mypy.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENGINES = ("sqlite", "postgresql")
_NAMED = re.compile(r"^-- name: (?P<name>\w+)\([^)]*\)(?P<kind>[\^!]?)$", re.MULTILINE)
_KINDS = {"^": "One", "!": "Run", "": "All"}


@dataclass(frozen=True, eq=False)
class Statement:
    """The text of one statement for each engine, as aiosql reads it: the line with its name included."""

    name: str
    texts: Mapping[str, str]


class One(Statement):
    """Returns the first row, or nothing. A write says `RETURNING` to tell whether it found anything."""


class All(Statement):
    """Returns every row."""


class Run(Statement):
    """Returns nothing."""


def declared(module: str) -> None:
    """Give each name that a module annotates as One, All or Run its statement.

    `name.sql` is for both engines, `name.sqlite.sql` and `name.postgresql.sql` for one each. Raises
    ImportError when the names of the module and of the files beside it differ.
    """
    namespace = vars(sys.modules[module])
    wanted: dict[str, type[Statement]] = {
        name: {"One": One, "All": All, "Run": Run}[getattr(kind, "__name__", str(kind))]
        for name, kind in namespace["__annotations__"].items()
    }
    written = _written(Path(namespace["__file__"]).parent)
    if strays := set(wanted) ^ set(written):
        raise ImportError(f"{module}: {', '.join(sorted(strays))} must be both declared and written in a .sql file")
    for name, kind in wanted.items():
        text, says = written[name]
        if says != kind.__name__ or set(text) != set(ENGINES):
            engines = ", ".join(text)
            raise ImportError(f"{module}.{name} is declared {kind.__name__}; its .sql file says {says}, for {engines}")
        namespace[name] = kind(name, text)


def _written(folder: Path) -> dict[str, tuple[dict[str, str], str]]:
    """Every statement of a folder's files: its text for each engine, and what it returns."""
    found: dict[str, tuple[dict[str, str], str]] = {}
    for path in sorted(folder.glob("*.sql")):
        suffix = Path(path.stem).suffix.lstrip(".")
        text = path.read_text(encoding="utf-8")
        starts = list(_NAMED.finditer(text))
        if text.count("-- name:") != len(starts):
            raise ImportError(f"{path} holds a name that is not written as `-- name: name(parameters)`")
        ends = [*(start.start() for start in starts[1:]), len(text)]
        for start, end in zip(starts, ends, strict=True):
            texts, _ = found.setdefault(start["name"], ({}, _KINDS[start["kind"]]))
            for engine in (suffix,) if suffix else ENGINES:
                if engine in texts:
                    raise ImportError(f"{start['name']} is written twice for {engine}, once in {path}")
                texts[engine] = text[start.start() : end]
    return found
