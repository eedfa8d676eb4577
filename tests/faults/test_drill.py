"""Several servers and workers on PostgreSQL under faults, kills and a clock that moves; the figures at its end."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import backlog
from symphony_connect.core import Core
from tests.faults.figures import FULL, Figure
from tests.platforms import contract
from tests.platforms.chosen import ROTATING
from tests.renewal.house import House, environment, opened
from tests.tools.postgres import Postgres
from tests.tools.process import CLI, Process
from tests.tools.sandbox import Sandbox
from tests.tools.wait import free_port, wait_until

BRANDS, ROUNDS, EACH = (2_000, 40, 3) if FULL else (12, 3, 2)
"""Brands, rounds, and how many servers and as many workers."""
SHARE = BRANDS // 10
"""So many refreshes are asked for in a round before its process is killed in the middle of more."""
FAULTS = ("http:503", "http:429", "reset", "truncate", "html")
REFRESH = contract.rules(ROTATING).RENEWED
SPENT = contract.rules(ROTATING).SPENT.rpartition(":")[2]
"""The platform's code for a refresh token that was used before: it takes each one once."""
AT_ONCE = contract.facts(ROTATING).at_once
"""Refreshes under way at a kill, at most."""
QUIET = 25
"""Looks, 20 ms apart, between which nothing happens."""
SERVED = (Status.CONNECTED, Status.EXPIRING)


@contextmanager
def running(env: dict[str, str], folder: Path) -> Iterator[tuple[list[Process], list[str]]]:
    """Servers and workers, and the servers' addresses."""
    ports = [free_port() for _ in range(EACH)]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    commands = [[CLI, "serve", "--no-worker", "--port", str(port)] for port in ports] + [[CLI, "worker"]] * EACH
    made = [Process(f"p{n}", command, folder / f"p{n}.log", env) for n, command in enumerate(commands)]
    try:
        for one, url in itertools.zip_longest(made, urls):
            one.start(f"{url}/readyz" if url else None, 60)
        yield made, urls
    finally:
        for one in made:
            one.stop()


@pytest.mark.timeout(3000 if FULL else 400)
async def test_servers_and_workers_under_faults_and_kills(
    postgres: Postgres, sandbox: Sandbox, tmp_path: Path, figure: Figure
) -> None:
    # As fast as this machine can: what is to be shown is not the pace.
    pace = {contract.setting(ROTATING, "CALLS_PER_SECOND"): "1000"}
    env = environment(sandbox, tmp_path, postgres.new_database(), **pace)
    async with opened(env, sandbox) as house:
        ids = [await house.connect(ROTATING, brand=number + 1) for number in range(BRANDS)]
        key = (await keyring.create(house.core, "tests", NewKey("drill", scopes=("tokens:read",)))).key
        chance, dead, read = random.Random(3), 0, 0
        with running(env, tmp_path) as (processes, urls):
            for turn in range(ROUNDS):
                sandbox.fault(ROTATING, chance.choice(FAULTS), path=REFRESH, times=3)
                before = refreshes(sandbox)
                sandbox.advance("18h")
                begun = lambda before=before: refreshes(sandbox) > before + SHARE  # noqa: E731
                await asyncio.to_thread(wait_until, begun, 120, "a share of the refreshes")
                victim = processes[turn % len(processes)]
                victim.kill()
                good, bad = await readings(house, urls, key, chance)
                read, dead = read + good, dead + bad
                url = urls[turn % len(processes)] if turn % len(processes) < EACH else None
                await asyncio.to_thread(victim.start, f"{url}/readyz" if url else None, 60)
            sandbox.calm()
            overdue, held = await calm(house)
        rows = [await house.row(id) for id in ids]
    lost = [row for row in rows if row.status not in SERVED]
    false = [row for row in lost if row.reason is not Reason.OUTCOME_UNKNOWN]
    counted = await asyncio.to_thread(sandbox.counted, ROTATING, REFRESH)
    done, spent = counted.get("ok", 0), counted.get(SPENT, 0)
    line = f"{EACH} servers, {EACH} workers, {BRANDS:,} brands, {ROUNDS} kills"
    figure(f"{line}: refreshes", f"{done:,}, each with a refresh token of its own; {spent} sent one that was spent")
    figure(f"{line}: lost by a kill in mid-refresh", f"{len(lost) - len(false)}")
    figure(f"{line}: tokens served", f"{read:,}; {dead} that the platform refuses")
    figure(f"{line}: after calm", f"{len(false)} false needs_reconnect, {overdue} overdue, {held} leases")
    assert (dead, false, overdue, held) == (0, [], 0, 0)
    assert spent <= ROUNDS * AT_ONCE
    assert read
    assert done >= ROUNDS


def refreshes(sandbox: Sandbox) -> int:
    """How many were asked for, whatever became of them."""
    return sum(sandbox.counted(ROTATING, REFRESH).values())


async def readings(house: House, urls: list[str], key: str, chance: random.Random) -> tuple[int, int]:
    """How many tokens were served by whichever server answers, and how many of them the platform refuses."""
    served, refused = 0, 0
    async with httpx2.AsyncClient(headers={"x-api-key": key}, timeout=60, trust_env=False) as client:
        for brand in chance.sample(range(1, BRANDS + 1), min(BRANDS, 50)):
            url = f"{chance.choice(urls)}/api/sym/v2/brands/{brand}/connections/{ROTATING}/token"
            try:
                answer = await client.get(url)
            except httpx2.HTTPError:
                continue
            if answer.status_code == 200:
                served += 1
                token = answer.json()["data"]["accessToken"]
                works = await asyncio.to_thread(contract.rules(ROTATING).works, house.sandbox, token)
                refused += not works
    return served, refused


async def calm(house: House) -> tuple[int, int]:
    """Until the workers have done all that is due, by a clock that is moved on: what is overdue then, and leased."""
    for _ in range(60):
        if not await house.due() and not await leases(house.core):
            break
        house.sandbox.advance("2m")
        await asyncio.to_thread(wait_until, settled(house), 300, "the workers to have had their turn")
    return sum(late.count for late in await backlog.overdue(house.core)), await leases(house.core)


def settled(house: House) -> Callable[[], bool]:
    """Whether no further call was made for half a second."""
    before, quiet = -1, 0

    def look() -> bool:
        nonlocal before, quiet
        calls = sum(house.sandbox.counted(ROTATING, "").values())
        quiet = quiet + 1 if calls == before else 0
        before = calls
        return quiet >= QUIET

    return look


async def leases(core: Core) -> int:
    async with core.store.reading() as tx:
        rows = await tx.connection.fetch("SELECT 1 FROM connections WHERE lease_until > $1", core.clock())
    return len(rows)
