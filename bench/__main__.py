"""`python -m bench [claiming] [reading] [pages] [starting] [proxying]`: what each of these costs."""

from __future__ import annotations

import asyncio
import sys

from bench import claiming, pages, proxying, reading, starting

PARTS = {
    "claiming": claiming.main,
    "reading": reading.main,
    "pages": pages.main,
    "starting": starting.main,
    "proxying": proxying.main,
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[name]())


main()
