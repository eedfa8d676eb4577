"""Which documented calls the sandbox answers, from its platforms' own tables."""

from __future__ import annotations

from symphony_connect.sandbox.app import discover
from symphony_connect.sandbox.platform import Endpoint
from symphony_connect.sandbox.world import LocalClock, World


def coverage() -> dict[str, list[Endpoint]]:
    """By platform; one that names no endpoints is left out."""
    found = discover(World(LocalClock(), "coverage"))
    return {name: list(each.endpoints()) for name, each in found.items() if hasattr(each, "endpoints")}


def matrix() -> list[str]:
    """The same as lines of a table in Markdown."""
    rows = [(name, *endpoint) for name, endpoints in coverage().items() for endpoint in endpoints]
    head = ["| Platform | Methods | Path | |", "|-|-|-|-|"]
    return head + [f"| {name} | {methods} | `{path}` | {note} |" for name, methods, path, note in rows]
