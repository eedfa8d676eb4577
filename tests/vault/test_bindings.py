"""A sealed value opens in its own row and slot and nowhere else, once the keys of an older database were changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphony_connect.core import Core
from symphony_connect.operate import doctor
from symphony_connect.store.db import Row
from symphony_connect.vault import keyset, rekey
from symphony_connect.vault import sql as vault_sql
from symphony_connect.vault.vault import Binding, Unreadable, opened_vault
from tests.tools.installation import environment, everything, fill, master_key, opened

BRANDS = 20
"""Some with a token waiting, some being revoked; sign-ins, handed-over tokens and strays beside them."""


@pytest.fixture
async def core(database_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with opened(environment(database_url, tmp_path, master_key())) as core:
        yield core


async def cells(core: Core) -> list[Row]:
    found = []
    for place in rekey.PLACES:
        async with core.store.reading() as tx:
            found += [row async for row in rekey.sealed_values(tx, place)]
    return found


async def opens(core: Core, place: Row, sealed: bytes) -> bool:
    try:
        await core.vault.open(rekey.binding_of(place), sealed)
    except Unreadable:
        return False
    return True


async def opened_elsewhere(core: Core) -> list[tuple[str, str]]:
    """Each pair of a sealed value and another row of its kind where it opens too."""
    rows = await cells(core)
    pairs = [(one, other) for one in rows for other in rows if one is not other]
    return [(a["sealed_row"], b["sealed_row"]) for a, b in pairs if await opens(core, b, a["sealed"])]


async def make_older(core: Core) -> None:
    """As a version left it that bound grants to brand and platform alone."""
    async with core.store.writing() as tx:
        await tx.script("UPDATE vault_keysets SET rows_bound = 0")


async def vault_fact(core: Core) -> doctor.Fact:
    (fact,) = [fact for fact in await doctor.examine(core, offline=True) if fact.what == "Vault"]
    return fact


def both_ways(row: Row) -> list[Binding]:
    binding = rekey.binding_of(row)
    return [binding, binding.rowless]


def untold(done: int, total: int) -> None:
    """Nobody watches."""


async def rotate(core: Core) -> rekey.Rotation:
    return await rekey.rotate(core.store, core.vault, core.clock, untold)


@pytest.mark.anyio
async def test_no_row_opens_what_was_copied_from_another(core: Core) -> None:
    await fill(core, BRANDS)
    rows = await cells(core)
    assert {row["field"] for row in rows} == {"grant", "flow", "handed_over", "replay", "stray", "audit_key"}
    assert all([await opens(core, row, row["sealed"]) for row in rows])
    assert await opened_elsewhere(core) == []


@pytest.mark.anyio
async def test_what_an_older_version_sealed_is_read_and_bound_to_its_row_by_a_rotation(core: Core) -> None:
    await make_older(core)
    await fill(core, BRANDS)
    before, waiting = await everything(core), await opened_elsewhere(core)
    assert waiting, "the older binding holds a grant to brand and platform, not to its slot"
    assert (await vault_fact(core)).state == "soon"
    copies = [row for row in await cells(core) if row["field"] == "grant"]
    done = await rotate(core)
    assert (done.unreadable, done.proven) == ([], len(before))
    assert await everything(core) == before
    assert await opened_elsewhere(core) == []
    assert (await vault_fact(core)).state == "ok"
    later = await opened_vault(core.store, core.vault.masters)
    assert not any(later.opens(each, row["sealed"]) for row in copies for each in both_ways(row))


@pytest.mark.anyio
async def test_processes_of_an_older_version_open_what_is_sealed_before_the_rotation(core: Core) -> None:
    await make_older(core)
    await fill(core, 1)
    (row,) = [row for row in await cells(core) if row["field"] == "grant"]
    assert core.vault.opens(rekey.binding_of(row).rowless, row["sealed"])


@pytest.mark.anyio
async def test_a_rotation_that_an_older_version_began_binds_all_the_same(core: Core) -> None:
    await make_older(core)
    await fill(core, BRANDS)
    async with core.store.writing() as tx:
        row = await tx.one(vault_sql.keyset_locked)
        assert row is not None
        keys = keyset.unwrap(bytes(row["wrapped"]), core.vault.masters).with_new_primary()
        await tx.run(vault_sql.keyset_replace, wrapped=keys.wrapped(core.vault.masters[0]), at=core.clock())
    await make_older(core)
    done = await rotate(core)
    assert done.resumed
    assert len(done.retired) == 2
    assert await opened_elsewhere(core) == []
