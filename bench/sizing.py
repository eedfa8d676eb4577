"""`python -m bench.sizing [--write]`: what an installation needs, computed from `bench/results/all.json`.

Prints Markdown; `--write` puts it, and the table of measurements, into `docs/performance.md`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from bench.report import RESULTS
from symphony_connect.platforms.base import Platform
from symphony_connect.store.postgres import MOST_SESSIONS
from symphony_connect.store.shared import AT_ONCE

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
CONNECTIONS = (1_000, 100_000, 10_000_000)
REPLICAS = (1, 2, 4, 8, 16)
DAY = 86_400
RENEWED_EVERY = 40
"""Days: a token of 60 days is renewed when a third of its life is left."""
CHECKED_EVERY = 1
SHARE = 0.5
"""Of what was measured is planned with: the other half is for peaks, and for a replica that is down."""


def main() -> None:
    found = RESULTS / "all.json"
    if not found.exists():
        sys.exit(f"{found} is not there: run `make bench`, without naming a part, first.")
    measured = json.loads(found.read_text(encoding="utf-8"))
    known = {row["name"]: row["number"] or row["median"] for row in measured["rows"] if row["name"]}
    tables = {"sizing": f"{_of_connections(known)}\n\n{_of_replicas(known)}", "measured": _measured()}
    for text in tables.values():
        print(text, end="\n\n")
    if "--write" in sys.argv:
        document = DOCUMENT.read_text(encoding="utf-8")
        for name, text in tables.items():
            between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            document = between.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", document)
        DOCUMENT.write_text(document, encoding="utf-8")


def _of_connections(known: dict[str, float]) -> str:
    per_change, granted = Platform.calls_per_change, Platform.calls_per_second
    head = (
        "connections",
        "database",
        "calls a second, checks",
        "of them renewals",
        "checks every, at the default pace",
    )
    rows = []
    for number in CONNECTIONS:
        checks = number * per_change / (CHECKED_EVERY * DAY)
        renewals = number * per_change / (RENEWED_EVERY * DAY)
        days = max(number * per_change / granted / DAY, CHECKED_EVERY)
        size = number * known["bytes postgresql"] / 1e9
        rows.append((f"{number:,}", f"{size:,.2f} GB", f"{checks:,.2f}", f"{renewals:,.3f}", f"{days:,.1f} days"))
    return _markdown(head, rows)


def _of_replicas(known: dict[str, float]) -> str:
    head = ("server processes", "reads a second, planned", "PostgreSQL cores for them", "memory", "PostgreSQL sessions")
    rows = []
    for number in REPLICAS:
        reads = number * known["reads postgresql 64"] * SHARE
        cores = reads / (known["rows postgresql"] * SHARE)
        memory, sessions = number * known["memory postgresql"], number * (MOST_SESSIONS + AT_ONCE + 1)
        rows.append((str(number), f"{reads:,.0f}", f"{cores:,.1f}", f"{memory:,.0f} MB", str(sessions)))
    return _markdown(head, rows)


def _measured() -> str:
    return (RESULTS / "all.md").read_text(encoding="utf-8").rstrip()


def _markdown(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["-"] * len(head), *rows))


main()
