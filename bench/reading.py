"""Reading a token through HTTP, beside the least that server, database and sealing cost (`baselines.py`).

Each round asks baseline and service one after the other, so that a busy machine disturbs both alike; look at the
ratios. The service runs as shipped, with its log lines, but for the request limit.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import baselines, report
from bench.load import Load, ask, generator
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.tools.postgres import Postgres
from tests.tools.process import Process, clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import free_port

ROUNDS = 3
SECONDS = 4.0
GOALS = {
    ("sqlite", 1): 0.60,
    ("sqlite", 16): 0.60,
    ("sqlite", 64): 0.60,
    ("postgresql", 1): 0.65,
    ("postgresql", 64): 1.0,
}
"""Of the baseline's requests a second."""
AT_ONCE = (1, 16, 64)


@dataclass(frozen=True)
class Figure:
    """Medians over the rounds; `spread` is the lowest and the highest ratio of a round."""

    engine: str
    at_once: int
    baseline: float
    service: float
    ratio: float
    spread: tuple[float, float]
    median_ms: float
    p99_ms: float
    goal: float | None

    @property
    def met(self) -> str:
        return "" if self.goal is None else "yes" if self.ratio >= self.goal else "no"


async def main() -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        server = Postgres(durable=True)
        stack.callback(server.remove)
        server.up()
        sandbox = Sandbox(folder)
        stack.callback(sandbox.close)
        sandbox.start()
        for engine in ("sqlite", "postgresql"):
            place = folder / engine
            place.mkdir()
            url = server.new_database() if engine == "postgresql" else f"sqlite:///{place / 'read.db'}"
            database = server.new_database() if engine == "postgresql" else str(place / "baseline.db")
            key = place / "key.json"
            await baselines.prepare(engine, database, key)
            with _baseline(engine, database, key, place) as least, _service(sandbox, place, url) as (ours, headers):
                for at_once in AT_ONCE:
                    rounds = [
                        (await ask(least, at_once, SECONDS, {}), await ask(ours, at_once, SECONDS, headers))
                        for _ in range(ROUNDS)
                    ]
                    figures.append(_figure(engine, at_once, rounds))
    _write(figures)


def _figure(engine: str, at_once: int, rounds: list[tuple[Load, Load]]) -> Figure:
    ratios = [service.rate / least.rate for least, service in rounds]
    return Figure(
        engine,
        at_once,
        baseline=statistics.median(least.rate for least, _ in rounds),
        service=statistics.median(service.rate for _, service in rounds),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
        median_ms=statistics.median(service.median for _, service in rounds),
        p99_ms=statistics.median(service.p99 for _, service in rounds),
        goal=GOALS.get((engine, at_once)),
    )


@contextmanager
def _baseline(engine: str, database: str, key: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    env = clean_env(BENCH_DATABASE=database, BENCH_KEY=str(key), PYTHONPATH=os.getcwd())
    granian = str(Path(sys.executable).with_name("granian"))
    command = [granian, "--interface", "asgi", "--port", str(port), "--no-ws", "--factory", f"bench.baselines:{engine}"]
    process = Process("baseline", command, folder / "baseline.log", env, folder)
    process.start(url)
    try:
        yield url
    finally:
        process.stop()


@contextmanager
def _service(sandbox: Sandbox, folder: Path, url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Its address for one brand's token, and the header fields to ask with. It has no clock file."""
    env = {"SYMPHONY_DATABASE_URL": url, "SYMPHONY_RATE_LIMIT": "100000", "SYMPHONY_CLOCK_FILE": ""}
    service = Service(sandbox, folder, env)
    assert service.secret_key
    service.process.preloaded = False
    service.start()
    try:
        body = {"brandId": 7, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
        service.client.put("/api/sym/v2/brands", json=body).raise_for_status()
        path = f"/api/sym/v2/brands/7/connections/{LASTING}/token"
        service.client.get(path).raise_for_status()
        yield service.url + path, {"x-api-key": service.secret_key}
    finally:
        service.close()


def _write(figures: list[Figure]) -> None:
    columns = ("database", "at once", "baseline /s", "service /s", "ratio", "spread", "p50 ms", "p99 ms", "goal", "met")
    rows = [
        (
            each.engine,
            str(each.at_once),
            f"{each.baseline:,.0f}",
            f"{each.service:,.0f}",
            f"{each.ratio:.2f}",
            f"{each.spread[0]:.2f}–{each.spread[1]:.2f}",
            f"{each.median_ms:.2f}",
            f"{each.p99_ms:.2f}",
            "" if each.goal is None else f"{each.goal:.2f}",
            each.met,
        )
        for each in figures
    ]
    about = {"load": generator(), "rounds": ROUNDS, "seconds": SECONDS}
    title = "GET …/token, one server process, the client on the same machine"
    report.write("reading", title, columns, rows, {**about, "figures": [asdict(each) for each in figures]})
