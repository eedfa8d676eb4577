"""`python -m bench [claiming] [reading]`: tables of what it costs to keep and to read connections."""

from __future__ import annotations

import asyncio
import sys

from bench import claiming, reading

PARTS = {"claiming": claiming.main, "reading": reading.main}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[name]())


main()
