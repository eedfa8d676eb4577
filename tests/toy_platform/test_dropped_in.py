"""A platform of the most ordinary kind, dropped in as two folders, passes what every platform must pass.

`make toy` runs whole suites there. `make test` runs the toy's own tests, which connect it in a browser too, its part
of the contract, and the house tests that look for names, imports and documents.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.toy_platform import dropping

FULL = os.environ.get("FAULTS") == "full"
LONG = pytest.mark.skipif(not FULL, reason="minutes; `make toy` runs it")
SUITES = (
    *("contract", "house", "sandbox", "sdk", "journey", "recovery", "renewal"),
    *("adopt", "assets", "events", "proxy", "webhooks"),
)


@pytest.mark.timeout(900)
def test_it_passes_the_contract_and_the_house(copy: Path) -> None:
    only = "(toy and not postgresql) or test_names or test_arrows or test_reference"
    output = dropping.pytest(
        copy, "-n", "0", "-k", only, "tests/contract", "tests/house", "tests/platforms/toy", within=850
    )
    assert " passed" in output


@pytest.mark.timeout(4000)
@LONG
@pytest.mark.parametrize("suite", SUITES)
def test_whole_suites_pass_beside_it(copy: Path, suite: str) -> None:
    dropping.pytest(copy, "-n", "0", f"tests/{suite}", within=3900)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param((), marks=LONG),
        pytest.param(("kite",), marks=LONG),
        ("kite", "marble"),
    ],
    ids=["three", "four", "five"],
)
def test_the_pages_hold_as_many_as_there_are(tmp_path: Path, more: tuple[str, ...]) -> None:
    """The most of them with every `make test`."""
    made = dropping.copy_of_the_repository(tmp_path)
    for name in ("toy", *more):
        dropping.drop(made, name)
    output = dropping.pytest(made, "-n", "0", "tests/journey/dashboard/test_every_platform.py", within=550)
    assert "1 passed" in output
