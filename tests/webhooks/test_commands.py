"""The same from the terminal, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools import preloaded
from tests.tools.process import CLI, clean_env


@pytest.fixture
def run(tmp_path: Path) -> Any:
    env = clean_env(SYMPHONY_DATA_DIR=str(tmp_path), COLUMNS="200")

    def run(*typed: str, exit: int = 0) -> Any:
        done = preloaded.run([CLI, *typed, "--json"], env, tmp_path)
        assert done.returncode == exit, (typed, done.stdout, done.stderr)
        return json.loads(done.stdout) if exit == 0 else done.stderr

    return run


def test_an_endpoint_and_its_deliveries(run: Any) -> None:
    run("keys", "create", "--workspace", "default", "--create-workspace")
    made = run("webhooks", "create", "http://127.0.0.1:9/hooks", "--types", "connection.connected")
    assert made["secret"].startswith("whsec_")
    (listed,) = run("webhooks", "list")
    assert (listed["id"], listed["types"], listed["pending"]) == (made["id"], ["connection.connected"], 0)
    sent = run("webhooks", "test", made["id"])
    assert [each["id"] for each in run("webhooks", "deliveries", made["id"])] == [sent["id"]]
    assert run("webhooks", "replay", made["id"], sent["id"])["status"] == "pending"
    assert run("webhooks", "replay", made["id"], "--failed") == {"replayed": 0}
    assert "--failed" in run("webhooks", "replay", made["id"], exit=2)
    assert run("webhooks", "rotate", made["id"])["secret"] != made["secret"]
    assert run("webhooks", "change", made["id"], "--disable")["disabledWhy"] == "by_request"
    assert "disabled" in run("webhooks", "test", made["id"], exit=1)
    assert "is not delivered" in run("webhooks", "create", "http://127.0.0.1:9/", "--types", "nope", exit=1)
    assert "absolute https" in run("webhooks", "create", "nowhere", exit=1)
    assert run("webhooks", "remove", made["id"]) == {"id": made["id"], "removed": True}
    assert run("webhooks", "list") == []
    assert run("events", "list") == []
