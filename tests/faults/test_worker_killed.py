"""A worker that is killed in mid-work stops nobody else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from symphony_connect.connections import lease, pacing
from tests.faults.figures import Figure
from tests.platforms.chosen import LASTING
from tests.renewal.house import House
from tests.tools.process import CLI, Process
from tests.tools.wait import wait_until

LONG = 60
"""Seconds; a lease lasts 90."""


async def test_others_go_on_when_a_worker_is_killed_with_its_leases(
    house: House, env: dict[str, str], tmp_path: Path, figure: Figure
) -> None:
    """It holds as many leases as the platform allows at once, and beats no more."""
    allowed = house.core.platform(LASTING).at_once
    for _ in range(allowed + 4):
        await house.connect(LASTING)
    house.sandbox.fault(LASTING, "timeout", times=1000)
    house.sandbox.advance("25h")
    before = len(house.sandbox.calls(LASTING))
    worker = Process("worker", [CLI, "worker"], tmp_path / "worker.log", env)
    worker.start()
    try:
        under_way = lambda: len(house.sandbox.calls(LASTING)) >= before + allowed  # noqa: E731
        await asyncio.to_thread(wait_until, under_way, LONG, "the worker to be in mid-call everywhere")
        assert await pacing.claim(house.core, LASTING, lease.LEASE) == []
    finally:
        worker.kill()
    killed = time.monotonic()
    async with asyncio.timeout(LONG):
        claimed = False
        while not claimed:
            claimed = bool(await pacing.claim(house.core, LASTING, lease.LEASE))
            await asyncio.sleep(0)
    seconds = time.monotonic() - killed
    figure("a worker killed with every lease it may hold", f"others go on after {seconds:.1f} s")
