"""Keys change while others read and seal; cut anywhere, the next run goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.access import sql as access_sql
from symphony_connect.connections import connect
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.store.db import Row, Store, Transaction
from symphony_connect.store.migrate import MIGRATIONS
from symphony_connect.vault import keyset, rekey
from symphony_connect.vault import sql as vault_sql
from symphony_connect.vault.vault import Binding, Unreadable
from tests.platforms.chosen import ANY
from tests.tools import installation
from tests.tools.installation import environment, everything, fill, master_key, opened, prefixes
from tests.vault.meddling import Cut, CutStore, Meddled


def untold(done: int, total: int) -> None:
    """Nobody watches."""


async def rotate(core: Core, store: Store | None = None) -> rekey.Rotation:
    return await rekey.rotate(store or core.store, core.vault, core.clock, untold)


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(database_url, tmp_path, master_key())


AUDIT_KEY = 1
"""The key of the audit is sealed too."""


def test_everything_sealed_is_known_to_the_rotation() -> None:
    """A new table with sealed values, or another column of bytes, must be brought to the rotation's notice."""
    text = "\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql")))
    columns = set()
    for table in text.split("CREATE TABLE ")[1:]:
        body = table.split(");")[0]
        columns |= {(table.split()[0], line.split()[0]) for line in body.splitlines() if "BYTEA" in line}
    assert columns == {(place, "sealed") for place in rekey.PLACES} | {("vault_keysets", "wrapped")}


@pytest.mark.anyio
async def test_a_rotation_seals_all_anew_and_takes_the_old_key_away(env: dict[str, str]) -> None:
    async with opened(env) as core:
        await fill(core, 30)
        before, old = await everything(core), await prefixes(core)
        done = await rotate(core)
        assert not done.resumed
        assert done.unreadable == []
        assert done.resealed == done.proven == sum(old.values()) > 30
        assert await prefixes(core) == {done.primary: done.proven}
        assert done.retired == set(old)
        assert await everything(core) == before
        keys = keyset.unwrap(await wrapped(core), core.vault.masters)
        assert (keys.primary, keys.retired) == (done.primary, set())


async def wrapped(core: Core) -> bytes:
    async with core.store.reading() as tx:
        row = await tx.one(vault_sql.keyset)
    assert row is not None
    return bytes(row["wrapped"])


@pytest.mark.anyio
async def test_a_server_that_was_there_before_reads_what_is_sealed_with_the_new_key(env: dict[str, str]) -> None:
    async with opened(env) as server, opened(env) as operator:
        await fill(operator, 10)
        before = await everything(server)
        await rotate(operator)
        assert await everything(server) == before


@pytest.mark.anyio
async def test_a_value_in_hand_opens_after_its_key_is_gone(env: dict[str, str]) -> None:
    async with opened(env) as server, opened(env) as operator:
        await fill(operator, 3)
        async with server.store.reading() as tx:
            held = [row async for row in rekey.sealed_values(tx, "grants")]
        await rotate(operator)
        await everything(server)  # the server has taken the new keys
        for row in held:
            await server.vault.open(rekey.binding_of(row), row["sealed"])


@pytest.mark.anyio
async def test_a_server_never_seals_with_a_key_that_was_retired(env: dict[str, str]) -> None:
    async with opened(env) as server, opened(env) as operator:
        await fill(operator, 1)
        done = await rotate(operator)
        binding = Binding("ws", 1, ANY, "grant")
        async with server.store.writing() as tx:
            sealed = await server.vault.seal(tx, binding, "hello")
        assert sealed.startswith(done.primary)
        assert await operator.vault.open(binding, sealed) == "hello"


@pytest.mark.anyio
async def test_a_renewal_that_comes_between_is_not_overwritten(env: dict[str, str]) -> None:
    async with opened(env) as server, opened(env) as operator:
        await fill(operator, 1)
        renewed = installation.grant(99)

        async def renewing() -> None:
            await renew(server, renewed)

        done = await rotate(operator, Meddled(operator.store, renewing))
        assert done.resealed == AUDIT_KEY
        assert done.proven == 1 + AUDIT_KEY
        (where, value), *rest = await everything(server)
        assert where.startswith("grants")
        assert len(rest) == AUDIT_KEY
        assert value["access_token"] == renewed.access_token.reveal()  # type: ignore[index]


