"""A misspelt error code or scope in our own code fails the type check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

from symphony_connect.base.errors import CODES, Code
from tests.tools.repository import ROOT

MISSPELT = """
from symphony_connect.access.api_keys import Scope
from symphony_connect.base.errors import Problem

good: Scope = "brands:read"
Problem("not_found", "")
bad: Scope = "brands:raed"
Problem("not_fuond", "")
"""


def test_every_code_is_typed_and_no_other() -> None:
    assert get_args(Code) == tuple(CODES)


def test_a_misspelt_code_or_scope_fails_the_type_check(tmp_path: Path) -> None:
    (tmp_path / "misspelt.py").write_text(MISSPELT)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "misspelt.py"]
    env = {"MYPYPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=150)
    lines = [line.split(":")[1] for line in done.stdout.splitlines() if "error:" in line]
    assert lines == ["7", "8"], done.stdout + done.stderr
