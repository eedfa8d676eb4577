"""Each promise of `docs/security.md` and each fault of `docs/faults.md` names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tools.repository import ROOT, text

DOCUMENTS = [Path("docs/security.md"), Path("docs/faults.md"), Path("SECURITY.md")]
NAMED = re.compile(r"`(tests/[\w/*.]+\.py)(?:::(\w+))?`")
LINES = 40


def rows(path: Path) -> list[list[str]]:
    lines = [line for line in text(path).splitlines() if line.startswith("| ") and not line.startswith("| |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_test_that_is_named_exists(path: Path) -> None:
    named = NAMED.findall(text(path))
    assert named
    for file, function in named:
        found = list(ROOT.glob(file))
        assert found, file
        pattern = rf"^(async )?def {function}\("
        assert not function or any(re.search(pattern, one.read_text("utf-8"), re.M) for one in found), function


def test_every_line_of_security_has_a_test_or_says_what_it_waits_for() -> None:
    found = rows(Path("docs/security.md"))
    assert [int(row[0]) for row in found] == list(range(1, LINES + 1))
    for number, promise, tests, state in found:
        assert promise
        assert state.startswith("holds") == bool(NAMED.search(tests)), number
        assert state.startswith(("holds", "coming")), number


def test_every_fault_has_a_test() -> None:
    faults = [row for row in rows(Path("docs/faults.md")) if row[-1] != "Test"]
    assert [fault for fault, _, tests in faults if not NAMED.search(tests)] == []
