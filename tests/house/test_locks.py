"""The locks agree, and what `make check` installs is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tools.repository import files, text

PIN = re.compile(r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^ ]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall(text(Path("requirements") / f"{name}.lock")))


@pytest.mark.parametrize("name", ["run", "check"])
def test_every_lock_pins_what_the_tests_run_with(name: str) -> None:
    locked, tested = pins(name), pins("test")
    assert locked
    assert {package: version for package, version in locked.items() if tested.get(package) != version} == {}


def test_checking_installs_none_of_the_tests_own_parts() -> None:
    added = set(pins("check")) - set(pins("run"))
    assert {"ruff", "mypy"} <= added
    assert len(added) < 12


def test_checking_uses_its_own_lock() -> None:
    makefile = text(Path("Makefile"))
    assert "\ncheck: $(VENV)/check.ok\n" in makefile
    assert "-r requirements/check.lock" in makefile


def test_no_lock_holds_an_address() -> None:
    locks = [path for path in files() if path.suffix == ".lock" or path.name == "package-lock.json"]
    assert len(locks) >= 5
    assert [str(path) for path in locks if "://" in text(path)] == []
