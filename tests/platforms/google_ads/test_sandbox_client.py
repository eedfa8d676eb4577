"""Libraries that Google wrote, unchanged, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.platforms.google_ads.contract import ADS, APP
from tests.tools.process import clean_env
from tests.tools.sandbox import Sandbox


def test_googles_own_libraries_find_what_they_expect(sandbox: Sandbox) -> None:
    """In a process of its own: they are told by the environment that plain http will do."""
    script = Path(__file__).with_name("official_client.py")
    command = [sys.executable, "-W", "ignore", str(script), sandbox.url, *APP]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=clean_env(), check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "state": True,
        "another": True,
        "refresh": True,
        "id_token": 2,
        "scopes": sorted([ADS, "openid", "https://www.googleapis.com/auth/userinfo.email"]),
        "customers": 2,
        "refused": "invalid_grant",
    }
