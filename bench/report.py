"""One table on the terminal, and in `bench/results/` as JSON and Markdown, with the machine it was measured on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("granian", "asyncpg", "tink", "msgspec", "fastapi")


def write(
    name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], facts: Mapping[str, Any]
) -> None:
    """`facts` are what the JSON holds beside machine and versions."""
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    versions = {package: version(package) for package in PACKAGES}
    RESULTS.mkdir(exist_ok=True)
    data = {"machine": machine, "versions": versions, **facts}
    (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    lines = [f"# {title}", "", f"`make bench ARGS={name}`; {machine}; load by {facts['load']}.", ""]
    lines += [f"| {' | '.join(cells)} |" for cells in (columns, ["-"] * len(columns), *rows)]
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
