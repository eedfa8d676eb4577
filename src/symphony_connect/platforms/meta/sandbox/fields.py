"""The `fields` parameter: what it asks for, and which fields a node of the Graph API has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from symphony_connect.platforms.meta.sandbox.errors import GraphError

_FILE = Path(__file__).with_name("fields.json")
KNOWN: Mapping[str, frozenset[str]] = {
    kind: frozenset(names.split()) for kind, names in json.loads(_FILE.read_text(encoding="utf-8"))["fields"].items()
}
"""Field names by node type, from `fields.json`."""
_MODIFIER = re.compile(r"\.(\w+)\(([^)]*)\)")


@dataclass(frozen=True)
class Wish:
    """One field that was asked for: `adaccounts.limit(2){id,name}`."""

    inner: str = ""
    """What stands in braces."""
    modifiers: Mapping[str, str] = field(default_factory=dict)
    """`{"limit": "2"}`: parameters of the edge."""


def wanted(text: str) -> dict[str, Wish]:
    """By name, in order. `text` is a comma list or a JSON array. Raises GraphError for an array of other things."""
    found: dict[str, Wish] = {}
    for part in _parts(_joined(text)):
        head, brace, inner = part.strip().partition("{")
        name = _MODIFIER.sub("", head).strip()
        if name:
            found[name] = Wish(inner.rstrip().removesuffix("}") if brace else "", dict(_MODIFIER.findall(head)))
    return found


def has(kind: str, name: str) -> bool:
    """Whether nodes of this type have such a field; of a type that the file does not list, every name is one."""
    return kind not in KNOWN or name in KNOWN[kind]


def nonexisting(kind: str, name: str) -> GraphError:
    """The refusal of a field or an edge that a known node does not have."""
    return GraphError("100/field", id=name, kind=kind)


def _joined(text: str) -> str:
    if not text.lstrip().startswith("["):
        return text
    try:
        names = json.loads(text)
    except ValueError:
        raise GraphError("100") from None
    if not all(isinstance(name, str) for name in names):
        raise GraphError("100")
    return ",".join(names)


def _parts(text: str) -> Iterator[str]:
    """Split at commas outside of braces and brackets."""
    depth, part = 0, ""
    for letter in text:
        depth += (letter in "{(") - (letter in "})")
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    yield part
