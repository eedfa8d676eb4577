"""Who did what to which connection: written with the change, and nothing of it can be changed unseen."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from symphony_connect.access import keyring
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import opened_core
from symphony_connect.audit import proof, sql
from symphony_connect.audit.trail import Entry
from symphony_connect.base.ids import fingerprint
from symphony_connect.connections import changes, read_token
from symphony_connect.operate import metrics, sweep
from symphony_connect.vault import rekey
from tests.platforms.chosen import ANY
from tests.renewal.house import House


async def rows(house: House) -> list[dict[str, Any]]:
    """In the order of each chain."""
    async with house.core.store.reading() as tx:
        chains = await tx.all(sql.chains)
        return [
            {**row, "detail": json.loads(row["detail"])}
            for chain in chains
            for row in await tx.all(sql.rows_of_chain, chain=chain["chain"], after=0, most=1000)
        ]


async def wrong(house: House) -> str:
    found = await proof.check(house.core.store, house.core.vault, house.core.clock, lambda *_: None)
    return "; ".join(found.wrong)


async def meddle(house: House, statement: str) -> None:
    async with house.core.store.writing() as tx:
        await tx.script(statement)


async def two_brands(house: House) -> None:
    for brand in (51, 52):
        await house.connect(ANY, brand=brand)
    await changes.disconnect_now(house.core, house.caller, 51, ANY)


async def test_a_change_and_its_row_are_one_transaction(house: House) -> None:
    await two_brands(house)
    told = [(row["what"], row["brand"], row["actor"]) for row in await rows(house)]
    assert told[0][0] == "chain.began"
    assert ("connection.connected", 52, "key_tests") in told
    assert ("connection.disconnected", 51, "key_tests") in told
    before = len(told)

    async def cut_short() -> None:
        async with house.core.store.writing() as tx:
            house.core.audit.add(tx, Entry(1, "ws", "somebody", "nothing"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cut_short()
    assert len(await rows(house)) == before
    await house.connect(ANY, brand=53)
    assert await wrong(house) == ""


async def test_transactions_that_come_together_make_one_chain(house: House) -> None:
    async def one(number: int) -> None:
        async with house.core.store.writing() as tx:
            house.core.audit.add(tx, Entry(number, "ws", "somebody", "one"))
            await asyncio.sleep(0)
            house.core.audit.add(tx, Entry(number, "ws", "somebody", "two"))

    await asyncio.gather(*map(one, range(30)))
    found = [row for row in await rows(house) if row["what"] in ("one", "two")]
    assert len(found) == 60
    assert len({row["chain"] for row in found}) == 1
    assert [row["what"] for row in found] == ["one", "two"] * 30
    assert await wrong(house) == ""


MEDDLING = {
    "an edited row": ("UPDATE audit_rows SET actor = 'nobody' WHERE number = 3", "row 3 was changed"),
    "an edited detail": ("UPDATE audit_rows SET detail = '{}' WHERE number = 4", "row 4 was changed"),
    "a removed row": ("DELETE FROM audit_rows WHERE number = 3", "rows 3 to 3 are missing"),
    "two rows that changed places": (
        "UPDATE audit_rows SET number = -1 WHERE number = 3;\nUPDATE audit_rows SET number = 3 WHERE number = 4;\n"
        "UPDATE audit_rows SET number = 4 WHERE number = -1",
        "was changed, or stands where another was",
    ),
    "the last row": (
        "DELETE FROM audit_rows WHERE number = (SELECT MAX(number) FROM audit_rows)",
        "cut off",
    ),
    "the last row, with the record": (
        "DELETE FROM audit_rows WHERE number > 3;\nUPDATE audit_chains SET number = 3, "
        "mac = (SELECT mac FROM audit_rows WHERE number = 3)",
        "the record of its end was changed",
    ),
    "the first rows": ("DELETE FROM audit_rows WHERE number < 3", "rows 1 to 2 are missing"),
    "the first rows, as if they were old": (
        "UPDATE audit_chains SET gone_number = 2, gone_mac = (SELECT mac FROM audit_rows WHERE number = 2);\n"
        "DELETE FROM audit_rows WHERE number < 3",
        "the record of its beginning was changed",
    ),
    "the record of a chain": ("DELETE FROM audit_chains", "its end is not recorded"),
    "the key": ("DELETE FROM audit_keys", "key of the audit is gone"),
    "an added row": (
        "INSERT INTO audit_rows SELECT chain, number + 1, at, workspace, actor, what, connection, brand, platform, "
        "detail, mac FROM audit_rows WHERE number = (SELECT MAX(number) FROM audit_rows)",
        "was changed",
    ),
}


@pytest.mark.parametrize("what", MEDDLING)
async def test_what_was_done_to_the_rows_is_found(house: House, what: str) -> None:
    await two_brands(house)
    assert await wrong(house) == ""
    statement, sentence = MEDDLING[what]
    await meddle(house, statement)
    assert sentence in await wrong(house)


async def test_a_chain_that_is_gone_or_was_shortened_is_known_to_the_next(house: House) -> None:
    """Even where the record of its end was put back to an older one, which somebody may have kept."""
    await two_brands(house)
    async with house.core.store.reading() as tx:
        (old,) = await tx.all(sql.chains)
    await house.connect(ANY, brand=54)
    async with opened_core(house.core.settings) as second, second.store.writing() as tx:
        second.audit.add(tx, Entry(1, "ws", "somebody", "something"))
    await meddle(
        house,
        f"DELETE FROM audit_rows WHERE chain = '{old['chain']}' AND number > {old['number']};\n"
        f"UPDATE audit_chains SET number = {old['number']}, mac = '{old['mac']}', "
        f"proof = '{old['proof']}' WHERE chain = '{old['chain']}'",
    )
    assert f"{old['chain']}: cut off; it had at least" in await wrong(house)
    for table in ("audit_rows", "audit_chains"):
        await meddle(house, f"DELETE FROM {table} WHERE chain = '{old['chain']}'")
    assert f"{old['chain']}: removed as a whole" in await wrong(house)


async def key_of(house: House) -> tuple[str, str]:
    made = await keyring.create(house.core, "tests", NewKey("", False, ("tokens:read",), (), None))
    return made.id, made.key


async def test_token_reads_are_written_in_batches(house: House) -> None:
    id = await house.connect(ANY, brand=55)
    key_id, key = await key_of(house)
    for _ in range(3):
        assert await read_token.read_fresh(house.core, fingerprint(key), 55, ANY, 0)
    assert not [row for row in await rows(house) if row["what"] == "token.read"]
    await house.core.write_noted()
    (read,) = [row for row in await rows(house) if row["what"] == "token.read"]
    assert (read["actor"], read["connection"], read["detail"]) == (key_id, id, {"count": 3})
    assert await wrong(house) == ""


@pytest.mark.parametrize("fresh", [True, False])
async def test_with_the_strict_setting_a_read_is_written_before_its_answer(house: House, fresh: bool) -> None:
    await house.connect(ANY, brand=56)
    _, key = await key_of(house)
    core = replace(house.core, settings=replace(house.core.settings, audit_strict=True))

    async def read() -> Any:
        if fresh:
            return await read_token.read_fresh(core, fingerprint(key), 56, ANY, 0)
        return await read_token.read(core, key, None, 56, ANY, 0)

    assert await read()
    reads = [row for row in await rows(house) if row["what"] == "token.read"]
    assert len(reads) == 1
    await asyncio.gather(*(read() for _ in range(10)))
    reads = [row for row in await rows(house) if row["what"] == "token.read"]
    assert sum(row["detail"]["count"] for row in reads) == 11
    await meddle(house, "ALTER TABLE audit_rows RENAME TO hidden")
    with pytest.raises(Exception, match="audit_rows"):
        await read()


async def test_age_breaks_no_chain(house: House) -> None:
    await two_brands(house)
    before = len(await rows(house))
    house.sandbox.advance("401d")
    async with house.core.store.writing() as tx:
        house.core.audit.add(tx, Entry(house.core.clock(), "ws", "somebody", "later"))
    await sweep.sweep(house.core)
    async with house.core.store.reading() as tx:
        (chain,) = await tx.all(sql.chains)
        left = await tx.all(sql.rows_of_chain, chain=chain["chain"], after=0, most=1000)
    assert chain["gone_number"] >= before
    assert [row["what"] for row in left][-1] == "later"
    assert await wrong(house) == ""
    await house.connect(ANY, brand=57)
    assert await wrong(house) == ""


async def test_changing_the_keys_and_removing_things_breaks_no_chain(house: House) -> None:
    await two_brands(house)
    await rekey.rotate(house.core.store, house.core.vault, house.core.clock, lambda *_: None)
    await house.connect(ANY, brand=58)
    assert await wrong(house) == ""
    async with opened_core(house.core.settings) as second:
        found = await proof.check(second.store, second.vault, second.clock, lambda *_: None)
        assert found.wrong == []


async def test_the_ends_are_in_the_metrics(house: House) -> None:
    await two_brands(house)
    async with house.core.store.reading() as tx:
        (chain,) = await tx.all(sql.chains)
    head = chain["mac"][:16]
    said = (await metrics.state(house.core)).decode()
    assert f'symphony_audit_rows{{chain="{chain["chain"]}",head="{head}"}} {chain["number"]}.0' in said
