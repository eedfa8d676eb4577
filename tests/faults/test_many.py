"""Thousands due in the same minute, and several processes to tend them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.base.model import Grant, Status
from symphony_connect.connections import pacing, sql, worker
from symphony_connect.core import Core
from symphony_connect.vault.vault import Binding
from tests.faults.figures import FULL, Figure
from tests.properties.scripted import NAME, Scripted, World
from tests.renewal.house import House

DUE = 10_000 if FULL else 500
WORKERS = 3


class Counting(Scripted):
    """Knows how many are asking at this moment, and how many began in which second."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asking = self.most = 0
        self.began: list[int] = []

    async def renew(self, grant: Grant) -> Grant:
        self.asking += 1
        self.most = max(self.most, self.asking)
        self.began.append(self.world.now)
        await asyncio.sleep(0)
        try:
            return await super().renew(grant)
        finally:
            self.asking -= 1


@pytest.mark.timeout(3000 if FULL else 300)
async def test_many_due_at_once(house: House, env: dict[str, str], figure: Figure) -> None:
    """Three workers, one clock that moves by a second at a time while they are at it; a reader looks at each end."""
    world = World(now=house.core.clock())
    platform = Counting(world)
    core = replace(house.core, platforms={NAME: platform}, clock=lambda: world.now)
    grants = [world.issue(f"person{number}") for number in range(DUE)]
    await fill(core, grants, world.now + 16 * HOUR)
    world.now += 16 * HOUR
    async with AsyncExitStack() as stack:
        workers = [core]
        for _ in range(WORKERS - 1):
            other = await stack.enter_async_context(opened_core(config.load(env)))
            workers.append(replace(other, platforms={NAME: platform}, clock=core.clock))
        end = world.now + 8 * HOUR
        while len(platform.began) < DUE:
            await asyncio.gather(*(worker.tend_due(each) for each in workers))
            world.now += 1000
            assert world.now < end - MINUTE * 10, f"{len(platform.began)} of {DUE} were renewed in time"
    assert len(platform.began) == DUE
    assert platform.most <= platform.at_once
    per_minute = max(sum(at <= began < at + MINUTE for began in platform.began) for at in platform.began[::50])
    assert per_minute <= MINUTE // pacing.spacing(platform) + platform.burst
    async with core.store.reading() as tx:
        left = await tx.one(sql.due_now, platform=NAME, now=world.now)
    assert left is None
    took = (max(platform.began) - min(platform.began)) // MINUTE
    figure(f"{DUE:,} grants due at once", f"0 expired served; {took} min of 8 h; {per_minute} a minute at most")


async def fill(core: Core, grants: list[Grant], due_at: int) -> None:
    """As many connections as grants, straight into the store, all due at one moment."""
    now = core.clock()
    async with core.store.writing() as tx:
        for number, grant in enumerate(grants):
            brand, id = 1_000_000 + number, f"conn_{number:06}"
            at = {"workspace_id": "ws_tests", "brand_id": brand}
            await tx.run(sql.brand_put, **at, name=None, at=now)
            await tx.run(sql.connection_add, id=id, **at, platform=NAME, status=Status.CONNECTED, at=now)
            await tx.run(
                sql.connection_granted,
                pressing_at=None,
                id=id,
                identity_id=f"person{number}",
                identity_name="Somebody",
                scopes=None,
                missing_scopes="[]",
                issued_at=now,
                expires_at=grant.expires_at,
                refresh_expires_at=grant.refresh_expires_at,
                data_access_expires_at=None,
                verified_at=now,
                renewed_at=None,
                renew_after=None,
                ends_at=None,
                ends_why=None,
            )
            await tx.run(sql.connection_due, id=id, due_at=due_at, attempts=0)
            sealed = await core.vault.seal_grant(tx, Binding("ws_tests", brand, NAME, "grant"), grant)
            await tx.run(sql.grant_put, connection_id=id, slot="live", sealed=sealed, at=now, replaces=0)
