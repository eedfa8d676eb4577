"""Renewing, as one worker does it, beside the bare upstream call with the same HTTP client.

The sandbox answers at once; the pace is lifted. What stands beside the call: lease, journal, sealing, storing, event.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.connections import lease
from symphony_connect.connections.renew import renew
from symphony_connect.platforms.base import PlatformError
from tests.platforms.chosen import LASTING
from tests.renewal.house import House

AT_ONCE = 16
GOAL = 0.40
PER_CORE = 300.0


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.postgres() as server, place.sandbox(folder) as sandbox:
        for engine in place.ENGINES:
            at = folder / engine
            at.mkdir()
            async with place.house(sandbox, at, place.url(engine, at, server)) as house:
                ids = [await house.connect(LASTING) for _ in range(sizes.many)]
                rounds = [(await _all(house, ids, _bare), await _all(house, ids, _ours)) for _ in range(sizes.rounds)]
            bare, ours = (statistics.median(one[side][0] for one in rounds) for side in (0, 1))
            rows += [
                Row(
                    f"renewals, {place.NAMES[engine]}, one worker",
                    "the bare upstream call",
                    tuple(one[0] / least[0] for least, one in rounds),
                    f"{ours:,.0f} of {bare:,.0f} /s",
                    at_least=GOAL,
                ),
                Row(
                    f"renewals, {place.NAMES[engine]}, of one core's time",
                    "",
                    tuple(one[1] for _, one in rounds),
                    at_least=PER_CORE,
                    unit=" /s",
                    name=f"renewals {engine}",
                ),
            ]
    return rows


async def _all(house: House, ids: list[str], work: Callable[[House, str], Awaitable[None]]) -> tuple[float, float]:
    """How many in a second, and in a second of this process's CPU time."""
    turn, began, spent = asyncio.Semaphore(AT_ONCE), time.perf_counter(), time.process_time()

    async def one(id: str) -> None:
        async with turn:
            await work(house, id)

    await asyncio.gather(*map(one, ids))
    return len(ids) / (time.perf_counter() - began), len(ids) / (time.process_time() - spent)


async def _bare(house: House, id: str) -> None:
    connection, sealed = await house.row(id), await house.sealed(id)
    assert sealed is not None
    grant = await house.core.vault.open_grant(connection.binding(), sealed)
    await house.core.platform(LASTING).renew(grant)


async def _ours(house: House, id: str) -> None:
    held = await lease.hold(house.core, id)
    assert held is not None
    # As a worker holds it, which took its place in the pace with the claim.
    outcome = await renew(house.core, replace(held, admitted=True), "bench")
    if isinstance(outcome.error, PlatformError):
        raise outcome.error
