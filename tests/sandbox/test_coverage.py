"""What the sandbox says that it answers, it does; and the document says the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx2
import pytest

from symphony_connect.sandbox.app import create_app
from symphony_connect.sandbox.coverage import coverage, matrix
from symphony_connect.sandbox.wire import Guard
from symphony_connect.sandbox.world import LocalClock, World
from tests.tools.process import CLI, clean_env
from tests.tools.repository import text


def test_the_document_has_the_table() -> None:
    assert "\n".join(matrix()) in text(Path("docs/sandbox.md")), "put what --coverage prints into docs/sandbox.md"


def test_the_command_prints_it() -> None:
    command = [CLI, "sandbox", "--coverage", "--json"]
    shown = subprocess.run(command, capture_output=True, text=True, env=clean_env(), check=True, timeout=60).stdout
    found = {name: [tuple(row.values()) for row in rows] for name, rows in json.loads(shown).items()}
    assert found == {name: [tuple(row) for row in rows] for name, rows in coverage().items()}


@pytest.mark.anyio
async def test_every_call_of_the_table_is_answered() -> None:
    """With an error of the platform's own, as nobody's token is sent; not with a page that is not there."""
    transport = httpx2.ASGITransport(app=create_app(World(LocalClock(), "coverage"), Guard()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for endpoints in coverage().values():
            assert endpoints
            for methods, path, _ in endpoints:
                for method in methods.split(", "):
                    answer = await client.request(method, path.replace("{", "").replace("}", ""))
                    assert answer.status_code not in (404, 405), (method, path)
