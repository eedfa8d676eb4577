"""Counts how often each key reads each token: in memory, written once a second, one row for each day.

A crash loses the counts of the last second. No read waits for a count to be written.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from symphony_connect.audit import sql
from symphony_connect.base.clock import DAY
from symphony_connect.store.db import Store, StoreUnavailable

EVERY = 1.0
"""Seconds."""
BATCH = 200
"""Rows in one transaction, so that other writers do not wait long."""
KEPT_DAYS = 30


@dataclass
class Reads:
    """Connection, key and day (since the epoch, UTC) → how many reads, and when the last one was, in milliseconds."""

    unwritten: dict[tuple[str, str, int], tuple[int, int]] = field(default_factory=dict)

    def note(self, connection_id: str, key_id: str, at: int, count: int = 1) -> None:
        of = (connection_id, key_id, at // DAY)
        before, last = self.unwritten.get(of, (0, 0))
        self.unwritten[of] = (before + count, max(last, at))

    async def write(self, store: Store) -> None:
        """Write the counts so far. Raises StoreUnavailable; counts that were not written are kept."""
        while self.unwritten:
            # Always in the same order, so that two processes cannot deadlock.
            batch = [(of, self.unwritten.pop(of)) for of in sorted(self.unwritten)[:BATCH]]
            try:
                async with store.writing() as tx:
                    for (connection_id, key_id, day), (count, at) in batch:
                        of = {"connection_id": connection_id, "key_id": key_id, "day": day}
                        await tx.run(sql.reads_add, **of, count=count, at=at)
                    await tx.run(sql.reads_forget, before=max(of[2] for of, _ in batch) - KEPT_DAYS)
            except BaseException:
                for (connection_id, key_id, _), (count, at) in batch:
                    self.note(connection_id, key_id, at, count)
                raise

    async def keep(self, store: Store, stop: asyncio.Event) -> None:
        """Write once a second until `stop` is set, and once more at the end."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)
            with contextlib.suppress(StoreUnavailable):
                await self.write(store)
