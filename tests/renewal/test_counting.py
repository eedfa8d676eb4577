"""Counts of token reads: a line for each key and day, none lost while the process lives, old ones forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from symphony_connect.audit.token_reads import KEPT_DAYS, Reads
from symphony_connect.base.clock import DAY
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web.dashboard import sql
from tests.platforms.chosen import ANY
from tests.renewal.house import House


async def made(house: House, *names: str) -> list[str]:
    """Ids of new keys."""
    return [(await keyring.create(house.core, "tests", NewKey(name, scopes=("tokens:read",)))).id for name in names]


async def counted(house: House, id: str) -> list[tuple[str, int, int, int]]:
    async with house.core.store.reading() as tx:
        rows = await tx.all(sql.dashboard_uses, connection_id=id, low=0, high=2**62, most=100)
    return [(row["actor"], row["last_at"] // DAY, row["count"], row["last_at"]) for row in rows]


async def test_a_day_and_a_key_are_one_line_and_old_days_go(house: House) -> None:
    id = await house.connect(ANY)
    today = 20_000 * DAY
    reads, keys = Reads(), await made(house, "one", "two")
    for key, at in ((keys[0], today), (keys[0], today + 5), (keys[1], today + 3), (keys[0], today - 40 * DAY)):
        reads.note(id, key, at)
    await reads.write(house.core.store, house.core.audit)
    assert reads.unwritten == {}
    reads.note(id, keys[0], today + 2)
    await reads.write(house.core.store, house.core.audit)
    kept = await counted(house, id)
    assert KEPT_DAYS < 40
    assert kept == [(keys[0], 20_000, 3, today + 5), (keys[1], 20_000, 1, today + 3)]


async def test_what_the_store_did_not_take_stays_counted(house: House) -> None:
    class Full:
        def writing(self) -> Any:
            raise StoreUnavailable("the disk is full")

    id = await house.connect(ANY)
    (key,) = await made(house, "one")
    reads = Reads()
    reads.note(id, key, DAY)
    store: Any = Full()
    with pytest.raises(StoreUnavailable):
        await reads.write(store, house.core.audit)
    reads.note(id, key, DAY + 1)
    await reads.write(house.core.store, house.core.audit)
    assert await counted(house, id) == [(key, 1, 2, DAY + 1)]


async def test_a_read_of_what_was_removed_meanwhile_is_dropped_and_the_others_count(house: House) -> None:
    """One that can never be written must not keep the others from being written."""
    id = await house.connect(ANY)
    (key,) = await made(house, "one")
    reads = Reads()
    for connection_id, key_id in (("conn_gone", key), (id, "key_gone"), (id, key)):
        reads.note(connection_id, key_id, DAY)
    await reads.write(house.core.store, house.core.audit)
    assert reads.unwritten == {}
    assert await counted(house, id) == [(key, 1, 1, DAY)]
