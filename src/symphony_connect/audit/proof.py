"""Checking every chain from end to end, and deleting what is past its time without breaking one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from symphony_connect.audit import sql
from symphony_connect.audit.chain import place_code, row_code, same
from symphony_connect.audit.trail import KEY, key_of
from symphony_connect.base.clock import Clock
from symphony_connect.store.db import Row, Store, Transaction
from symphony_connect.vault.vault import Vault

PAGE = 500
MOST_TOLD = 20
"""Sentences about what is wrong; more would say no more."""


@dataclass
class Checked:
    """How much there is, and a sentence for each thing that is wrong."""

    chains: int = 0
    rows: int = 0
    wrong: list[str] = field(default_factory=list)

    def tell(self, sentence: str) -> None:
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(sentence)


async def check(store: Store, vault: Vault, clock: Clock, progress: Callable[[int, int], None]) -> Checked:
    """Go through every chain as it is now. Raises StoreUnavailable, Unreadable or KeysUnavailable.

    `progress` is called with the number of rows done, and the total.
    """
    found = Checked()
    async with store.snapshot() as tx:
        chains = {row["chain"]: row for row in await tx.all(sql.chains)}
        if not chains and not await tx.all(sql.rows_by_chain):
            return found
        if await tx.one(sql.audit_key, id=KEY) is None:
            found.tell("the key of the audit is gone; nothing can be checked")
            return found
        key = await key_of(tx, vault, clock)
        counts = {row["chain"]: row["count"] for row in await tx.all(sql.rows_by_chain)}
        total, ends = sum(counts.values()), dict[str, int]()
        for chain in sorted(counts.keys() - chains.keys()):
            found.tell(f"{chain}: its end is not recorded, so nobody can say whether rows are missing")
        for row in chains.values():
            await _check_chain(tx, key, row, found, ends)
            progress(found.rows, total)
    for chain, number in ends.items():
        if chain not in chains:
            found.tell(f"{chain}: removed as a whole; it had at least {number} rows")
        elif chains[chain]["number"] < number:
            found.tell(f"{chain}: cut off; it had at least {number} rows, and ends at {chains[chain]['number']}")
    return found


async def _check_chain(tx: Transaction, key: bytes, chain: Row, found: Checked, ends: dict[str, int]) -> None:
    """`ends` collects what first rows of chains say of where others end."""
    name, number, mac = chain["chain"], chain["gone_number"], chain["gone_mac"]
    found.chains += 1
    for kind, at, code in (("gone", number, mac), ("head", chain["number"], chain["mac"])):
        proof = chain["gone_proof" if kind == "gone" else "proof"]
        if not same(place_code(key, kind, name, at, code), proof):
            found.tell(f"{name}: the record of its {'beginning' if kind == 'gone' else 'end'} was changed")
    while rows := await tx.all(sql.rows_of_chain, chain=name, after=number, most=PAGE):
        for row in rows:
            if row["number"] != number + 1:
                found.tell(f"{name}: rows {number + 1} to {row['number'] - 1} are missing")
            elif not same(row_code(key, mac, row), row["mac"]):
                found.tell(f"{name}: row {row['number']} was changed, or stands where another was")
            number, mac = row["number"], row["mac"]
            found.rows += 1
            if row["what"] == "chain.began":
                for other, end in json.loads(row["detail"]).get("ends", {}).items():
                    ends[other] = max(end, ends.get(other, 0))
    if number != chain["number"]:
        found.tell(f"{name}: cut off; it ends at row {chain['number']}, and the last one there is {number}")
    elif not same(mac, chain["mac"]):
        found.tell(f"{name}: its last row was changed")


async def forget(store: Store, vault: Vault, clock: Clock, before: int) -> int:
    """Delete rows older than `before` from the beginnings of chains; returns how many. Raises StoreUnavailable.

    Up to where is recorded with a proof that takes the key, so that a chain's rest can still be checked.
    """
    forgotten = 0
    async with store.reading() as tx:
        old = await tx.all(sql.chains_old, before=before)
    for chain in old:
        async with store.writing() as tx:
            key = await key_of(tx, vault, clock)
            forgotten += await _forget(tx, key, chain, before)
    return forgotten


async def _forget(tx: Transaction, key: bytes, chain: Row, before: int) -> int:
    name, gone = chain["chain"], chain["gone_number"]
    last = None
    for row in await tx.all(sql.rows_of_chain, chain=name, after=gone, most=PAGE):
        if row["at"] >= before:
            break
        last = row
    if last is None:
        return 0
    number, mac = last["number"], last["mac"]
    proof = place_code(key, "gone", name, number, mac)
    of = {"chain": name, "number": number}
    if not await tx.one(sql.chain_begins, **of, mac=mac, proof=proof, before=gone):
        return 0
    await tx.run(sql.rows_forget, **of)
    return int(number - gone)
