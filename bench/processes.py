"""Token reads over PostgreSQL with several server processes, beside one. Client and database need cores too."""

from __future__ import annotations

import os
import statistics

from bench import place
from bench.load import ask
from bench.report import Row
from bench.sizes import Sizes

NUMBERS = (2, 4)
AT_ONCE = 64
GOAL = 0.9
BESIDE = 2
"""Cores for client and database."""


async def main(sizes: Sizes) -> list[Row]:
    numbers = [number for number in NUMBERS if number + BESIDE <= (os.cpu_count() or 1)]
    if not numbers:
        print(f"        {os.cpu_count()} cores are too few for {NUMBERS[0]} server processes, client and database")
        return []
    with place.folder() as folder, place.postgres() as server, place.sandbox(folder) as sandbox:
        url, rates = place.url("postgresql", folder, server), dict[int, list[float]]()
        for _ in range(sizes.rounds):
            for number in (1, *numbers):
                with place.serving(sandbox, folder, url, "--workers", str(number)) as service:
                    headers = {"x-api-key": service.secret_key}
                    load = await ask(service.url + place.token_path(), AT_ONCE, sizes.seconds, headers)
                    rates.setdefault(number, []).append(load.rate)
    return [
        Row(
            f"token read, PostgreSQL, {number} processes, {AT_ONCE} at once",
            f"{number} times one process",
            tuple(many / one / number for many, one in zip(rates[number], rates[1], strict=True)),
            f"{statistics.median(rates[number]):,.0f} /s, one {statistics.median(rates[1]):,.0f} /s",
            at_least=GOAL,
        )
        for number in numbers
    ]
