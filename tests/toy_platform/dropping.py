"""A copy of this repository into which platforms are dropped, as folders and by nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools.repository import PACKAGE, ROOT, files

HERE = Path(__file__).parent
OWN = HERE.relative_to(ROOT)


def copy_of_the_repository(to: Path) -> Path:
    """All that git keeps, but for the toy. A repository again, for the house tests ask git what it keeps."""
    for path in files():
        if OWN not in path.parents:
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, to / path)
    subprocess.run(["git", "init", "--quiet"], cwd=to, check=True)
    return to


def drop(copy: Path, name: str = "toy") -> None:
    """The toy's two folders, under its own name or another: its paths, ids and settings are then named so too."""
    places = {"source": copy / "src" / PACKAGE / "platforms" / name, "tests": copy / "tests" / "platforms" / name}
    for part, place in places.items():
        shutil.copytree(HERE / part, place, ignore=shutil.ignore_patterns("__pycache__"))
        if name != "toy":
            for path in place.rglob("*.*"):
                path.write_text(renamed(path.read_text("utf-8"), name), "utf-8")


def renamed(text: str, name: str) -> str:
    """`toy`, `Toy` and `TOY` replaced where they begin a word."""
    for word, other in (("toy", name), ("Toy", name.title()), ("TOY", name.upper())):
        text = re.sub(rf"(?<![A-Za-z]){word}", other, text)
    return text


def environment(copy: Path) -> dict[str, str]:
    """The copy's package before the installed one. Faults at their usual strength: `make faults` has the full one."""
    kept = {name: value for name, value in os.environ.items() if name != "FAULTS"}
    return {**kept, "PYTHONPATH": str(copy / "src")}


def pytest(copy: Path, *arguments: str, within: int = 900) -> str:
    """What `pytest` prints there; a failure fails this test with it."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    env = {name: value for name, value in environment(copy).items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=within)
    output = done.stdout[-12_000:] + done.stderr[-2_000:]
    assert done.returncode == 0, output
    return output
