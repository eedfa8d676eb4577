"""Connecting a brand, beside the upstream round trips that it takes, each as long as a real platform's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable
from typing import Any

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.base.model import Grant
from symphony_connect.connections import connect
from tests.platforms.chosen import LASTING
from tests.renewal.house import House

TRIP = 100
"""Milliseconds that the sandbox waits with each answer."""
TIMES = 5
GOAL = 1.15


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.postgres() as server, place.sandbox(folder) as sandbox:
        for engine in place.ENGINES:
            at = folder / engine
            at.mkdir()
            async with place.house(sandbox, at, place.url(engine, at, server)) as house:
                found = [(await _trip(house), *await _connect(house)) for _ in range(sizes.rounds * TIMES)]
            trip, took, trips = (statistics.median(each) for each in zip(*found, strict=True))
            rows.append(
                Row(
                    f"connect a brand, {place.NAMES[engine]}",
                    "the sum of its upstream round trips",
                    tuple(took / (trips * trip) for trip, took, trips in found),
                    f"{took * 1000:,.0f} ms for {trips:.0f} round trips of {trip * 1000:.0f} ms",
                    at_most=GOAL,
                )
            )
    return rows


async def _trip(house: House) -> float:
    """Seconds of one round trip with the same client: the upstream call of an inspection, and nothing else."""
    token = house.bring(LASTING).access_token
    took, trips = await _slowly(house, house.core.platform(LASTING).inspect(Grant(token)))
    return took / trips


async def _connect(house: House) -> tuple[float, int]:
    return await _slowly(house, connect.register(house.core, house.caller, house.bring(LASTING)))


async def _slowly(house: House, work: Awaitable[Any]) -> tuple[float, int]:
    """Seconds, and how many calls it made."""
    sandbox = house.sandbox
    before = len(sandbox.calls(LASTING))
    sandbox.control("faults", {"platform": LASTING, "times": 20, "delayMs": TRIP})
    began = time.perf_counter()
    await work
    took = time.perf_counter() - began
    sandbox.calm()
    return took, len(sandbox.calls(LASTING)) - before
