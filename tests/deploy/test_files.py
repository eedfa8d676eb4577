"""The files under `deploy/`: what they name exists, and the unit is as closed as it says."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from symphony_connect.cli import app
from tests.house.test_reference import settings
from tests.tools.process import CLI, clean_env
from tests.tools.repository import ROOT, text

DEPLOY = Path("deploy")
UNIT = ROOT / DEPLOY / "symphony-connect.service"
ANALYZE = shutil.which("systemd-analyze")


def unknown(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("SYMPHONY_") and name.removesuffix("_FILE") not in settings()}


def parsed(words: list[str]) -> None:
    """Whether the command line takes them; nothing is run."""
    group: Any = typer.main.get_command(app)
    _, command, rest = group.resolve_command(group.make_context("symphony-connect", words[:1]), words)
    command.make_context(words[0], rest)


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(UNIT.read_text("utf-8"))
    return read


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is missing: apt-get install systemd")
def test_the_unit_is_closed() -> None:
    assert ANALYZE
    command = [ANALYZE, "security", "--offline=true", "--threshold=30", "--no-pager", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr


def test_the_unit_starts_at_boot_and_again() -> None:
    read = unit()
    assert read["Install"]["WantedBy"] == "multi-user.target"
    assert read["Service"]["Restart"] == "always"
    assert read["Service"]["User"] != "root"
    program, *words = read["Service"]["ExecStart"].split()
    assert program == "/opt/symphony-connect/bin/symphony-connect"
    parsed(words)


def test_every_setting_in_the_files_exists() -> None:
    env = set(re.findall(r"^(\w+)=", text(DEPLOY / "symphony-connect.env"), re.MULTILINE))
    assert {"SYMPHONY_PUBLIC_URL", "SYMPHONY_DATA_DIR"} <= env
    compose = yaml.safe_load(text(DEPLOY / "compose.yaml"))
    used = {name for service in compose["services"].values() for name in service["environment"]}
    assert unknown(env | used | set(re.findall(r"\b(SYMPHONY_\w+)=", text(DEPLOY / "Containerfile")))) == set()


def steps() -> list[tuple[str, str]]:
    """The container file's instructions."""
    lines = [line for line in text(DEPLOY / "Containerfile").splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_takes_files_that_exist() -> None:
    copied = [shlex.split(rest)[:-1] for word, rest in steps() if word == "COPY" and "--from" not in rest]
    assert copied
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []


def test_the_container_runs_as_nobody_special_with_one_volume() -> None:
    at = dict(steps())
    assert at["USER"] == "10001"
    assert [rest for word, rest in steps() if word == "VOLUME"] == ["/data"]
    assert "SYMPHONY_DATA_DIR=/data" in at["ENV"]
    assert yaml.safe_load(at["ENTRYPOINT"]) == ["symphony-connect"]
    parsed(yaml.safe_load(at["CMD"]))


def test_the_compose_file_holds_together() -> None:
    compose = yaml.safe_load(text(DEPLOY / "compose.yaml"))
    services = compose["services"]
    assert (ROOT / "deploy" / services["connect"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["connect"]["build"]["dockerfile"]).exists()
    assert services["connect"]["read_only"] is True
    for service in services.values():
        assert set(service["secrets"]) <= set(compose["secrets"])
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
        files = [value for name, value in service["environment"].items() if name.endswith("_FILE")]
        assert {value.rpartition("/")[2] for value in files} == set(service["secrets"])
    assert set(services["connect"]["depends_on"]) <= set(services)


def test_installing_names_every_file() -> None:
    page = text(Path("docs/installing.md"))
    missing = [path.name for path in (ROOT / DEPLOY).iterdir() if path.is_file() and path.name not in page]
    assert missing == []


def test_commands_run_with_the_unit_s_environment(tmp_path: Path) -> None:
    """As the page says, but for `sudo`, and with the places of this test."""
    (tmp_path / "env").write_text(f"SYMPHONY_DATA_DIR={tmp_path / 'data'}\n")
    page = text(Path("docs/installing.md")).replace("\\\n", " ")
    (command,) = re.findall(r"^    sudo -u symphony (sh -c .*)$", page, re.MULTILINE)
    words = shlex.split(command.replace("/etc/symphony-connect.env", str(tmp_path / "env")))
    words = [CLI if word == "/opt/symphony-connect/bin/symphony-connect" else word for word in words]
    done = subprocess.run(words, env=clean_env(), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sym_sk_")
    assert (tmp_path / "data/symphony.db").exists()
