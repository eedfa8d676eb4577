"""Re-keying: seal everything with a new key while servers run (docs/decisions/0024-key-rotation.md).

No progress is stored. A keyset with more than one key means that re-keying has begun, and the first
bytes of each sealed value name its key. A run that was killed at any moment is continued by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from symphony_connect.base.clock import Clock
from symphony_connect.store.db import Row, Store, Transaction
from symphony_connect.vault import keyset, sql
from symphony_connect.vault.keyset import Keyset
from symphony_connect.vault.vault import Binding, Unreadable, Vault, opened_vault

PLACES = {
    "grants": (sql.sealed_grants, sql.reseal_grants),
    "flows": (sql.sealed_flows, sql.reseal_flows),
    "handed_over": (sql.sealed_handed_over, sql.reseal_handed_over),
    "replays": (sql.sealed_replays, sql.reseal_replays),
    "strays": (sql.sealed_strays, sql.reseal_strays),
    "audit_keys": (sql.sealed_audit_keys, sql.reseal_audit_keys),
    "webhook_secrets": (sql.sealed_webhook_secrets, sql.reseal_webhook_secrets),
}
"""Every table with a column `sealed`, and the statements that read it and write it again."""
BATCH = 200

Progress = Callable[[int, int], None]
"""Called with the number of values done, and the total."""


@dataclass
class Rotation:
    """The result of re-keying. A key is named by the first bytes of the values that it sealed."""

    resumed: bool
    primary: bytes
    retired: set[bytes]
    resealed: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Values that no key opens, one sentence each. While there are any, the old keys are kept."""
    proven: int | None = None
    """How many values opened with only the first master key and the new key, after the old keys were removed."""


async def rotate(store: Store, vault: Vault, clock: Clock, progress: Progress) -> Rotation:
    """Seal everything with a new key and remove the old one. Continues a run that was interrupted.

    Raises ConfigError, KeysUnavailable or StoreUnavailable; run it again to continue.
    """
    rotation = await _begin(store, vault, clock)
    total = sum((await sealed_by_key(store, rotation.retired)).values())
    while not rotation.unreadable:
        for place in PLACES:
            async with store.reading() as tx:
                async for row in sealed_values(tx, place, rotation.primary):
                    await _reseal(store, vault, place, row, rotation)
                    progress(rotation.resealed, max(total, rotation.resealed))
        if not rotation.unreadable and await _end(store, vault, clock, rotation):
            rotation.proven = await _prove(store, vault)
            break
    return rotation


async def _begin(store: Store, vault: Vault, clock: Clock) -> Rotation:
    """Add the new key. From now on every process seals with it; the old keys can still open."""
    async with store.writing() as tx:
        keys, rows_bound = await _locked(tx, vault)
        resumed = bool(keys.retired)
        # One that an older version began has sealed some values bound the older way.
        if not (resumed and rows_bound):
            keys = keys.with_new_primary()
        await _put(tx, vault, clock, keys)
    return Rotation(resumed, keys.primary, keys.retired)


async def _reseal(store: Store, vault: Vault, place: str, row: Row, rotation: Rotation) -> None:
    """Seal one value again, in its own transaction, so that other writers wait only a moment and cannot deadlock."""
    binding = binding_of(row)
    try:
        value = await vault.open(binding, row["sealed"])
    except Unreadable as error:
        rotation.unreadable.append(f"{place} {row['id']} {row['id_too']}".strip() + f": {error}")
        return
    async with store.writing() as tx:
        sealed = await vault.seal(tx, binding, value)
        key = {"id": row["id"], "id_too": row["id_too"], "before": row["sealed"]}
        if await tx.one(PLACES[place][1], sealed=sealed, **key):
            rotation.resealed += 1


async def _end(store: Store, vault: Vault, clock: Clock, rotation: Rotation) -> bool:
    """Remove the old keys, unless a value is still sealed with one. Nothing is sealed while this runs."""
    async with store.writing() as tx:
        keys, _ = await _locked(tx, vault)
        rotation.primary = keys.primary  # another's, when two rotations met
        if any(bytes(row["prefix"]) != keys.primary for row in await tx.all(sql.sealed_by_key)):
            return False
        await _put(tx, vault, clock, keys.only_primary())
    return True


async def _prove(store: Store, vault: Vault) -> int:
    """Open every value with only the first master key and the stored keyset; returns how many there are."""
    alone = await opened_vault(store, vault.masters[:1])
    proven = 0
    for place in PLACES:
        async with store.reading() as tx:
            async for row in sealed_values(tx, place):
                await alone.open(binding_of(row), row["sealed"])
                if not alone.opens(binding_of(row), row["sealed"]):
                    raise Unreadable(
                        "A process of an older version has sealed a value meanwhile. Replace it, then run: "
                        "symphony-connect vault rotate"
                    )
                proven += 1
    return proven


async def _locked(tx: Transaction, vault: Vault) -> tuple[Keyset, bool]:
    """The keys, and whether they seal grants bound to their rows."""
    row = await tx.one(sql.keyset_locked)
    assert row is not None
    return await asyncio.to_thread(keyset.unwrap, bytes(row["wrapped"]), vault.masters), bool(row["rows_bound"])


async def _put(tx: Transaction, vault: Vault, clock: Clock, keys: Keyset) -> None:
    wrapped = await asyncio.to_thread(keys.wrapped, vault.masters[0])
    await tx.run(sql.keyset_replace, wrapped=wrapped, at=clock())


async def rows_bound(store: Store) -> bool:
    """Whether grants are sealed for their row. In an older database they are once its keys have been changed."""
    async with store.reading() as tx:
        row = await tx.one(sql.keyset)
    return bool(row and row["rows_bound"])


def binding_of(row: Row) -> Binding:
    return Binding(row["workspace_id"], row["brand_id"], row["platform"], row["field"], row["sealed_row"])


async def sealed_by_key(store: Store, prefixes: set[bytes]) -> dict[bytes, int]:
    """The number of values for each of these prefixes."""
    async with store.reading() as tx:
        rows = await tx.all(sql.sealed_by_key)
    return {bytes(row["prefix"]): row["held"] for row in rows if bytes(row["prefix"]) in prefixes}


async def sealed_values(tx: Transaction, place: str, but: bytes = b"") -> AsyncIterator[Row]:
    """The sealed values of a table, in batches, without those that begin with `but`."""
    after = after_too = ""
    while rows := await tx.all(PLACES[place][0], after=after, after_too=after_too, prefix=but, most=BATCH):
        for row in rows:
            yield row
        after, after_too = rows[-1]["id"], rows[-1]["id_too"]
