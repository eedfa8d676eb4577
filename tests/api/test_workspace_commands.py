"""`workspaces`, and what `keys` does about them and about ids that are there to be copied."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.journey.dashboard.seed import Seed, pour
from tests.platforms import contract
from tests.tools.process import CLI
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, shared_sandbox: Sandbox, tmp_path: Path) -> Service:
    """An empty one; nothing is served."""
    made = Service(shared_sandbox, tmp_path, contract.settings(shared_sandbox))
    if request.param == "postgresql":
        made.env["SYMPHONY_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    return made


def names(installation: Service) -> list[str]:
    return [each["name"] for each in json.loads(installation.cli("workspaces", "list", "--json").stdout)]


def test_a_misspelt_workspace_is_not_made(installation: Service) -> None:
    assert installation.cli("keys", "create", "--workspace", "acme").stdout.startswith("sym_sk_"), "the first is made"
    refused = installation.cli("keys", "create", "--workspace", "acmee", check=False)
    assert refused.returncode == 2
    assert "Did you mean 'acme'?" in refused.stderr
    assert "workspaces create" in refused.stderr
    assert names(installation) == ["acme"]
    installation.cli("keys", "create", "--workspace", "beta", "--create-workspace")
    installation.cli("workspaces", "create", "gamma")
    assert names(installation) == ["acme", "beta", "gamma"]
    again = installation.cli("workspaces", "create", "gamma", check=False)
    assert (again.returncode, "already" in again.stderr) == (1, True)


def test_a_workspace_is_removed_with_keys_and_history(installation: Service) -> None:
    key = installation.new_key()
    installation.new_key(workspace="beta")
    asked = installation.cli("workspaces", "remove", "acme", check=False)
    assert (asked.returncode, "Add --yes" in asked.stderr) == (2, True), "nobody said yes"
    unknown = installation.cli("workspaces", "remove", "bete", check=False)
    assert (unknown.returncode, "Did you mean 'beta'?" in unknown.stderr) == (1, True), "looked for before asking"
    assert names(installation) == ["acme", "beta"]
    installation.cli("workspaces", "remove", "acme", "--yes")
    assert names(installation) == ["beta"]
    assert key["id"] not in installation.cli("keys", "list").stdout
    gone = installation.cli("workspaces", "remove", "bete", "--yes", check=False)
    assert (gone.returncode, "Did you mean 'beta'?" in gone.stderr) == (1, True)


def test_a_workspace_with_brands_is_not_removed(shared_sandbox: Sandbox, tmp_path: Path) -> None:
    installation = Service(shared_sandbox, tmp_path, contract.settings(shared_sandbox))
    installation.new_key()
    pour(installation.data_dir / "symphony.db", [Seed(1, name="Cedar")], 1_800_000_000_000, "acme")
    refused = installation.cli("workspaces", "remove", "acme", "--yes", check=False)
    assert (refused.returncode, "brands: 1" in refused.stderr) == (1, True)
    assert names(installation) == ["acme"]


def on_terminal(installation: Service, *arguments: str) -> str:
    """What a terminal of 40 columns is shown."""
    ours, theirs = pty.openpty()
    env = {**installation.env, "COLUMNS": "40", "TERM": "xterm"}
    done = subprocess.run([CLI, *arguments], env=env, cwd=installation.folder, stdin=theirs, stdout=theirs, timeout=60)
    os.close(theirs)
    assert done.returncode == 0
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    return shown


def test_ids_are_never_broken_and_a_pipe_gets_plain_lines(shared_sandbox: Sandbox, tmp_path: Path) -> None:
    installation = Service(shared_sandbox, tmp_path, contract.settings(shared_sandbox))
    key = installation.new_key("--name", "campaigns and reports of the north", "--publishable", "--origin", ORIGIN)
    shown = on_terminal(installation, "keys", "list")
    for whole in (key["id"], ORIGIN, "campaigns and reports of the north"):
        assert whole in shown
    (line,) = installation.cli("keys", "list").stdout.splitlines()
    cells = line.split("\t")
    assert (cells[0], cells[1], cells[4], cells[5]) == (key["id"], "acme", "campaigns and reports of the north", ORIGIN)


ORIGIN = "https://a-shop-with-a-rather-long-name.example"
