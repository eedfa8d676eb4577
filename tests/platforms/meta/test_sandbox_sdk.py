"""Clients that others wrote, unchanged, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.platforms.meta.client import APP_ID, SECRET, Client
from tests.tools.process import clean_env


def test_metas_own_sdk_finds_what_it_expects(client: Client) -> None:
    """In a process of its own: it sets global state, and warns of things that are its own affair."""
    client.sandbox.control("people", {"name": "many", "adAccounts": 130})
    script = Path(__file__).with_name("official_sdk.py")
    tokens = [client.signed_in(), client.issue("many")]
    command = [sys.executable, "-W", "ignore", str(script), client.sandbox.url, APP_ID, SECRET, *tokens]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean_env(), check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen.pop("id") == "10200000000000001"
    assert seen.pop("permissions")["ads_read"] == "granted"
    assert len(seen.pop("accounts")) == 2
    assert seen == {
        "total": 2,
        "valid": True,
        "pages": ["Ada Lark Page"],
        "batch": [2, 2, 2],
        "walked": 130,
        "garbage": [400, 190, None],
        "hidden": [400, 100, 33],
        "proof": [400, 100, None],
        "gone": {"success": True},
        "removed": [400, 190, 458],
    }
