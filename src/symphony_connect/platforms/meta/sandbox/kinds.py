"""The types of the Graph API's nodes: their fields, their edges, and the nodes inside their rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.fields import wanted

_FILE: Mapping[str, Mapping[str, Any]] = {
    name: part
    for name, part in json.loads(Path(__file__).with_name("fields.json").read_text(encoding="utf-8")).items()
    if isinstance(part, dict)
}
_FIELDS: Mapping[str, frozenset[str]] = {kind: frozenset(line.split()) for kind, line in _FILE["fields"].items()}
EDGES: Mapping[str, Mapping[str, str]] = {
    kind: {**dict.fromkeys(_FILE["other_edges"][kind].split(), ""), **edges} for kind, edges in _FILE["edges"].items()
}
"""By node type: its edges, and the type of what they list, empty where every field is accepted."""
USUAL: Mapping[str, Sequence[str]] = {
    "AdAccount": ("account_id",),
    "IGUser": ("username",),
    "Permission": ("permission", "status"),
    "AdReportRun": ("account_id", "async_percent_completion", "async_status", "is_running"),
    "AdsInsights": ("account_id", "date_start", "date_stop", "impressions", "spend"),
    "AdImage": ("hash",),
    "activities": ("event_time", "event_type"),
    "accounts": ("access_token", "category", "category_list", "name", "tasks"),
}
"""Fields of a type's rows, or of an edge's, when none are asked for, besides `id`; `name` elsewhere."""


OF_EDGE: Mapping[str, frozenset[str]] = dict.fromkeys(
    ("accounts", "assigned_pages", "assigned_ad_accounts"), frozenset({"tasks"})
)
"""Fields that rows have on an edge alone, as what somebody may do with a Page."""


def inside(kind: str, name: str) -> str:
    """The type of the node in this field, as `Business` in `business` of an AdAccount; empty for a plain value."""
    found: str = _FILE["nodes"].get(kind, {}).get(name, "")
    return found


def has_field(kind: str, name: str) -> bool:
    return name in _FIELDS[kind]


def check(kind: str, fields: str, edge: str = "") -> None:
    """Raises GraphError for what nodes of this type, as rows of this edge, do not have, at any depth.

    A type that the file does not list has every field.
    """
    here = OF_EDGE.get(edge, frozenset())
    for wish in wanted(fields).values():
        edges = EDGES.get(kind, {})
        if kind in _FIELDS and wish.name not in edges and wish.name not in _FIELDS[kind] | here:
            raise nonexisting(kind, wish.name)
        check(edges.get(wish.name) or inside(kind, wish.name), wish.inner, wish.name)


def nonexisting(kind: str, name: str) -> GraphError:
    """The refusal of a field or an edge that nodes of this type do not have."""
    return GraphError("100/insights-field" if kind == "AdsInsights" else "100/field", id=name, kind=kind)
