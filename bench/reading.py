"""Reading a token through HTTP, beside the least that server, database and sealing cost (`baselines.py`).

Each round asks baseline and service one after the other, so that a busy machine disturbs both alike; look at the
ratios. The service runs as shipped, with its log lines, but for the request limit.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import baselines, place
from bench.load import Load, ask
from bench.report import Row
from bench.sizes import Sizes
from tests.tools.process import Process, clean_env
from tests.tools.wait import free_port

AT_ONCE = (1, 16, 64)
GOALS = {
    ("sqlite", 1): 0.60,
    ("sqlite", 16): 0.60,
    ("sqlite", 64): 0.60,
    ("postgresql", 1): 0.65,
    ("postgresql", 64): 1.0,
}
"""Of the baseline's requests a second."""
STEADY = 4.0
"""Times the median that the slowest answer in a hundred may take."""


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.postgres() as server, place.sandbox(folder) as sandbox:
        for engine in place.ENGINES:
            at = folder / engine
            at.mkdir()
            database = server.new_database() if engine == "postgresql" else str(at / "baseline.db")
            await baselines.prepare(engine, database, at / "key.json")
            with (
                _baseline(engine, database, at) as least,
                place.serving(sandbox, at, place.url(engine, at, server)) as service,
            ):
                for at_once in AT_ONCE:
                    headers, seconds = {"x-api-key": service.secret_key}, sizes.seconds
                    rounds = [
                        (
                            await ask(least, at_once, seconds, {}),
                            await ask(service.url + place.token_path(), at_once, seconds, headers),
                        )
                        for _ in range(sizes.rounds)
                    ]
                    rows += _rows(engine, at_once, rounds)
    return rows


def _rows(engine: str, at_once: int, rounds: list[tuple[Load, Load]]) -> list[Row]:
    least, ours = ([one[side] for one in rounds] for side in (0, 1))
    rate, most = (statistics.median(one.rate for one in side) for side in (ours, least))
    p50, p99 = statistics.median(one.median for one in ours), statistics.median(one.p99 for one in ours)
    share = Row(
        f"token read, {place.NAMES[engine]}, {at_once} at once",
        "server, one read, one open, JSON",
        tuple(one.rate / bare.rate for bare, one in rounds),
        f"{rate:,.0f} of {most:,.0f} /s; p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        at_least=GOALS.get((engine, at_once)),
        name=f"reads {engine} {at_once}",
        number=rate,
    )
    steady = Row(
        f"token read, {place.NAMES[engine]}, p99 at {at_once} at once",
        "its p50",
        tuple(one.p99 / one.median for one in ours),
        at_most=STEADY,
    )
    return [share, steady] if at_once == max(AT_ONCE) else [share]


@contextmanager
def _baseline(engine: str, database: str, folder: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    env = clean_env(BENCH_DATABASE=database, BENCH_KEY=str(folder / "key.json"), PYTHONPATH=os.getcwd())
    granian = str(Path(sys.executable).with_name("granian"))
    command = [granian, "--interface", "asgi", "--port", str(port), "--no-ws", "--factory", f"bench.baselines:{engine}"]
    process = Process("baseline", command, folder / "baseline.log", env, folder)
    process.start(url)
    try:
        yield url
    finally:
        process.stop()
