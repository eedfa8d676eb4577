"""`brands list` and `brands show`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symphony_connect.cli.brands import PAGE
from tests.journey.dashboard.seed import Seed, pour
from tests.platforms import contract
from tests.platforms.chosen import ANY, OTHER
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

NOW = 1_800_000_000_000
ODD = "[bold]Cedar[/bold] \x1b[31mTea\x9b2K \u202e:tea:"
ODD_SHOWN = "[bold]Cedar[/bold] \\u001b[31mTea\\u009b2K \\u202e:tea:"


@pytest.fixture
def installation(shared_sandbox: Sandbox, tmp_path: Path) -> Service:
    """Two workspaces with brands in them; nothing is served."""
    made = Service(shared_sandbox, tmp_path, {**contract.settings(shared_sandbox), "COLUMNS": "200"})
    made.cli("keys", "create", "--workspace", "acme")
    made.cli("keys", "create", "--workspace", "rival", "--create-workspace")
    database = made.data_dir / "symphony.db"
    pour(database, [Seed(1, name=ODD), Seed(1, OTHER, name=ODD), Seed(2, name="Harbor Coffee")], NOW, "acme")
    pour(database, [Seed(1, name="Alpine Foods", tag="rival")], NOW, "rival")
    return made


def test_every_brand_is_listed_with_its_connections(installation: Service) -> None:
    output = json.loads(installation.cli("brands", "list", "--json").stdout)
    listed = [(each["workspace"], each["id"], [one["adPlatform"] for one in each["connections"]]) for each in output]
    assert listed == [("acme", 1, [ANY, OTHER]), ("acme", 2, [ANY]), ("rival", 1, [ANY])]
    shown = installation.cli("brands", "list").stdout
    assert len(shown.splitlines()) == 4
    assert "Harbor Coffee" in shown


def test_more_brands_than_are_held_at_a_time(installation: Service) -> None:
    """The pages make one JSON array, with every brand once, and in a pipe one line for each connection."""
    pour(
        installation.data_dir / "symphony.db",
        [Seed(number, tag="many") for number in range(10, PAGE + 60)],
        NOW,
        "acme",
    )
    printed = installation.cli("brands", "list", "--json").stdout
    output = json.loads(printed)
    assert [each["id"] for each in output if each["workspace"] == "acme"] == [1, 2, *range(10, PAGE + 60)]
    assert len(printed.splitlines()) == len(output)
    shown = installation.cli("brands", "list", "--workspace", "acme").stdout
    rows = [line.split("\t") for line in shown.splitlines()]
    assert [row[1] for row in rows] == ["1", "1", "2", *map(str, range(10, PAGE + 60))]


def test_no_brands_are_an_empty_array(shared_sandbox: Sandbox, tmp_path: Path) -> None:
    empty = Service(shared_sandbox, tmp_path)
    assert json.loads(empty.cli("brands", "list", "--json").stdout) == []
    assert empty.cli("brands", "list").stdout == ""


def test_one_workspace_or_one_brand(installation: Service) -> None:
    output = json.loads(installation.cli("brands", "list", "--workspace", "rival", "--json").stdout)
    assert [each["name"] for each in output] == ["Alpine Foods"]
    output = json.loads(installation.cli("brands", "show", "2", "--json").stdout)
    assert (output["name"], output["connections"][0]["status"]) == ("Harbor Coffee", "connected")


def test_nothing_of_that_name(installation: Service) -> None:
    for arguments, words in (
        (("list", "--workspace", "nowhere"), "There is no workspace 'nowhere'."),
        (("show", "3"), "There is no brand 3"),
    ):
        done = installation.cli("brands", *arguments, check=False)
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr


def test_a_name_is_shown_as_it_is_and_commands_nothing(installation: Service) -> None:
    """Neither our markup nor the terminal's: whoever holds a key chooses the name."""
    for arguments in (("list",), ("show", "1", "--workspace", "acme")):
        shown = installation.cli("brands", *arguments).stdout
        assert ODD_SHOWN in shown
        assert shown.replace("\n", "").replace("\t", "").isprintable()
        machines = installation.cli("brands", *arguments, "--json").stdout
        assert ODD_SHOWN in machines
        assert repr(ODD) in repr(json.loads(machines))
        assert machines.replace("\n", "").isprintable()


def test_a_brand_is_shown_in_words(installation: Service) -> None:
    shown = installation.cli("brands", "show", "2").stdout
    for unlike_words in ("None", "{", "[", "'"):
        assert unlike_words not in shown
