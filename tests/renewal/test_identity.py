"""A connection is one person's: a token of somebody else's, however it came there, is neither stored nor served."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symphony_connect.base.model import Secret, Status
from symphony_connect.connections import connect
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House


async def _swap(house: House, id: str, platform: str) -> None:
    """Put somebody else's grant under this connection, as whoever can seal might."""
    brought = house.bring(platform)
    grant = replace(
        await house.grant(id),
        access_token=Secret(brought.access_token.reveal()),
        refresh_token=brought.refresh_token,
    )
    async with house.core.store.writing() as tx:
        await connect.put_grant(tx, house.core, await house.row(id), grant, "live")


@pytest.mark.parametrize("platform", contract.all_having("TELLS_WHO"))
async def test_a_renewal_that_brings_another_person_is_not_stored(house: House, platform: str) -> None:
    id = await house.connect(platform)
    await _swap(house, id, platform)
    before, identity = await house.sealed(id), (await house.row(id)).identity
    await house.renew_one(id)
    row = await house.row(id)
    assert (row.status, row.reason, row.identity) == (Status.NEEDS_RECONNECT, "token_refused", identity)
    assert await house.sealed(id) == before
    assert (await house.events(id, "connection.needs_reconnect"))[-1]["reason"] == "token_refused"
    assert await house.served(id) is None


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_a_verification_does_not_adopt_another_person(house: House, platform: str) -> None:
    id = await house.connect(platform)
    await _swap(house, id, platform)
    identity = (await house.row(id)).identity
    house.sandbox.advance("7h")
    await house.tend_one(id)
    row = await house.row(id)
    assert (row.status, row.reason, row.identity) == (Status.NEEDS_RECONNECT, "token_refused", identity)
