"""`python -m bench [claiming] [reading] [pages]`: tables of what it costs to keep, to read and to list connections."""

from __future__ import annotations

import asyncio
import sys

from bench import claiming, pages, reading

PARTS = {"claiming": claiming.main, "reading": reading.main, "pages": pages.main}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        asyncio.run(PARTS[name]())


main()
