"""Notes each call that the proxy passed on: in memory, written once a second.

A row of the audit says what the call was; beside it, one row counts the calls of a key and a connection on one day.
Calls that look the same within one batch are one row of the audit, with their count.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from symphony_connect.audit import sql
from symphony_connect.audit.token_reads import BATCH, KEPT_DAYS
from symphony_connect.audit.trail import Entry, Trail
from symphony_connect.base.clock import DAY
from symphony_connect.store.db import Store

MOST = 10_000
"""Different calls that wait to be written; beyond that, no call goes out before some were."""
MOST_ACCOUNTS = 20
"""Ad accounts of one call that the audit names."""


@dataclass(frozen=True)
class ProxiedCall:
    """What the audit holds of a call: no query, no body, no header."""

    workspace_id: str
    key_id: str
    connection_id: str
    brand_id: int
    platform: str
    method: str
    path: str
    """As the platform gets it, with secrets masked."""
    accounts: tuple[str, ...]
    reads: bool
    """Whether it changes nothing at the platform."""
    what: Literal["proxy.sending", "proxy.call"] = "proxy.call"
    """`proxy.sending` is written before a call goes out, with SYMPHONY_AUDIT_STRICT alone."""
    status: int | None = None
    """The platform's answer; None where none came."""

    @property
    def detail(self) -> Mapping[str, Any]:
        facts = {"method": self.method, "path": self.path, "reads": self.reads}
        accounts = {"ad_accounts": list(self.accounts[:MOST_ACCOUNTS]), "ad_account_count": len(self.accounts)}
        return {**facts, **accounts, **({"status": self.status} if self.what == "proxy.call" else {})}


@dataclass
class Calls:
    """Each different call → how often it was made, and when the last one was, in milliseconds since the epoch."""

    unwritten: dict[ProxiedCall, tuple[int, int]] = field(default_factory=dict)
    most: int = MOST
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def full(self) -> bool:
        return len(self.unwritten) >= self.most

    def note(self, call: ProxiedCall, at: int, count: int = 1) -> None:
        before, last = self.unwritten.get(call, (0, 0))
        self.unwritten[call] = (before + count, max(last, at))

    async def write(self, store: Store, trail: Trail) -> None:
        """Write what was noted before the call. Raises StoreUnavailable; what was not written is kept."""
        async with self.turn:
            while self.unwritten:
                batch = {call: self.unwritten.pop(call) for call in list(self.unwritten)[:BATCH]}
                try:
                    await _write(batch, store, trail)
                except BaseException:
                    for call, (count, at) in batch.items():
                        self.note(call, at, count)
                    raise


async def _write(batch: Mapping[ProxiedCall, tuple[int, int]], store: Store, trail: Trail) -> None:
    counts, last = Counter[tuple[str, str, int]](), dict[tuple[str, str, int], int]()
    for call, (count, at) in batch.items():
        if call.what == "proxy.call":
            of = (call.connection_id, call.key_id, at // DAY)
            counts[of] += count
            last[of] = max(at, last.get(of, 0))
    async with store.writing() as tx:
        # Always in the same order, so that two processes cannot deadlock.
        for of in sorted(counts):
            named = {"connection_id": of[0], "key_id": of[1], "day": of[2]}
            await tx.run(sql.calls_add, **named, count=counts[of], at=last[of])
        if counts:
            await tx.run(sql.calls_forget, before=max(of[2] for of in counts) - KEPT_DAYS)
        for call, (count, at) in batch.items():
            where = (call.workspace_id, call.key_id, call.what, call.connection_id, call.brand_id, call.platform)
            trail.add(tx, Entry(at, *where, {**call.detail, "count": count}))
