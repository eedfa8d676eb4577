"""Writes once a second what was noted in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from symphony_connect.store.db import StoreUnavailable

EVERY = 1.0
"""Seconds."""


async def keep(write: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Write once a second until `stop` is set, and once more at the end."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY)
        with contextlib.suppress(StoreUnavailable):
            await write()
