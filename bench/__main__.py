"""`python -m bench [PART …] [--full] [--quick]`: what reading, keeping, connecting and starting cost.

`--full` takes the largest sizes (a million connections, a million reads); `--quick` one round of everything, to see
that it runs.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from bench import (
    claiming,
    connecting,
    endpoints,
    memory,
    pages,
    processes,
    proxying,
    reading,
    renewing,
    sealing,
    starting,
)
from bench.report import Row, write
from bench.sizes import Sizes

PARTS = {
    "reading": reading.main,
    "proxying": proxying.main,
    "processes": processes.main,
    "claiming": claiming.main,
    "renewing": renewing.main,
    "connecting": connecting.main,
    "endpoints": endpoints.main,
    "sealing": sealing.main,
    "starting": starting.main,
    "memory": memory.main,
    "pages": pages.main,
}


def main() -> None:
    asked = [word for word in sys.argv[1:] if not word.startswith("--")]
    sizes = Sizes.of(full="--full" in sys.argv, quick="--quick" in sys.argv)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}.")
    began, load, rows = time.monotonic(), os.getloadavg()[0], list[Row]()
    for name in asked or PARTS:
        print(f"{time.monotonic() - began:6.0f} s  {name} …", flush=True)
        rows += asyncio.run(PARTS[name](sizes))
    write("-".join(asked) or "all", rows, time.monotonic() - began, load)


main()
