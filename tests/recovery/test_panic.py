"""Many connections end at once, each with a receipt."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.operate.panic_revoke import Scope, revoke_all
from symphony_connect.store.db import StoreUnavailable, Transaction
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.tools.installation import environment, everything, fill, master_key, opened
from tests.tools.sandbox import Sandbox
from tests.tools.service import WORKSPACE, Service

API = "/api/sym/v2"
LASTING, ROTATING = contract.apart(lambda facts: facts.refresh_tokens_work_once)


def connect(service: Service, brand: int, platform: str, key: str = "") -> str:
    """Connect a brand as a person of its own; returns the platform's token."""
    sandbox = service.sandbox
    brought = contract.rules(platform).token(sandbox, sandbox.newcomer())
    headers = {"x-api-key": key} if key else {}
    body = {"brandId": brand, "adPlatform": platform, **brought}
    answer = service.client.put(f"{API}/brands", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return served(service, brand, platform, key)["accessToken"]


def served(service: Service, brand: int, platform: str, key: str = "", expect: int = 200) -> Any:
    headers = {"x-api-key": key} if key else {}
    answer = service.client.get(f"{API}/brands/{brand}/connections/{platform}/token", headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.json().get("data")


def revoke(service: Service, *arguments: str, expect: int = 0) -> list[dict[str, Any]]:
    done = service.cli("panic-revoke", *arguments, "--yes", "--json", check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    receipts: list[dict[str, Any]] = json.loads(done.stdout)
    return receipts


def refused(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.fixture(scope="module")
def running(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Service:
    return shared_service(contract.settings(shared_sandbox), ["--no-worker"])


def test_by_workspace_by_platform_and_all(running: Service) -> None:
    service, sandbox = running, running.sandbox
    other = service.new_key(workspace="other")["key"]
    ours = {(1, LASTING): connect(service, 1, LASTING), (1, ROTATING): connect(service, 1, ROTATING)}
    theirs = {(1, LASTING): connect(service, 1, LASTING, other), (2, ROTATING): connect(service, 2, ROTATING, other)}

    receipts = revoke(service, "--workspace", WORKSPACE)
    assert {(one["brandId"], one["platform"]) for one in receipts} == set(ours)
    assert {(one["here"], one["upstream"], one["workspace"]) for one in receipts} == {
        ("destroyed", "revoked", WORKSPACE)
    }
    assert all(one["receiptId"].startswith("evt_") for one in receipts)
    for (brand, platform), token in ours.items():
        served(service, brand, platform, expect=404)
        assert not contract.rules(platform).works(sandbox, token)
    for brand, platform in theirs:
        served(service, brand, platform, other)

    assert [one["brandId"] for one in revoke(service, "--platform", ROTATING)] == [2]
    served(service, 2, ROTATING, other, expect=404)
    served(service, 1, LASTING, other)

    assert [one["platform"] for one in revoke(service, "--all")] == [LASTING]
    assert revoke(service, "--all") == []


def test_a_platform_out_of_reach_delays_nothing_here(running: Service) -> None:
    for brand in (11, 12, 13):
        connect(running, brand, LASTING)
    running.sandbox.fault(LASTING, "reset", times=1_000)
    try:
        done = running.cli("panic-revoke", "--all", "--yes", check=False)
    finally:
        running.sandbox.calm()
    assert "3 of 3 destroyed here." in done.stdout
    assert "3 are still to be revoked at the platform" in done.stdout
    assert done.returncode == 1
    for brand in (11, 12, 13):
        served(running, brand, LASTING, expect=404)


def test_a_token_that_does_not_open_is_destroyed_all_the_same(running: Service) -> None:
    connect(running, 21, LASTING)
    database = running.data_dir / "symphony.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE grants SET sealed = x'00'")
    connection.close()
    receipts = revoke(running, "--all", expect=1)
    # Those of the test before this one are still to be told.
    receipt = receipts[-1]
    assert (receipt["here"], receipt["upstream"]) == ("destroyed", "unreadable")
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM grants").fetchone() == (0,)
    connection.close()


def test_it_asks_and_takes_no_half_order(running: Service) -> None:
    connect(running, 31, LASTING)
    refused(running.cli("panic-revoke", check=False), 2, "Say which")
    refused(running.cli("panic-revoke", "--all", "--platform", LASTING, check=False), 2, "Say which")
    refused(running.cli("panic-revoke", "--all", check=False), 2, "This would end 1 connections. Add --yes")
    refused(running.cli("panic-revoke", "--workspace", "nobody", check=False), 1, "There is no workspace 'nobody'")
    refused(running.cli("panic-revoke", "--platform", "myspace", check=False), 1, "There is no platform 'myspace'")
    served(running, 31, LASTING)
    revoke(running, "--all")


@pytest.mark.anyio
async def test_what_could_not_be_destroyed_says_why(database_url: str, tmp_path: Path) -> None:
    """A store that fails for each connection's own transaction, after the first."""
    async with opened(environment(database_url, tmp_path, master_key())) as core:
        await fill(core, 3)
        before = await everything(core)

        class Failing:
            engine = core.store.engine
            writes = 0

            def reading(self) -> Any:
                return core.store.reading()

            @asynccontextmanager
            async def writing(self) -> AsyncIterator[Transaction]:
                self.writes += 1
                if self.writes > 1:
                    raise StoreUnavailable("the disk is full")
                async with core.store.writing() as tx:
                    yield tx

        ended = await revoke_all(replace(core, store=Failing()), Scope(), lambda done, total: None)
        assert {(one.here, one.upstream, one.why) for one in ended} == {("kept", "failed", "the disk is full")}
        assert len(ended) == 3
        assert await everything(core) == before
