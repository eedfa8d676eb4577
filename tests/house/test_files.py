"""What files look like, and what must not be in them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.tools.repository import ROOT, files, nodes, text

LONGEST = 300
WRITTEN_BY_HAND = {".py", ".ts", ".mjs", ".js", ".sql", ".html", ".css"}
SLEEPS = {"sleep", "wait_for_timeout"}


def by_hand(path: Path) -> bool:
    return path.suffix in WRITTEN_BY_HAND and ".min." not in path.name and "vendor" not in path.parts


def test_files_are_short_or_say_why_not() -> None:
    long = {
        str(path): len(lines)
        for path in files()
        if by_hand(path)
        and len(lines := text(path).splitlines()) > LONGEST
        and f"Longer than {LONGEST} lines because" not in "\n".join(lines[:15])
    }
    assert long == {}


def sleeps(path: Path) -> list[str]:
    """Calls that wait for the hour instead of a condition; `sleep(0)` only lets others run."""
    return [
        f"{path}:{node.lineno}"
        for node in nodes(ROOT / path)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in SLEEPS
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
    ]


def test_no_test_sleeps() -> None:
    waits = Path("tests/tools/wait.py")
    found = [
        call
        for path in files()
        if path.parts[0] == "tests" and path.suffix == ".py" and path != waits
        if any(name in text(path) for name in SLEEPS)
        for call in sleeps(path)
    ]
    assert found == []


def test_locks_name_no_registry() -> None:
    locks = [path for path in files() if path.suffix == ".lock" or path.name == "package-lock.json"]
    assert Path("requirements/run.lock") in locks
    source = re.compile(r'--(extra-)?index-url|--find-links|"resolved"')
    assert [path for path in locks if source.search(text(path))] == []
    assert [path for path in locks if path.suffix == ".lock" and "://" in text(path)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    somebodys = re.compile(
        r"(?<![\w.:/-])/(?:home|Users|root|work|tmp|private/tmp|var/folders)/\w|" + re.escape(str(ROOT)) + r"\b"
    )
    found = [f"{path}: {hit.group()}" for path in files() for hit in somebodys.finditer(text(path))]
    assert found == []


def test_no_skip_without_a_reason_on_its_line() -> None:
    silent = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail)\b(?!.*[\"'].{8,}[\"'])")
    found = [
        f"{path}:{number}"
        for path in files()
        if path.parts[0] == "tests" and path.suffix == ".py" and path.name != Path(__file__).name
        for number, line in enumerate(text(path).splitlines(), 1)
        if silent.search(line)
    ]
    assert found == []
