"""How much the tests of faults do, and the tables of what they found, at the end of every run that had any."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

FULL = os.environ.get("FAULTS") == "full"
"""`make faults`: a thousand kills where `make test` makes fifty."""
_rows: list[tuple[str, str, str]] = []
_lines: list[tuple[str, str]] = []

Figure = Callable[[str, str], None]
"""`figure("kill -9 before the upstream call", "0 lost in 1,000")`."""


def pytest_runtest_logreport(report: Any) -> None:
    if report.when == "teardown":
        name = report.nodeid.rpartition("::")[2]
        engine = next((word for word in ("sqlite", "postgresql") if word in name), "")
        _rows.extend((line, figure, engine) for line, figure in _told(report, "figure"))
        _lines.extend((name, line) for line in _told(report, "line"))


def _told(report: Any, what: str) -> list[Any]:
    return [value for key, value in report.user_properties if key == what]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name in dict.fromkeys(name for name, _ in _lines):
        terminalreporter.section(name)
        terminalreporter.write_line("\n".join(line for its, line in _lines if its == name))
    if not _rows:
        return
    width = max(len(line) for line, _, _ in _rows)
    terminalreporter.section("faults")
    for line, figure, engine in sorted(_rows):
        terminalreporter.write_line(f"{line:<{width}}  {engine:<10}  {figure}")
