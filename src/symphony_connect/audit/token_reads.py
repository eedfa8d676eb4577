"""Counts how often each key reads each token, and when it was last used: in memory, written once a second.

A count is one row for each day; the last use of a key is written to within an hour.

A crash loses the counts of the last second. No read waits for a count to be written.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from symphony_connect.audit import sql
from symphony_connect.audit.trail import Entry, Trail
from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.store.db import Store

BATCH = 200
"""Rows in one transaction, so that other writers do not wait long."""
KEPT_DAYS = 30


@dataclass
class Reads:
    """Connection, key and day (since the epoch, UTC) → how many reads, and when the last one was, in milliseconds."""

    unwritten: dict[tuple[str, str, int], tuple[int, int]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    """When each key was last used, in milliseconds, as far as it is not written."""
    written: dict[str, int] = field(default_factory=dict)
    """The last use of each key that this process wrote."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note_key(self, key_id: str, at: int) -> None:
        if at - self.written.get(key_id, 0) >= HOUR:
            self.used[key_id] = at

    def note(self, connection_id: str, key_id: str, at: int, count: int = 1) -> None:
        self.note_key(key_id, at)
        of = (connection_id, key_id, at // DAY)
        before, last = self.unwritten.get(of, (0, 0))
        self.unwritten[of] = (before + count, max(last, at))

    async def write(self, store: Store, trail: Trail) -> None:
        """Write the counts so far, and what was read into the audit. Raises StoreUnavailable; the rest is kept.

        When it returns, everything that was noted before the call is written.
        """
        async with self.turn:
            await self._write_used(store)
            await self._write_counts(store, trail)

    async def _write_counts(self, store: Store, trail: Trail) -> None:
        while self.unwritten:
            # Always in the same order, so that two processes cannot deadlock.
            batch = [(of, self.unwritten.pop(of)) for of in sorted(self.unwritten)[:BATCH]]
            try:
                async with store.writing() as tx:
                    for (connection_id, key_id, day), (count, at) in batch:
                        of = {"connection_id": connection_id, "key_id": key_id, "day": day}
                        await tx.run(sql.reads_add, **of, count=count, at=at)
                        trail.add(tx, Entry(at, "", key_id, "token.read", connection_id, detail={"count": count}))
                    await tx.run(sql.reads_forget, before=max(of[2] for of, _ in batch) - KEPT_DAYS)
            except BaseException:
                for (connection_id, key_id, _), (count, at) in batch:
                    self.note(connection_id, key_id, at, count)
                raise

    async def _write_used(self, store: Store) -> None:
        used = sorted(self.used.items())[:BATCH]
        if not used:
            return
        async with store.writing() as tx:
            for key_id, at in used:
                await tx.run(sql.key_used, id=key_id, at=at, before=at - HOUR)
        for key_id, at in used:
            self.written[key_id] = at
            if self.used.get(key_id) == at:
                del self.used[key_id]
