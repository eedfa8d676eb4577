"""A backup is put back: nothing of it is served before its platform has confirmed it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

API = "/api/sym/v2"
LASTING, ROTATING = contract.apart(lambda facts: facts.refresh_tokens_work_once)
BRANDS = {1: LASTING, 2: LASTING, 3: ROTATING, 4: ROTATING, 5: ROTATING}


class Backup:
    """A copy of the database."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.copy = folder / "backup.db"

    @property
    def file(self) -> Path:
        return self.service.data_dir / "symphony.db"

    def take(self) -> None:
        """While the service runs."""
        self.service.cli("backup", str(self.copy))
        assert self.copy.stat().st_mode & 0o777 == 0o600

    def put_back(self) -> None:
        self.service.process.stop()
        for path in self.service.data_dir.glob("symphony.db*"):
            path.unlink()
        shutil.copyfile(self.copy, self.file)


def token(service: Service, brand: int, expect: int) -> Any:
    answer = service.client.get(f"{API}/brands/{brand}/connections/{BRANDS[brand]}/token")
    assert answer.status_code == expect, answer.text
    return answer.json().get("data") or answer.json()["error"]


def shown(service: Service, brand: int) -> Any:
    return service.client.get(f"{API}/brands/{brand}/connections/{BRANDS[brand]}").json()["data"]


@pytest.fixture
def people(sandbox: Sandbox) -> dict[int, str]:
    return {brand: sandbox.newcomer() for brand in BRANDS}


def test_nothing_is_served_before_its_platform_confirmed_it(
    service: ServiceFactory, sandbox: Sandbox, people: dict[int, str], tmp_path: Path
) -> None:
    running = service(contract.settings(sandbox), ["--no-worker"])
    for brand, platform in BRANDS.items():
        brought = contract.rules(platform).token(sandbox, people[brand])
        answer = running.client.put(f"{API}/brands", json={"brandId": brand, "adPlatform": platform, **brought})
        assert answer.status_code == 200, answer.text
    old = {brand: token(running, brand, 200)["accessToken"] for brand in BRANDS}
    link = running.client.post(f"{API}/connect-sessions", json={"brandId": 9}).json()["data"]
    backup = Backup(running, tmp_path)
    backup.take()

    # What the backup will not know: one person takes it all back on either platform, one token is rotated twice.
    sandbox.person(people[2], "revoke")
    sandbox.person(people[4], "revoke")
    for _ in range(2):
        assert running.client.post(f"{API}/brands/5/connections/{ROTATING}/renew").status_code == 200
    assert token(running, 5, 200)["accessToken"] != old[5]

    backup.put_back()
    output = json.loads(running.cli("restored", "--json").stdout)
    assert output == {"unverified": 5, "linksEnded": 1}
    running.start(["--no-worker"])
    asked = len(sandbox.calls())
    for brand in BRANDS:
        assert token(running, brand, 503)["code"] == "unverified"
        assert (shown(running, brand)["status"], shown(running, brand)["reason"]) == ("unverified", "restored")
    assert len(sandbox.calls()) == asked
    assert running.client.get(link["url"]).status_code in (404, 410)

    # Out of reach says nothing: still not served.
    sandbox.fault(LASTING, "reset", times=100_000)
    sandbox.fault(ROTATING, "reset", times=100_000)
    running.restart()
    wait_until(lambda: len(sandbox.calls()) >= asked + len(BRANDS), 20, "the worker to have asked for all")
    for brand in BRANDS:
        token(running, brand, 503)
    sandbox.calm()
    sandbox.advance("10m")
    wait_until(
        lambda: all(shown(running, brand)["status"] != "unverified" for brand in BRANDS), 30, "the platforms' word"
    )
    for brand in (1, 3):
        assert contract.rules(BRANDS[brand]).works(sandbox, token(running, brand, 200)["accessToken"])
    for brand in (2, 4):
        assert token(running, brand, 409)["code"] == "needs_reconnect"
    still_good = contract.rules(ROTATING).works(sandbox, old[5])
    assert token(running, 5, 200 if still_good else 409)
    if still_good:
        # Its refresh token is spent, which the backup cannot know: found out when it is next needed.
        sandbox.advance("1d")
        wait_until(lambda: shown(running, 5)["status"] == "needs_reconnect", 30, "the spent refresh token to show")
    assert shown(running, 5)["reason"] == "outcome_unknown"
