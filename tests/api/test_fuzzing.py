"""Schemathesis makes requests from `/openapi.json`, good and bad, and compares the answers with it.

`make test` runs a few for each call; `make fuzz` runs many (`FUZZ=full`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from symphony_connect import platforms
from tests.api.conftest import Api
from tests.tools.process import clean_env
from tests.tools.repository import ROOT

FULL = os.environ.get("FUZZ") == "full"
EXAMPLES = "400" if FULL else "4"
LIMIT = 3600 if FULL else 300


@pytest.mark.timeout(LIMIT + 60)
def test_nothing_that_the_description_allows_is_answered_otherwise(api: Api, tmp_path: Path) -> None:
    bodies = [
        {"brandId": brand, "adPlatform": name, **api.token(name, api.sandbox.newcomer())}
        for name in platforms.names()
        for brand in (api.connected(name), api.brand())
    ]
    env = clean_env(
        FUZZ_BODIES=json.dumps(bodies), SCHEMATHESIS_HOOKS="tests.tools.fuzz_hooks", PYTHONPATH=str(ROOT), NO_COLOR="1"
    )
    command = [
        *(str(Path(sys.executable).with_name("st")), "--config-file", str(ROOT / "tests/tools/schemathesis.toml")),
        *("run", f"{api.service.url}/openapi.json", "--header", f"x-api-key: {api.service.secret_key}"),
        *("--checks", "all", "--max-examples", EXAMPLES, "--continue-on-failure", "--warnings", "off"),
        *(() if FULL else ("--seed", "1")),
    ]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
