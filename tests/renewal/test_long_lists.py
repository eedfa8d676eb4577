"""Ten thousand ad accounts on one connection: the answer is as for one, and nobody else waits while it is made."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import pytest

from symphony_connect.base.model import AdAccount
from symphony_connect.connections import listing, read_token
from symphony_connect.connections import sql as connections_sql
from symphony_connect.web.api.schemas import AdAccountOut, TokenOut
from symphony_connect.web.api.views import connection_out, token_body
from tests.platforms.chosen import LASTING
from tests.renewal.house import House

MANY = 10_000


async def filled(house: House, many: int) -> str:
    id = await house.connect(LASTING)
    accounts = tuple(
        AdAccount(f"act_{place}", f"Käse {place}", "active", "EUR", None, "B", {}) for place in range(many)
    )
    async with house.core.store.writing() as tx:
        await listing.put_accounts(tx, house.core, await house.row(id), accounts, "tests")
    return id


async def answer(house: House, id: str) -> tuple[bytes, int]:
    """The body, and how often another task had its turn while it was made."""
    token = await read_token.serve(house.core, await house.row(id), await house.sealed(id), 0)
    turns, over = 0, False

    async def other() -> None:
        nonlocal turns
        while not over:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = turns
    body = await token_body(house.core, token.shown)
    during, over = turns - before, True
    await task
    return body, during


async def test_others_have_their_turn_while_a_long_answer_is_made(house: House) -> None:
    body, turns = await answer(house, await filled(house, MANY))
    assert turns > 10
    reply = json.loads(body)["data"]
    TokenOut.model_validate(reply)
    platform = house.core.platform(LASTING)
    assert list(reply["adAccounts"][0]) == list(AdAccountOut.model_fields)
    assert len(reply["adAccounts"]) == MANY
    account = AdAccount("act_7", "Käse 7", "active", "EUR", None, "B", {})
    assert reply["adAccounts"][7] == {**asdict(account), "headers": dict(platform.account_headers(account))}


@pytest.mark.parametrize(
    "chosen", [None, (), ("act_3", "act_gone"), tuple(f"act_{place}" for place in range(0, MANY, 2))]
)
async def test_the_chosen_ones_of_many(house: House, chosen: tuple[str, ...] | None) -> None:
    id = await filled(house, MANY)
    if chosen is not None:
        async with house.core.store.writing() as tx:
            await tx.run(connections_sql.connection_selected, id=id, selected=json.dumps(chosen))
    body, _ = await answer(house, id)
    used = [account["id"] for account in json.loads(body)["data"]["adAccounts"]]
    known = [f"act_{place}" for place in range(MANY)]
    assert used == (known if chosen is None else [one for one in known if one in set(chosen)])
    shown = connection_out(await house.row(id))
    assert (shown.ad_accounts, shown.selected_ad_accounts) == (MANY, len(used))


async def test_to_know_how_many_there_are_no_list_is_read(house: House) -> None:
    row = await house.row(await filled(house, MANY))
    assert connection_out(row).selected_ad_accounts == MANY
    assert "ad_accounts" not in vars(row)
