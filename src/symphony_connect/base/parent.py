"""A server process ends with the one that started it, so that none is left that holds the port."""

from __future__ import annotations

import asyncio
import os
import signal

import structlog

EVERY = 1.0
"""Seconds between looks."""
GRACE = 8.0
"""Seconds to end in order; after them the process ends at once."""

log = structlog.get_logger()


async def end_with(parent: int) -> None:
    """Until cancelled, watch whether process `parent` is still this one's parent; end this process when it is not."""
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(EVERY)
    log.error("server.parent_gone", parent=parent)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(GRACE)
    os._exit(1)
