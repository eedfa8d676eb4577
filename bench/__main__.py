"""`python -m bench [claiming] [reading] [pages] [starting]`: what keeping, reading, listing and starting cost."""

from __future__ import annotations

import asyncio
import sys

from bench import claiming, pages, reading, starting

PARTS = {"claiming": claiming.main, "reading": reading.main, "pages": pages.main, "starting": starting.main}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[name]())


main()
