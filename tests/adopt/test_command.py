"""`brands adopt` as it is typed: what it prints, its exit codes, and what a kill leaves."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from symphony_connect import platforms
from tests.platforms import contract
from tests.tools import preloaded
from tests.tools.process import CLI
from tests.tools.rows import rows
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

ANY = platforms.names()[0]


@pytest.fixture
def service(sandbox: Sandbox, tmp_path: Path) -> Service:
    """Its settings, and a workspace; it does not run."""
    made = Service(sandbox, tmp_path, contract.settings(sandbox))
    assert made.secret_key
    return made


def tokens(sandbox: Sandbox, count: int, **more: Any) -> list[dict[str, Any]]:
    person = sandbox.newcomer()
    brought = [contract.rules(ANY).token(sandbox, person) for _ in range(count)]
    return [{"brandId": brand, "platform": ANY, **each, **more} for brand, each in enumerate(brought, 1)]


def test_what_it_says(service: Service, tmp_path: Path) -> None:
    held = tokens(service.sandbox, 3)
    held[2]["accessToken"] = "EAAnotgood1234567890"
    held[2].pop("refreshToken", None)
    file = tmp_path / "tokens.json"
    file.write_text(json.dumps(held))
    looked = service.cli("brands", "adopt", str(file), "--dry-run", check=False)
    assert looked.returncode == 1
    assert f"row 1: brand 1 {ANY}: good" in looked.stdout
    assert f"row 3: brand 3 {ANY}: not adopted" in looked.stdout
    assert "Let the owner sign in" in looked.stdout
    assert rows(service.env["SYMPHONY_DATABASE_URL"])["brands"] == []

    adopted = service.cli("brands", "adopt", str(file), "--json", check=False)
    lines = [json.loads(line) for line in adopted.stdout.splitlines()]
    assert adopted.returncode == 1
    assert [line["result"] for line in lines[:3]] == ["adopted", "adopted", "refused"]
    assert (lines[0]["adPlatform"], lines[0]["adAccounts"], lines[2]["code"]) == (ANY, 2, "token_refused")
    assert lines[3] == {"rows": 3, "dryRun": False, "results": {"adopted": 2, "refused": 1}}

    file.write_text(json.dumps(held[:2]))
    again = service.cli("brands", "adopt", str(file))
    assert again.stdout.endswith("2 connected.\n")
    assert "Adopting" not in again.stderr, "a pipe gets no progress bar"
    assert "Adopting" in at_a_terminal(service, [CLI, "brands", "adopt", str(file)], tmp_path)
    printed = "".join(done.stdout + done.stderr for done in (looked, adopted, again))
    assert [token["accessToken"] for token in held if token["accessToken"] in printed] == []


def at_a_terminal(service: Service, command: list[str], folder: Path) -> str:
    """What the command prints on standard error, where that is a terminal."""
    ours, theirs = os.openpty()
    with (folder / "out").open("wb") as out:
        running = preloaded.nursery().start(command, service.env, folder, (0, out.fileno(), theirs))
    assert running.wait(60) == 0
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    return shown


def test_a_bad_file_ends_before_anything_is_asked(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "tokens.csv"
    file.write_text(f"brandId,platform,accessToken\nfive,{ANY},EAAx\n")
    done = service.cli("brands", "adopt", str(file), check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "row 2: brandId is not a whole number" in done.stderr
    for arguments in (["--platform", "x"], ["--map", str(file)]):
        assert service.cli("brands", "adopt", str(file), *arguments, check=False).returncode == 2
    assert service.cli("brands", "adopt", str(tmp_path / "none"), check=False).returncode == 2
    assert service.sandbox.calls(ANY) == []


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_what_is_killed_in_the_middle_goes_on(service: Service, tmp_path: Path, ending: signal.Signals) -> None:
    """Each row is connected or untouched: no brand without its connection, no connection without its grant."""
    file, url = tmp_path / "tokens.json", service.env["SYMPHONY_DATABASE_URL"]
    held = tokens(service.sandbox, 40)
    file.write_text("\n".join(json.dumps(each) for each in held))
    service.env[f"SYMPHONY_{ANY.upper()}_CALLS_PER_SECOND"] = "1000"
    with (tmp_path / "printed").open("wb") as printed:
        streams = (0, printed.fileno(), printed.fileno())
        command = [CLI, "brands", "adopt", str(file), "--json"]
        running = preloaded.nursery().start(command, service.env, tmp_path, streams)
        wait_until(lambda: len(rows(url)["grants"]) >= 8, 30)
        os.kill(running.pid, ending)
        assert running.wait(30) in (-signal.SIGKILL, 1)
    left = rows(url)
    assert 8 <= len(left["grants"]) == len(left["connections"]) == len(left["brands"]) < 40
    said = (tmp_path / "printed").read_text()
    assert ("Run the same command to go on" in said) is (ending is signal.SIGTERM)
    done = service.cli("brands", "adopt", str(file), "--json")
    secrets = [each[name] for each in held for name in ("accessToken", "refreshToken") if each.get(name)]
    assert [secret for secret in secrets if secret in said + done.stdout + done.stderr] == []
    begun = [row for row in rows(url, "events")["events"] if "connection.connected" in row]
    assert len(begun) == 40, "each row is connected once"
    results = json.loads(done.stdout.splitlines()[-1])["results"]
    assert results == {"connected": len(left["grants"]), "adopted": 40 - len(left["grants"])}
