"""Once its platform has been told, an ended connection names nobody. Its history does, while events are kept."""

from __future__ import annotations

import asyncio

from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect, worker
from symphony_connect.store import ended
from tests.platforms.chosen import ANY, LASTING
from tests.renewal.house import House
from tests.tools.rows import rows


async def named(house: House, words: list[str]) -> list[str]:
    """Which of these words stand in what is stored beside the history."""
    url = house.core.settings.database_url.reveal()
    stored = repr(await asyncio.to_thread(rows, url, "connections", "searched", "strays", "handed_over"))
    return [word for word in words if word in stored]


async def words_of(house: House, id: str) -> list[str]:
    row = await house.row(id)
    assert row.identity is not None
    assert row.ad_accounts
    # A search holds names in small letters.
    return [row.identity.id, row.identity.name, row.identity.name.lower(), row.ad_accounts[0].id]


async def test_an_ended_connection_names_nobody(house: House) -> None:
    id, other = await house.connect(ANY), await house.connect(ANY)
    words, kept = await words_of(house, id), await words_of(house, other)
    assert await named(house, words) == words
    await disconnect.disconnect(house.core, await house.row(id), "tests")
    row = await house.row(id)
    assert row.status is Status.DISCONNECTED
    assert (row.identity, row.ad_accounts, row.selected) == (None, None, None)
    assert await named(house, words + kept) == kept
    assert (await house.events(id, "connection.connected"))[0]["identity"]["id"] == words[0]


async def test_until_the_platform_was_told_it_is_known_whose_token_is_to_be_revoked(house: House) -> None:
    id = await house.connect(LASTING)
    words = await words_of(house, id)
    house.sandbox.fault(LASTING, "http:503", times=1000)
    await disconnect.disconnect(house.core, await house.row(id), "tests")
    assert words[0] in await named(house, words)
    house.sandbox.calm()
    house.sandbox.advance("5m")
    await worker.finish_revocations(house.core)
    assert (await house.events(id, "connection.receipt"))[-1]["upstream"] == "revoked"
    assert await named(house, words) == []


async def test_what_an_older_version_ended_is_forgotten_with_the_migration(house: House) -> None:
    id, other = await house.connect(ANY), await house.connect(ANY)
    words, kept = await words_of(house, id), await words_of(house, other)
    async with house.core.store.writing() as tx:
        await tx.script(
            f"DELETE FROM grants WHERE connection_id = '{id}';\n"
            f"UPDATE connections SET status = 'disconnected', due_at = NULL WHERE id = '{id}'"
        )
        await ended.forget_all(tx)
    assert await named(house, words + kept) == kept
