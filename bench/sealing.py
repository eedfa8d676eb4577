"""Sealing and opening a grant as the service does it, beside Tink alone with the same bytes.

Ours adds the JSON and the place that a value is bound to. The statement with which sealing asks for the newest key
is not counted: it is answered from memory here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec

from bench import place
from bench.report import Row
from bench.sizes import Sizes
from symphony_connect.base.model import Grant, Secret
from symphony_connect.store.db import Transaction
from symphony_connect.vault import keyset, sql
from symphony_connect.vault.vault import Binding, plain

TIMES = 2_000
GOAL = 0.80
BINDING = Binding("ws_1", 7, "platform", "grant")
GRANT = Grant(Secret("x" * 190), scopes=("ads_read", "ads_management"), expires_at=1_900_000_000_000)


class _Answered:
    """A transaction that has asked for the keyset already."""

    def __init__(self, row: Any) -> None:
        self._row = row

    async def one(self, *_: Any, **__: Any) -> Any:
        return self._row


async def main(sizes: Sizes) -> list[Row]:
    with place.folder() as folder, place.sandbox(folder) as sandbox:
        async with place.house(sandbox, folder, f"sqlite:///{folder / 'symphony.db'}") as house:
            vault = house.core.vault
            async with house.core.store.reading() as tx:
                stored = cast(Transaction, _Answered(await tx.one(sql.keyset)))
            sealed, text = await vault.seal_grant(stored, BINDING, GRANT), msgspec.json.encode(plain(GRANT))
            alone, at = keyset.new().primitive, BINDING.associated_data()
            sealed_alone = alone.encrypt(text, at)

            async def seal_alone() -> None:
                alone.encrypt(text, at)

            async def seal() -> None:
                await vault.seal_grant(stored, BINDING, GRANT)

            async def open_alone() -> None:
                alone.decrypt(sealed_alone, at)

            async def open_() -> None:
                vault.open_tokens_now(BINDING, sealed)

            return [
                await _row("seal a grant", seal_alone, seal, sizes),
                await _row("open a grant, as a token read does", open_alone, open_, sizes),
            ]


async def _row(
    what: str, alone: Callable[[], Awaitable[None]], ours: Callable[[], Awaitable[None]], sizes: Sizes
) -> Row:
    rounds = [(await _seconds(alone), await _seconds(ours)) for _ in range(sizes.rounds)]
    least, took = (min(one[side] for one in rounds) / TIMES * 1e6 for side in (0, 1))
    ratios = tuple(least / took for least, took in rounds)
    return Row(what, "Tink alone", ratios, f"{took:.1f} µs, Tink {least:.1f} µs", at_least=GOAL)


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        await work()
    return time.process_time() - began
