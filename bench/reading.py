"""Reading a token through HTTP: latency alone, throughput with many at once."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table

from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.tools.postgres import Postgres
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

READS = 3000
AT_ONCE = (1, 32)
PATH = f"/api/sym/v2/brands/7/connections/{LASTING}/token"


async def read(client: httpx2.AsyncClient, count: int, took: list[float]) -> None:
    for _ in range(count):
        began = time.perf_counter()
        answer = await client.get(PATH)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"HTTP {answer.status_code}: {answer.text}")


async def measured(url: str, key: str, at_once: int) -> tuple[float, float, float]:
    """Reads a second, and the median and 99th percentile in milliseconds."""
    took: list[float] = []
    headers = {"x-api-key": key}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
        await read(client, 100, [])
        began = time.perf_counter()
        await asyncio.gather(*(read(client, READS // at_once, took) for _ in range(at_once)))
        seconds = time.perf_counter() - began
    return len(took) / seconds, statistics.median(took), statistics.quantiles(took, n=100)[98]


def started(sandbox: Sandbox, folder: Path, database_url: str) -> Service:
    folder.mkdir()
    env = {"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_LOG_LEVEL": "warning"}
    service = Service(sandbox, folder, env)
    assert service.secret_key
    service.start()
    body = {"brandId": 7, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
    service.client.put("/api/sym/v2/brands", json=body).raise_for_status()
    return service


async def main() -> None:
    table = Table(title=f"GET …/token, one server process, the client on the same machine; {READS:,} reads")
    for column in ("database", "at once", "reads/s", "median ms", "p99 ms"):
        table.add_column(column, justify="left" if column == "database" else "right")
    with tempfile.TemporaryDirectory() as name:
        folder, server = Path(name), Postgres(durable=True)
        server.up()
        sandbox = Sandbox(folder)
        sandbox.start()
        try:
            urls = {"SQLite": f"sqlite:///{folder / 'read.db'}", "PostgreSQL": server.new_database()}
            for engine, url in urls.items():
                service = started(sandbox, folder / engine, url)
                try:
                    for at_once in AT_ONCE:
                        rate, middle, worst = await measured(service.url, service.secret_key, at_once)
                        table.add_row(engine, str(at_once), f"{rate:,.0f}", f"{middle:.2f}", f"{worst:.2f}")
                finally:
                    service.close()
        finally:
            sandbox.close()
            server.remove()
    Console().print(table)
