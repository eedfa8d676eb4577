"""Rows with their goals: one table on the terminal, and in `bench/results/` as JSON and Markdown."""

from __future__ import annotations

import json
import os
import platform
import statistics
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.load import generator

RESULTS = Path(__file__).parent / "results"
GOALS = Path(__file__).parent / "goals.toml"
IDLE = 0.5
"""Load average up to which nothing else runs."""
PACKAGES = ("granian", "asyncpg", "tink", "msgspec", "fastapi")
COLUMNS = ("what", "against", "goal", "median", "spread", "met", "figures")


@dataclass(frozen=True)
class Row:
    """One measurement. `values` has one for each round: ratios in that round, or figures in `unit`."""

    what: str
    against: str
    values: tuple[float, ...]
    figures: str = ""
    """What the ratios come from, in words."""
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    name: str = ""
    """Under which `sizing.py` finds it."""
    number: float = 0.0
    """What it computes with, where that is not the median."""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}{self.unit}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}{self.unit}"

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.at_least is not None:
            return self.median >= self.at_least
        return None if self.at_most is None else self.median <= self.at_most

    def cells(self) -> tuple[str, ...]:
        spread = f"{_short(min(self.values))} to {_short(max(self.values))}" if len(self.values) > 1 else ""
        met = {True: "yes", False: "no", None: ""}[self.met]
        return self.what, self.against, self.goal, f"{_short(self.median)}{self.unit}", spread, met, self.figures


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def unmet(rows: Sequence[Row]) -> list[str]:
    """For each row that is not met what the limit is and what was tried, as `goals.toml` has it."""
    known = tomllib.loads(GOALS.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.met is False:
            names = [name for name in known if row.what.startswith(name)]
            found.setdefault(max(names, key=len, default=""), []).append(row.what)
    return [
        f"{'; '.join(of)}: {known[name]['limit']} Tried: {known[name]['tried']}"
        if name
        else f"{'; '.join(of)}: nothing is written about it in bench/{GOALS.name} yet."
        for name, of in found.items()
    ]


def write(name: str, rows: Sequence[Row], took: float, load: float) -> None:
    """`took`: seconds for all of it; `load`: the load average before."""
    table = Table(*COLUMNS, title=f"Measured in {took:,.0f} seconds")
    for row in rows:
        table.add_row(*row.cells())
    # Whole sentences: a file or a pipe has no width of its own.
    console = Console()
    console = Console(width=console.width if console.is_terminal else 180)
    console.print(table)
    reasons = unmet(rows)
    for reason in reasons:
        console.print(f"Not met: {reason}", markup=False, highlight=False)
    _save(name, rows, reasons, took, load)


def _save(name: str, rows: Sequence[Row], reasons: list[str], took: float, load: float) -> None:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    versions = {package: version(package) for package in PACKAGES}
    RESULTS.mkdir(exist_ok=True)
    about = {"machine": machine, "versions": versions, "load": generator(), "seconds": round(took), "before": load}
    found = [{**asdict(row), "median": row.median, "goal": row.goal, "met": row.met} for row in rows]
    data = json.dumps({**about, "rows": found, "unmet": reasons}, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(data + "\n", encoding="utf-8")
    on = ", ".join(f"{package} {its}" for package, its in versions.items())
    lines = [f"Measured by `make bench` on {machine}; {on}; load by {generator()}; the client on the same machine."]
    if load > IDLE:
        lines.append(
            f"Other work ran on the machine (load average {load:.1f} before the start): figures in seconds are far "
            "from what it gives, and ratios spread."
        )
    lines.append("")
    lines += [f"| {' | '.join(cells)} |" for cells in (COLUMNS, ["-"] * len(COLUMNS), *(row.cells() for row in rows))]
    lines += ["", "Not met, with what limits it and what was tried:", ""] if reasons else []
    lines += [f"- {reason}" for reason in reasons]
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
