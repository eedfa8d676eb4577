"""`make bench` says of each goal that is not met what the limit is and what was tried."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench import report
from bench.report import Row, unmet

BENCH = Path(report.__file__).parent


def test_what_is_not_met_is_explained_once_for_rows_alike() -> None:
    rows = [
        Row("token read, SQLite, 1 at once", "", (0.5,), at_least=0.6),
        Row("token read, SQLite, 16 at once", "", (0.7,), at_least=0.6),
        Row("token read, SQLite, 64 at once", "", (0.1,), at_least=0.6),
        Row("of which nothing is known", "", (2.0,), at_most=1),
        Row("without a goal", "", (1.0,)),
    ]
    first, second = unmet(rows)
    assert first.startswith("token read, SQLite, 1 at once; token read, SQLite, 64 at once: The baseline")
    assert " Tried: " in first
    assert second == "of which nothing is known: nothing is written about it in bench/goals.toml yet."


@pytest.mark.parametrize("load", [0.2, 3.0])
def test_a_busy_machine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: float) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    report.write("all", [Row("seal a grant", "Tink alone", (0.5,), at_least=0.8)], 1.0, load)
    text = (tmp_path / "all.md").read_text(encoding="utf-8")
    assert ("Other work ran on the machine" in text) is (load > 1)
    assert "- seal a grant: Tink takes" in text


def test_every_reason_is_about_a_row_that_there_is() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in BENCH.glob("*.py"))
    for name in tomllib.loads(report.GOALS.read_text(encoding="utf-8")):
        assert name.partition(", ")[0] in sources, name
