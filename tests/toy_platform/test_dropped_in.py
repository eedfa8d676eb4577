"""A platform of the most ordinary kind, dropped in as two folders, passes what every platform must pass.

`make toy` runs all suites there (also `make faults`); each `make test` runs the part of them that is the toy's.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.toy_platform import dropping

FULL = os.environ.get("FAULTS") == "full"
SUITES = ("contract", "house", "sandbox", "sdk", "journey", "recovery", "renewal")


@pytest.mark.timeout(900)
def test_it_passes_the_contract_and_the_house(copy: Path) -> None:
    told = dropping.pytest(
        copy,
        "-n",
        "0",
        "-k",
        "(toy and not postgresql) or house",
        "tests/contract",
        "tests/house",
        "tests/platforms/toy",
    )
    assert " passed" in told


@pytest.mark.timeout(900)
def test_it_passes_where_tests_walk_every_platform(copy: Path) -> None:
    told = dropping.pytest(copy, "-n", "0", "-k", "toy", "tests/journey", "tests/sandbox", "tests/renewal", "tests/api")
    assert " passed" in told


@pytest.mark.timeout(4000)
@pytest.mark.skipif(not FULL, reason="minutes; FAULTS=full or `make toy` runs it")
@pytest.mark.parametrize("suite", SUITES)
def test_whole_suites_pass_beside_it(copy: Path, suite: str) -> None:
    dropping.pytest(copy, "-n", "0", f"tests/{suite}", within=3900)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", [("toy",), ("toy", "kite"), ("toy", "kite", "marble")], ids=len)
def test_the_dashboard_holds_as_many_as_there_are(tmp_path: Path, names: tuple[str, ...]) -> None:
    made = dropping.copy_of_the_repository(tmp_path)
    for name in names:
        dropping.drop(made, name)
    told = dropping.pytest(made, "-n", "0", "tests/journey/dashboard/test_every_platform.py")
    assert "1 passed" in told
