"""docs/testing.md and its workflow, word by word: the pytest plugin, the shell recipe, the steps of the pipeline."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest
import yaml
from _pytest.fixtures import FixtureFunctionDefinition

from symphony_connect import testing
from tests.platforms.chosen import ANY
from tests.tools.process import CLI, clean_env
from tests.tools.repository import text
from tests.tools.wait import free_port

PAGE = Path("docs/testing.md")
LIVE = {f"SYMPHONY_{ANY.upper()}_APP_ID": "987654321987654"}
WORKFLOW = Path("docs/ci/github-actions.yml")


def blocks(language: str, page: Path = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's repository with the document's Python files in it."""
    for block in blocks("python"):
        (tmp_path / block.split()[1]).write_text(block)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -W error\n")
    return tmp_path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An environment with our command on the path, on ports of its own; what was left running is ended."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    yield clean_env(PATH=f"{Path(CLI).parent}:{os.environ['PATH']}", TMPDIR=str(temporary))
    for process in psutil.process_iter(["cwd", "cmdline"]):
        if process.info["cwd"] == str(tmp_path) and "--with-service" in (process.info["cmdline"] or []):
            process.terminate()
            process.wait(20)
    assert list(temporary.glob("symphony-*")) == []


def free(script: str) -> str:
    """The same on free ports: those of the document may be in use on this machine."""
    return script.replace("--with-service", "--with-service --port 0 --service-port 0")


def test_the_plugin_does_what_the_page_shows(project: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    env = clean_env(SYMPHONY_PUBLIC_URL="https://connect.example.com", **LIVE)
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    tests = re.findall(r"^def (test_\w+)", (project / "test_campaigns.py").read_text(), re.MULTILINE)
    assert len(tests) >= 5
    assert [name for name in tests if f"PASSED test_campaigns.py::{name}" not in done.stdout] == []


def test_the_page_names_every_fixture() -> None:
    offered = {name for name, value in vars(testing).items() if isinstance(value, FixtureFunctionDefinition)}
    assert {"sandbox", "service", "brand", "clock", "fault"} < offered
    assert {name for name in offered if f"`{name}`" not in text(PAGE)} == {"symphony"}


def test_pytest_is_needed_by_nobody_else() -> None:
    """The plugin comes with the package, and pytest does not."""
    import_all = (
        "import sys, symphony_connect.cli.sandbox_command, symphony_connect.app; print('pytest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", import_all], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert "pytest" not in text(Path("requirements/run.lock"))


def test_the_shell_recipe_runs_as_printed(tmp_path: Path, shell: Mapping[str, str]) -> None:
    start, *rest = blocks("sh")
    script = "\n".join([f"trap 'kill $!; wait' EXIT\n{free(start)}", *rest])
    done = subprocess.run(["sh", "-euc", script], cwd=tmp_path, env=shell, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for said in ("Brand 12345 updated successfully", '"password_changed"', '"code":"needs_reconnect"', '"offsetMs":0'):
        assert said in done.stdout


def test_the_recipe_for_two_processes_shares_one_clock(tmp_path: Path, shell: Mapping[str, str]) -> None:
    page = Path("docs/sandbox.md")
    (recipe,) = blocks("sh", page)
    pointing = text(page).partition("## Pointing the service at it")[2].partition("\nThe service reaches it")[0]
    moved = """
    curl -sf -X POST http://127.0.0.1:8081/_sandbox/clock -H 'Content-Type: application/json' -d '{"advance": "61d"}'
    symphony-connect doctor --json; test "$(cat "$SYMPHONY_CLOCK_FILE")" = 5270400000
    """
    script = "trap 'kill $(jobs -p); wait' EXIT\n" + pointing + recipe + moved
    for port in ("8080", "8081"):
        script = script.replace(port, str(free_port()))
    done = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, env=shell, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"configured":true' in done.stdout
    assert '"configured":false' not in done.stdout


def test_the_steps_of_the_workflow_run(tmp_path: Path, shell: Mapping[str, str]) -> None:
    """Each in a shell of its own, as the pipeline does, with what the one before wrote to `$GITHUB_ENV`."""
    (job,) = yaml.safe_load(text(WORKFLOW))["jobs"].values()
    steps = [step for step in job["steps"] if "run" in step]
    assert [step["name"].split()[0] for step in steps] == ["Install", "Test", "Start", "Test"]
    env = {**shell, "GITHUB_ENV": str(tmp_path / "environment")}
    for step in steps[2:]:
        if Path(env["GITHUB_ENV"]).exists():
            lines = Path(env["GITHUB_ENV"]).read_text().splitlines()
            env |= dict(line.split("=", 1) for line in lines)
        command = ["bash", "-e", "-o", "pipefail", "-c", free(step["run"])]
        done = subprocess.run(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, step["name"]
