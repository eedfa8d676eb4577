"""Where the service listens, and by which address it says it is reached."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx2
import pytest

from symphony_connect.cli.serve import follow
from tests.tools.process import CLI, Process, answers, clean_env
from tests.tools.wait import wait_until


def test_port_0_takes_a_free_one_which_the_log_and_the_pages_name(tmp_path: Path) -> None:
    env = clean_env(SYMPHONY_DATA_DIR=str(tmp_path / "data"), SYMPHONY_LOG_FORMAT="json")
    process = Process("serve", [CLI, "serve", "--port", "0"], tmp_path / "log", env, tmp_path)

    def facts() -> dict[str, Any]:
        lines = [json.loads(line) for line in process.log_text().splitlines() if line.startswith("{")]
        return next((line for line in lines if line["event"] == "serve.started"), {})

    process.start(lambda: bool(facts()))
    try:
        url = f"http://{facts()['listens']}"
        wait_until(lambda: answers(f"{url}/readyz"), 20, "the service to answer there")
        assert facts()["url"] == url
        described = httpx2.get(f"{url}/openapi.json", trust_env=False).json()
        assert described["servers"][0]["url"].startswith(url)
    finally:
        process.stop()


@pytest.mark.parametrize(
    ("host", "set_already", "wanted"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:9123"),
        ("localhost", None, "http://localhost:9123"),
        ("::1", None, "http://[::1]:9123"),
        ("0.0.0.0", None, "http://127.0.0.1:9123"),
        ("127.0.0.1", "https://connect.example.com", "https://connect.example.com"),
    ],
)
def test_without_a_public_url_it_is_where_the_service_listens(
    monkeypatch: pytest.MonkeyPatch, host: str, set_already: str | None, wanted: str
) -> None:
    monkeypatch.setenv("SYMPHONY_PUBLIC_URL", set_already or "")
    follow(host, 9123)
    assert os.environ["SYMPHONY_PUBLIC_URL"] == wanted
