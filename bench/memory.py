"""Resident memory of a server process: after a warm start, and after very many reads more."""

from __future__ import annotations

import psutil

from bench import place
from bench.load import ask
from bench.report import Row
from bench.sizes import Sizes
from tests.tools.service import Service

AT_ONCE = 64
WARM = 3.0
"""Seconds of reads until every part that reads need has been used."""
GROWTH = 1.03
"""Of what was there before; below it a process's memory goes up and down by itself."""
MOST = 90.0
MB = 1_000_000


async def main(sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    with place.folder() as folder, place.postgres() as server, place.sandbox(folder) as sandbox:
        for engine in place.ENGINES:
            at = folder / engine
            at.mkdir()
            with place.serving(sandbox, at, place.url(engine, at, server)) as service:
                url, headers = service.url + place.token_path(), {"x-api-key": service.secret_key}
                idle = _resident(service)
                rate = (await ask(url, AT_ONCE, WARM, headers)).rate
                before = _resident(service)
                await ask(url, AT_ONCE, max(sizes.reads / rate, 1.0), headers)
                after = _resident(service)
            what = f"memory after {sizes.reads:,} reads, {place.NAMES[engine]}"
            figures = f"{idle:.0f} MB idle, {before:.0f} MB warm, {after:.0f} MB after"
            rows.append(Row(what, "before", (after / before,), figures, at_most=GROWTH))
            rows.append(
                Row(
                    f"memory of a server process, {place.NAMES[engine]}",
                    "",
                    (after,),
                    at_most=MOST,
                    unit=" MB",
                    name=f"memory {engine}",
                )
            )
    return rows


def _resident(service: Service) -> float:
    """MB of the process that serves: the youngest of those that the command began."""
    children = psutil.Process(service.process.pid).children(recursive=True)
    return max(each.memory_info().rss for each in children) / MB
