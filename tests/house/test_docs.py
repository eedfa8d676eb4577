"""What the documents promise is there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.tools.process import CLI, clean_env
from tests.tools.repository import ROOT, files, text

CODE = re.compile(r"^```.*?^```|^ {4}\S[^\n]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def commands(program: str) -> set[str]:
    """The first word after `program` wherever a document shows it as code."""
    said = re.compile(rf"(?<![\w./-]){program} +([a-z][a-z-]*)\b(?![./])")
    return {word for path in documents() for code in CODE.findall(text(path)) for word in said.findall(code)}


@cache
def command_line_help() -> str:
    done = subprocess.run([CLI, "--help"], env=clean_env(COLUMNS="200"), capture_output=True, text=True, check=True)
    return done.stdout


def dependencies() -> list[str]:
    project = tomllib.loads(text(Path("pyproject.toml")))["project"]
    return [re.split(r"[\[<>=~! ]", one)[0] for one in project["dependencies"]]


@pytest.mark.parametrize("name", dependencies())
def test_every_dependency_has_its_reason(name: str) -> None:
    reasons = [text(path).lower() for path in documents() if path.parts[:2] == ("docs", "decisions")]
    assert any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", reason) for reason in reasons)


def test_contributing_says_how_to_build_and_test() -> None:
    assert {"test", "check"} <= commands("make")


def test_every_make_target_that_is_written_about_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text(Path("Makefile")), re.MULTILINE))
    assert commands("make") - targets == set()


def test_every_command_that_is_written_about_exists() -> None:
    missing = {
        name for name in commands("symphony-connect") if not re.search(rf"^\W*{name}\b", command_line_help(), re.M)
    }
    assert missing == set()


def test_every_link_inside_the_repository_leads_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
    dead = {
        f"{path}: {target}"
        for path in documents()
        for target in link.findall(text(path))
        if not (ROOT / path.parent / target).exists()
    }
    assert dead == set()
