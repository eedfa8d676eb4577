"""A call through the proxy, beside the same call made directly with the same client: rates, and what is added at p50.

Each round asks directly and through the proxy one after the other. The sandbox is the platform: at hand, and as far
away as a platform is, with every answer FAR milliseconds late. Client, service and sandbox share the machine.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import report
from bench.load import Load, ask_by_httpx2
from symphony_connect import platforms
from tests.platforms import contract
from tests.proxy.place import proxy_path
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

ROUNDS = 3
SECONDS = 4.0
FAR = 100
"""Milliseconds: platforms answer simple reads in a hundred or more."""
CASES = ((0, 1), (0, 8), (FAR, 1), (FAR, 8))
GOAL = 0.70
"""Of the rate of direct calls."""
PLATFORM = next(name for name in platforms.names() if contract.facts(name).proxied is not None)
BRAND = 12345


@dataclass(frozen=True)
class Figure:
    """Medians over the rounds; `added_ms` at p50."""

    late_ms: int
    at_once: int
    direct: float
    proxied: float
    ratio: float
    added_ms: float

    @property
    def met(self) -> str:
        return "yes" if self.ratio >= GOAL else "no"


async def main() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        sandbox = Sandbox(Path(name))
        stack.callback(sandbox.close)
        sandbox.start()
        service = Service(sandbox, Path(name), {**contract.settings(sandbox), "SYMPHONY_RATE_LIMIT": "1000000"})
        stack.callback(service.close)
        key = service.secret_key
        service.start(["--no-worker"])
        token = contract.rules(PLATFORM).token(sandbox, "ada")
        body = {"brandId": BRAND, "adPlatform": PLATFORM, **token}
        service.client.put("/api/sym/v2/brands", json=body).raise_for_status()
        path = contract.rules(PLATFORM).READ
        direct = f"{sandbox.url}{path}?access_token={token['accessToken']}", dict[str, str]()
        through = f"{service.url}{proxy_path(BRAND, PLATFORM).rstrip('/')}{path}", {"x-api-key": key}
        figures = [await _measured(sandbox, late, at_once, direct, through) for late, at_once in CASES]
    columns = ("platform late by", "at once", "direct/s", "proxy/s", "ratio", "added p50", "met")
    rows = [
        [
            *(f"{each.late_ms} ms", str(each.at_once), f"{each.direct:.0f}", f"{each.proxied:.0f}"),
            *(f"{each.ratio:.2f}", f"{each.added_ms:.1f} ms", each.met),
        ]
        for each in figures
    ]
    facts = {"load": "httpx2", "goal": GOAL, "figures": [asdict(each) for each in figures]}
    report.write("proxying", "Through the proxy, beside direct calls", columns, rows, facts)


async def _measured(
    sandbox: Sandbox, late: int, at_once: int, direct: tuple[str, dict[str, str]], through: tuple[str, dict[str, str]]
) -> Figure:
    sandbox.calm()
    if late:
        sandbox.control("faults", {"platform": PLATFORM, "times": 1_000_000, "delayMs": late})
    found: list[tuple[Load, Load]] = []
    for _ in range(ROUNDS):
        one = await ask_by_httpx2(direct[0], at_once, SECONDS, direct[1])
        found.append((one, await ask_by_httpx2(through[0], at_once, SECONDS, through[1])))
    rates = [statistics.median(each.rate for each in side) for side in zip(*found, strict=True)]
    ratio = statistics.median(proxied.rate / plain.rate for plain, proxied in found)
    added = statistics.median(proxied.median - plain.median for plain, proxied in found)
    return Figure(late, at_once, rates[0], rates[1], ratio, added)
