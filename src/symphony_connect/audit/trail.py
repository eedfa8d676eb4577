"""The audit: who did what to which connection, in a chain that shows when a row was changed, removed or cut off.

One chain for each process. A change is written in the transaction of the change, as its last statements, so that the
order of a chain is the order of its commits. A token read and a proxied call are noted in memory (`token_reads.py`,
`proxied_calls.py`) and written once a second; with SYMPHONY_AUDIT_STRICT before the answer.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from symphony_connect.audit import sql
from symphony_connect.audit.chain import START, place_code, row_code
from symphony_connect.base.clock import Clock
from symphony_connect.store.db import Transaction
from symphony_connect.vault.vault import Binding, Vault

KEY = "audit"
"""The id of the one key."""
MENTIONED = 50
"""Chains whose ends the first row of a new chain names, the newest first."""


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did. `at` in milliseconds since the epoch; `detail` holds no secret and no name."""

    at: int
    workspace: str
    actor: str
    what: str
    connection: str | None = None
    brand: int | None = None
    platform: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Head:
    chain: str
    number: int
    mac: str


class Trail:
    """One for each process, opened with its vault."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._turn = asyncio.Lock()
        self._head: _Head | None = None
        self._key = b""

    def add(self, tx: Transaction, entry: Entry) -> None:
        """Write it in this transaction, at its end."""
        for each in tx.at_the_end:
            if isinstance(each, _Append):
                each.entries.append(entry)
                return
        tx.at_the_end.append(_Append(self, [entry]))

    @asynccontextmanager
    async def appending(self, tx: Transaction, entries: Sequence[Entry]) -> AsyncIterator[None]:
        """Around the commit of a transaction: its rows, and nobody else's of this chain until it is committed."""
        async with self._turn:
            try:
                before = self._head or await self._begin(tx)
                after = await self._append(tx, before, entries)
                yield
            except BaseException:
                # Whether it was committed is not known: this chain ends where it was.
                self._head, self._key = None, b""
                raise
            self._head = after

    async def _begin(self, tx: Transaction) -> _Head:
        """A new chain. Its first row names where others end, so that a shortened one is found by them."""
        self._key = self._key or await key_of(tx, self._vault, self._clock)
        chain = f"chain_{secrets.token_hex(12)}"
        others = {row["chain"]: row["number"] for row in await tx.all(sql.chains_newest, most=MENTIONED)}
        gone = place_code(self._key, "gone", chain, 0, START)
        head = place_code(self._key, "head", chain, 0, START)
        await tx.run(sql.chain_add, chain=chain, nothing=START, gone_proof=gone, proof=head, at=self._clock())
        entry = Entry(self._clock(), "", "process", "chain.began", detail={"ends": others})
        return await self._append(tx, _Head(chain, 0, START), [entry])

    async def _append(self, tx: Transaction, head: _Head, entries: Sequence[Entry]) -> _Head:
        for entry in entries:
            detail = json.dumps(entry.detail, sort_keys=True)
            row = {**vars(entry), "detail": detail, "chain": head.chain, "number": head.number + 1}
            head = replace(head, number=head.number + 1, mac=row_code(self._key, head.mac, row))
            await tx.run(sql.row_add, **row, mac=head.mac)
        proof = place_code(self._key, "head", head.chain, head.number, head.mac)
        await tx.run(sql.chain_ends, **vars(head), proof=proof, at=self._clock())
        return head


class _Append:
    """What `Transaction.at_the_end` holds: the entries of one transaction."""

    def __init__(self, trail: Trail, entries: list[Entry]) -> None:
        self._trail = trail
        self.entries = entries

    def __call__(self, tx: Transaction) -> AbstractAsyncContextManager[None]:
        return self._trail.appending(tx, self.entries)


async def key_of(tx: Transaction, vault: Vault, clock: Clock) -> bytes:
    """The key of all chains; the first process makes it. Raises Unreadable or KeysUnavailable."""
    row = await tx.one(sql.audit_key, id=KEY)
    if row is None:
        sealed = await vault.seal(tx, _binding(), secrets.token_hex(32))
        await tx.run(sql.audit_key_add, id=KEY, sealed=sealed, at=clock())
        row = await tx.one(sql.audit_key, id=KEY)
        assert row is not None
    return bytes.fromhex(await vault.open(_binding(), row["sealed"]))


def _binding() -> Binding:
    return Binding("", 0, "", "audit_key", KEY)