@pytest.mark.anyio
async def test_a_value_that_slips_behind_the_rotation_is_found_before_its_key_goes(env: dict[str, str]) -> None:
    async with opened(env) as core, opened(env) as server:
        await fill(core, 1)
        before = [value for _, value in await everything(core)]
        async with core.store.writing() as tx:
            id = (await one_connection(tx))["id"]
            grant = await tx.one(connections_sql.grant_sealed, connection_id=id, slot="live")
            assert grant is not None
            await tx.run(connections_sql.grants_delete, connection_id=id)

        async def slipping() -> None:
            async with server.store.writing() as tx:
                back = {"sealed": grant["sealed"], "at": grant["sealed_at"], "replaces": 0}
                await tx.run(connections_sql.grant_put, connection_id=id, slot="live", **back)

        done = await rotate(core, Meddled(core.store, slipping))
        assert (done.resealed, done.proven) == (1 + AUDIT_KEY, 1 + AUDIT_KEY)
        assert [value for _, value in await everything(server)] == before


@pytest.mark.anyio
async def test_a_key_stays_while_a_transaction_that_sealed_with_it_is_open(env: dict[str, str]) -> None:
    async with opened(env) as server, opened(env) as operator:
        await fill(operator, 1)
        async with server.store.writing() as tx:
            connection = Connection.of(await one_connection(tx))
            await connect.put_grant(tx, server, connection, installation.grant(99), "pending")
            rotating = asyncio.create_task(rotate(operator))
            for _ in range(200):  # time enough for all of a rotation that does not wait
                async with server.store.reading() as reader:
                    await reader.one(vault_sql.keyset)
            waits = not rotating.done()
        done = await rotating
        assert waits
        assert done.proven == len(await everything(operator)) == 2 + AUDIT_KEY


async def renew(core: Core, grant: Any) -> None:
    async with core.store.writing() as tx:
        row = await one_connection(tx)
        await connect.put_grant(tx, core, Connection.of(row), grant, "live")


async def one_connection(tx: Transaction) -> Row:
    workspaces = await tx.all(access_sql.workspaces, most=1)
    rows = await tx.all(connections_sql.connections_of_brands, workspace_id=workspaces[0]["id"], first=1, last=1)
    return rows[0]


@pytest.mark.anyio
async def test_cut_at_every_statement_it_resumes(env: dict[str, str]) -> None:
    async with opened(env) as core, opened(env) as server:
        await fill(core, 4)
        before = await everything(core)
        resumed, statements = 0, 0
        while True:
            try:
                await rotate(core, CutStore(core.store, statements))  # type: ignore[arg-type]
                break
            except Cut:
                assert await everything(server) == before
                again = await rotate(core)
                resumed += again.resumed
                assert again.unreadable == []
                assert await prefixes(core) == {again.primary: len(before)}
            statements += 1
        assert statements > 20
        assert resumed > 10
        assert await everything(server) == before


@pytest.mark.anyio
async def test_two_rotations_at_once_end_in_one_key(env: dict[str, str]) -> None:
    async with opened(env) as one, opened(env) as other:
        await fill(one, 20)
        before = await everything(one)
        await asyncio.gather(rotate(one), rotate(other))
        assert await everything(one) == await everything(other) == before
        assert len(await prefixes(one)) == 1
        assert keyset.unwrap(await wrapped(one), one.vault.masters).retired == set()


@pytest.mark.anyio
async def test_a_value_that_no_key_opens_is_named_and_the_old_keys_stay(env: dict[str, str]) -> None:
    async with opened(env) as core:
        await fill(core, 2)
        async with core.store.writing() as tx:
            row = await one_connection(tx)
            sealed = await tx.one(connections_sql.grant_sealed, connection_id=row["id"], slot="live")
            assert sealed is not None
            spoilt = bytes(sealed["sealed"])[:-1] + b"?"
            await tx.run(
                connections_sql.grant_put, connection_id=row["id"], slot="live", sealed=spoilt, at=0, replaces=0
            )
        done = await rotate(core)
        assert [row["id"] in words for words in done.unreadable] == [True]
        assert "brand 1" in done.unreadable[0]
        assert done.proven is None
        assert keyset.unwrap(await wrapped(core), core.vault.masters).retired == done.retired != set()
        async with core.store.writing() as tx:
            await tx.run(connections_sql.grants_delete, connection_id=row["id"])
        again = await rotate(core)
        assert again.resumed
        assert again.proven == 1 + AUDIT_KEY


@pytest.mark.anyio
async def test_what_was_moved_to_another_brand_does_not_open(env: dict[str, str]) -> None:
    async with opened(env) as core:
        await fill(core, 1)
        async with core.store.reading() as tx:
            (row,) = [row async for row in rekey.sealed_values(tx, "grants")]
        for field in ("workspace_id", "brand_id", "platform", "field"):
            other = rekey.binding_of(row)._replace(**{field: 2 if field == "brand_id" else "other"})
            with pytest.raises(Unreadable):
                await core.vault.open(other, row["sealed"])
