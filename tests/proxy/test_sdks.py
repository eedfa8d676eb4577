"""The platforms' own SDKs through the proxy, with a key bounded to one ad account, over real HTTP on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from tests.api.conftest import Api, _started
from tests.conftest import ServiceFactory
from tests.proxy.place import proxy_path
from tests.tools.process import clean_env
from tests.tools.repository import ROOT
from tests.tools.sandbox import Sandbox

SCRIPTS = {name: ROOT / f"tests/platforms/{name}/proxied_sdk.py" for name in platforms.names()}
WITH_SDK = [name for name, script in SCRIPTS.items() if script.exists()]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Iterator[Api]:
    env = {}
    if request.param == "postgresql":
        env["SYMPHONY_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    with _started(shared_service, shared_sandbox, **env) as started:
        yield started


def run(script: Path, *arguments: str) -> Any:
    """In a process of its own: these libraries set global state."""
    command = [sys.executable, "-W", "ignore", str(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=clean_env(), check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("platform", WITH_SDK)
def test_the_platform_s_own_sdk_works_in_bounds_and_reaches_nothing_beyond(api: Api, platform: str) -> None:
    brand = api.connected(platform, api.sandbox.newcomer(adAccounts=2))
    at = f"/brands/{brand}/connections/{platform}/ad-accounts"
    mine, other = (row["id"] for row in api.send("GET", at).json()["data"])
    key = api.new_key("proxy:use", bounds=Bounds(brands=frozenset({brand}), ad_accounts=frozenset({mine})))
    base = f"{api.service.url}{proxy_path(brand, platform).rstrip('/')}"
    before = len(api.sandbox.calls(platform))
    seen = run(SCRIPTS[platform], base, key, mine, other)
    assert all(status in (403, 404) for status in seen.pop("beyond")), seen
    expected = json.loads(SCRIPTS[platform].with_name("proxied_sdk.json").read_text())
    assert seen == expected
    calls = api.sandbox.calls(platform)[before:]
    assert [call for call in calls if other in json.dumps([call["path"], call["params"]])] == []
    assert key not in json.dumps(api.sandbox.calls(platform))
    assert key not in api.service.log_text()
