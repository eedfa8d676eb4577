"""The documents say what the code does: every code, setting, path, command, status and file, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.app import create_app
from symphony_connect.base import config
from symphony_connect.base.clock import system_clock
from symphony_connect.base.errors import CODES
from symphony_connect.base.model import Reason, Status
from symphony_connect.cli.doctor import MARKS
from symphony_connect.connections.event_types import CATALOGUE, DELIVERED
from symphony_connect.platforms.base import Platform
from symphony_connect.web.api.schemas import ReceiptOut
from tests.tools.repository import ROOT, SOURCE, files, text


def page(name: str) -> str:
    return text(Path("docs") / name)


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings() -> set[str]:
    """Every setting that a start reads."""
    asked = Asked()
    env = config.load(asked).env
    platforms.load(env, httpx2.AsyncClient(), system_clock, production=False)
    return {name for name in asked.names if f"{name}_FILE" in asked.names}


def error_rows() -> list[str]:
    """The table of docs/errors.md: what this prints goes there."""
    return [f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in CODES.items()]


def test_the_error_table_is_the_codes() -> None:
    written = [line for line in page("errors.md").splitlines() if line.startswith("| `")]
    assert written == error_rows(), "put this into docs/errors.md:\n" + "\n".join(error_rows())


def test_every_setting_is_explained_and_no_other() -> None:
    named = {
        name
        for path in files()
        if path.suffix == ".md" and path.parts[0] != "tests"
        for name in re.findall(r"\bSYMPHONY_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?![_*<…])", text(path))
        if not name.startswith("SYMPHONY_TEST_")  # the tests' own
    }
    chapters = [platforms.file(name, "going-live.md") for name in platforms.names()]
    going_live = page("going-live.md") + "".join(path.read_text("utf-8") for path in chapters if path.exists())
    assert {name for name in settings() if f"`{name}`" not in going_live} == set()
    assert {name for name in named - settings() if name.removesuffix("_FILE") not in settings()} == set()


def test_every_call_is_in_the_document() -> None:
    spec = create_app(config.load({})).openapi()
    calls = {
        f"{method.upper()} {path.removeprefix('/api/sym/v2')}"
        for path, methods in spec["paths"].items()
        for method in methods
    }
    assert calls
    assert {call for call in calls if f"`{call}" not in page("api.md")} == set()
    headings = set(re.findall(r"^#+ `([A-Z]+ /[^`?]*)", page("api.md"), re.MULTILINE))
    assert headings - calls == set()


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_explained(scope: str) -> None:
    assert f"`{scope}`" in page("api.md")


def test_no_scope_that_something_needs_is_said_to_do_nothing() -> None:
    needed = {
        scope
        for path in SOURCE.rglob("*.py")
        for scope in re.findall(r"[Nn]eeds\(\s*\"([\w:]+)\"", path.read_text("utf-8"))
    }
    assert len(needed) >= 4
    rows = [line for line in page("api.md").splitlines() if "nothing yet" in line and line.startswith("| `")]
    assert set(re.findall(r"`([\w:]+)`", "".join(rows))) & needed == set()


def test_the_catalogue_of_events_is_the_documented_one() -> None:
    table = page("api.md").partition("| Type | What it says |")[2].partition("\n\n")[0]
    rows = [f"| `{type}` | {says} | {'yes' if type in DELIVERED else ''} |" for type, says in CATALOGUE.items()]
    assert table.splitlines()[2:] == rows, "put this into docs/api.md:\n" + "\n".join(rows)


@pytest.mark.parametrize("outcome", get_args(ReceiptOut.model_fields["upstream"].annotation))
def test_every_outcome_of_a_disconnect_is_explained(outcome: str) -> None:
    assert f"| `{outcome}` |" in page("api.md")


@pytest.mark.parametrize("word", [*Status, *Reason])
def test_every_status_and_reason_says_what_to_do(word: str) -> None:
    seen = page("operating.md").partition("## Statuses")[2].partition("## Backups")[0]
    assert f"| `{word}` |" in seen


@pytest.mark.parametrize("state", MARKS)
def test_every_mark_of_doctor_is_explained(state: str) -> None:
    mark = re.sub(r"\[[^]]*\]", "", MARKS[state])
    assert f"| {mark} `{state}` |" in page("going-live.md")


def test_every_sdk_error_code_is_explained_and_no_other() -> None:
    declared = text(Path("sdk/symphony-connect.d.ts")).partition("type ErrorCode =")[2].partition(";")[0]
    table = re.findall(r"^\| `(\w+)` \|", page("sdk.md").partition("## Errors")[2], re.MULTILINE)
    assert set(table) == set(re.findall(r'"(\w+)"', declared))


@pytest.mark.parametrize("name", platforms.names())
def test_the_files_of_a_platform_are_those_that_the_guide_lists(name: str) -> None:
    listed = re.findall(r"^    (\S+<name>/\S*)", page("adding-a-platform.md"), re.MULTILINE)
    assert len(listed) >= 5
    assert [path for path in listed if not (ROOT / path.replace("<name>", name)).exists()] == []


def test_the_guide_names_every_verb_of_a_platform() -> None:
    guide = page("adding-a-platform.md")
    members = {
        *Platform.__annotations__,
        *(name for name in vars(Platform) if not name.startswith("_")),
    }
    assert {name for name in members if f"`{name}`" not in guide} == set()


def test_the_tests_that_the_guide_names_exist() -> None:
    """In the file that their line names, or in the tests that come with a platform."""
    table = page("adding-a-platform.md").partition("### Which test")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "test" in line]
    come_with = [text(path) for path in files() if path.match("tests/*_platform/tests/*.py")]
    come_with += [text(path) for path in files() if path.match("tests/platforms/*/test_*.py")]
    missing = []
    for row in rows:
        named = [text(Path(path)) for path in re.findall(r"`(tests/[\w/]+\.py)`", row)]
        tests = re.findall(r"`(test_\w+)`", row)
        assert tests, f"no test in: {row}"
        missing += [test for test in tests if not any(f"def {test}(" in body for body in named + come_with)]
    assert len(rows) >= 10
    assert missing == []


def test_files_that_prose_names_exist() -> None:
    """Paths in backquotes, from the root or from the package."""
    path_like = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|ts|sql|md|json|mjs|yml|toml|js))`")
    dead = {
        f"{document}: {named}"
        for document in files()
        if document.suffix == ".md" and document.name != "CHANGELOG.md"
        for named in path_like.findall(text(document))
        if not any((home / named).exists() for home in (ROOT, SOURCE, ROOT / document.parent))
    }
    assert dead == set()


def test_every_decision_is_in_the_index() -> None:
    folder = Path("docs/decisions")
    listed = set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", page("decisions/README.md")))
    assert listed == {path.name for path in files() if path.parent == folder and path.name != "README.md"}


def test_documents_that_the_code_points_to_exist() -> None:
    named = {
        name for path in SOURCE.rglob("*.py") for name in re.findall(r"docs/[\w./-]+\.md", path.read_text("utf-8"))
    }
    assert {name for name in named if not (ROOT / name).exists()} == set()
