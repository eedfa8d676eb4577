"""`python -m bench [claiming] [reading] [starting]`: tables of what keeping, reading and starting cost."""

from __future__ import annotations

import asyncio
import sys

from bench import claiming, reading, starting

PARTS = {"claiming": claiming.main, "reading": reading.main, "starting": starting.main}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[name]())


main()
