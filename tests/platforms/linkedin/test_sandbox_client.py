"""A client that LinkedIn wrote, unchanged, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.platforms.linkedin.contract import APP
from tests.tools.process import clean_env
from tests.tools.sandbox import Sandbox


def test_linkedins_own_client_finds_what_it_expects(sandbox: Sandbox) -> None:
    """In a process of its own: its base addresses are constants of its modules."""
    script = Path(__file__).with_name("official_client.py")
    command = [sys.executable, "-W", "ignore", str(script), sandbox.url, *APP]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean_env(), check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "state": "s1",
        "expires": 5_184_000,
        "active": [True, "active", APP[0], "3L"],
        "same": True,
        "roles": ["ACCOUNT_MANAGER"] * 2,
        "accounts": ["ACTIVE"] * 2,
        "one": "USD",
        "refused": 401,
    }
