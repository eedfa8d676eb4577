"""Several processes at one connection: many readers, a holder that stops, a refresh that another has just done."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect, lease
from symphony_connect.connections.lease import Stale
from symphony_connect.connections.renew import renew
from tests.faults.figures import Figure
from tests.faults.killing import Driver
from tests.platforms import contract
from tests.platforms.chosen import ROTATING
from tests.renewal.house import House
from tests.tools.process import CLI, answers
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

REFRESH = contract.rules(ROTATING).RENEWED
TOKEN = f"/api/sym/v2/brands/7/connections/{ROTATING}/token"


async def test_500_readers_over_4_processes(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path, figure: Figure
) -> None:
    service = Service(sandbox, tmp_path, env)
    key = service.secret_key
    try:
        service.start(["--workers", "4", "--no-worker"])
        brought = contract.rules(ROTATING).token(sandbox, "ada")
        put = service.client.put("/api/sym/v2/brands", json={"brandId": 7, "adPlatform": ROTATING, **brought})
        assert put.status_code == 200, put.text
        sandbox.advance("25h")
        limits = httpx2.Limits(max_connections=500)
        async with httpx2.AsyncClient(
            base_url=service.url, headers={"x-api-key": key}, timeout=60, limits=limits, trust_env=False
        ) as client:
            answers = await asyncio.gather(*(client.get(TOKEN) for _ in range(500)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["data"]["accessToken"] for answer in answers}) == 1
        calls = len(sandbox.calls(ROTATING, REFRESH))
        assert calls == 1
        figure("500 readers over 4 processes, token expired", f"{calls} upstream call, {len(answers)} × 200")
    finally:
        service.close()


async def test_a_holder_that_stopped_past_its_lease_is_fenced_off(house: House, driver: Driver, figure: Figure) -> None:
    """It wakes with an answer for a grant that another has renewed meanwhile."""
    ids = [await house.connect(ROTATING) for _ in range(10)]
    house.sandbox.advance("17h")
    fault = {"platform": ROTATING, "path": REFRESH, "error": "http:503", "delayMs": 60_000, "times": len(ids)}
    house.sandbox.control("faults", fault)
    pids = [driver.start(id) for id in ids]
    wait_until(lambda: house.calls(ROTATING, REFRESH) == len(ids), 60, "the calls to be held")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    house.sandbox.calm()
    await house.pass_time("2m")
    renewed = [await house.sealed(id) for id in ids]
    assert [(await house.row(id)).status for id in ids] == [Status.CONNECTED] * len(ids)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    assert {driver.outcome(id) for id in ids} == {"Stale:"}
    stale = [id for id, before in zip(ids, renewed, strict=True) if await house.sealed(id) != before]
    assert stale == []
    figure("lease holder stopped (SIGSTOP), then resumed", f"{len(stale)} stale overwrites of {len(ids)}")


async def test_what_the_stopped_one_got_for_the_grant_still_live_is_not_thrown_away(
    house: House, driver: Driver, figure: Figure
) -> None:
    """Another has found the refresh token spent meanwhile; the one that spent it has what came of it."""
    ids = [await house.connect(ROTATING) for _ in range(5)]
    house.sandbox.advance("17h")
    fault = {"platform": ROTATING, "path": REFRESH, "delayMs": 60_000, "when": "after", "times": len(ids)}
    house.sandbox.control("faults", fault)
    pids = [driver.start(id) for id in ids]
    wait_until(lambda: house.calls(ROTATING, REFRESH) == len(ids), 60, "the calls to be held")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    house.sandbox.calm()
    await house.pass_time("2m")
    assert {(await house.row(id)).reason for id in ids} == {"outcome_unknown"}
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    assert {driver.outcome(id) for id in ids} == {"connected"}
    rows = [await house.row(id) for id in ids]
    assert {(row.status, row.reason) for row in rows} == {(Status.CONNECTED, None)}
    assert all([(await house.grant(id)).refresh_token for id in ids])
    figure("… with the answer that another gave up on", f"0 thrown away of {len(ids)}")


async def test_a_refused_refresh_while_another_has_just_refreshed(house: House, figure: Figure) -> None:
    """Two hold what they read; the second comes with a refresh token that the first has spent."""
    deaths, rounds = 0, 20
    for _ in range(rounds):
        id = await house.connect(ROTATING)
        house.sandbox.advance("17h")
        late = await lease.hold(house.core, id)
        assert late is not None
        house.sandbox.advance("2m")
        await house.tend_one(id)
        with pytest.raises(Stale):
            await renew(house.core, replace(late, admitted=True), "late")
        deaths += (await house.row(id)).status is not Status.CONNECTED
        assert await house.read(id)
    assert deaths == 0
    figure("refused refresh while another just refreshed", f"{deaths} false deaths in {rounds}")


async def test_a_disconnect_during_a_refresh_wins(house: House, driver: Driver, figure: Figure) -> None:
    ids = [await house.connect(ROTATING) for _ in range(10)]
    house.sandbox.advance("17h")
    fault = {"platform": ROTATING, "path": REFRESH, "delayMs": 60_000, "when": "after", "times": len(ids)}
    house.sandbox.control("faults", fault)
    for id in ids:
        driver.start(id)
    wait_until(lambda: house.calls(ROTATING, REFRESH) == len(ids), 60, "the calls to be held")
    for id in ids:
        assert await disconnect.disconnect(house.core, await house.row(id), "tests")
    house.sandbox.calm()
    assert {driver.outcome(id) for id in ids} == {"Stale:"}
    rows = [await house.row(id) for id in ids]
    assert {row.status for row in rows} == {Status.DISCONNECTED}
    assert [await house.sealed(id) for id in ids] == [None] * len(ids)
    living = [grant for person in house.sandbox.state()["people"] for grant in _alive(person)]
    assert living == []
    figure("disconnect during a refresh", f"0 resurrected of {len(ids)}")


def _alive(person: dict) -> list[dict]:  # type: ignore[type-arg]
    return [grant for grant in person["platforms"][ROTATING]["grants"] if not grant["over"]]


async def test_replicas_that_start_together_on_an_empty_database(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Migrations run once under a lock; nobody fails because another is at it."""
    services = [Service(sandbox, tmp_path / str(n), {**env, "SYMPHONY_PUBLIC_URL": ""}) for n in range(4)]
    for one in services:
        one.folder.mkdir()
        one.process.command = [CLI, "serve", "--port", str(one.port)]
    try:
        for one in services:
            one.process.start()
        for one in services:
            wait_until(lambda one=one: answers(f"{one.url}/readyz"), 40, f"{one.url} to be ready")
        assert all(one.process.alive for one in services)
    finally:
        for one in services:
            one.close()
