"""A call through the proxy, beside the same call made directly with the same client: rates, and what is added at p50.

Each round asks directly and through the proxy one after the other. The sandbox is the platform: at hand, and as far
away as a platform is, with every answer FAR milliseconds late. Client, service and sandbox share the machine.
"""

from __future__ import annotations

import statistics

from bench import place
from bench.load import Load, ask_by_httpx2
from bench.report import Row
from bench.sizes import Sizes
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.proxy.place import proxy_path
from tests.tools.sandbox import Sandbox

FAR = 100
"""Milliseconds: platforms answer simple reads in a hundred or more."""
CASES = ((0, 1), (0, 8), (FAR, 1), (FAR, 8))
GOAL = 0.70
"""Of the rate of direct calls."""
Asked = tuple[str, dict[str, str]]


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.sandbox(folder) as sandbox:
        url = f"sqlite:///{folder / 'symphony.db'}"
        with place.serving(sandbox, folder, url, "--no-worker") as service:
            key = {"x-api-key": service.secret_key}
            read = service.client.get(place.token_path(), headers=key).raise_for_status()
            token = {"access_token": read.json()["data"]["accessToken"]}
            path = contract.proxied_read(LASTING)
            direct = f"{sandbox.url}/{path}?access_token={token['access_token']}", dict[str, str]()
            through = f"{service.url}{proxy_path(place.BRAND, LASTING)}{path}", key
            for late, at_once in CASES:
                rows += await _measured(sizes, sandbox, late, at_once, direct, through)
    return rows


async def _measured(
    sizes: Sizes, sandbox: Sandbox, late: int, at_once: int, direct: Asked, through: Asked
) -> list[Row]:
    sandbox.calm()
    if late:
        sandbox.control("faults", {"platform": LASTING, "times": 1_000_000, "delayMs": late})
    rounds: list[tuple[Load, Load]] = []
    for _ in range(sizes.rounds):
        plain = await ask_by_httpx2(direct[0], at_once, sizes.seconds, direct[1])
        rounds.append((plain, await ask_by_httpx2(through[0], at_once, sizes.seconds, through[1])))
    plain, ours = (statistics.median(each.rate for each in side) for side in zip(*rounds, strict=True))
    what = f"proxied call, platform {late} ms away, {at_once} at once"
    return [
        Row(
            what,
            "the same call made directly",
            tuple(proxied.rate / one.rate for one, proxied in rounds),
            f"{ours:,.0f} of {plain:,.0f} /s",
            at_least=GOAL,
        ),
        Row(f"{what}: added p50", "", tuple(proxied.median - one.median for one, proxied in rounds), unit=" ms"),
    ]
