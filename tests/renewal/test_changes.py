"""What a caller may do with a connection now, where the token was never confirmed."""

from __future__ import annotations

import asyncio

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Status
from symphony_connect.connections import changes, connect, lease, sql
from symphony_connect.connections.connect import Registration
from symphony_connect.platforms import names
from tests.renewal.house import House
from tests.tools.wait import wait_until


async def registered_unseen(house: House, platform: str, person: str) -> tuple[str, Registration]:
    """A connection whose token its platform has not confirmed, and what was registered."""
    ask = house.bring(platform, person=person)
    house.sandbox.fault(platform, "http:503", times=1000)
    id = (await connect.register(house.core, house.caller, ask)).id
    house.sandbox.calm()
    return id, ask


@pytest.mark.parametrize("platform", names())
async def test_verifying_where_no_token_is_left_gives_the_lease_back(house: House, platform: str) -> None:
    person = house.sandbox.newcomer()
    id, ask = await registered_unseen(house, platform, person)
    house.sandbox.person(person, "revoke", platform=platform)
    first = await changes.verify_now(house.core, house.caller, ask.brand_id, platform)
    assert first.after.status is Status.NEEDS_RECONNECT
    again = await changes.verify_now(house.core, house.caller, ask.brand_id, platform)
    assert again.differences == []
    assert await lease.hold(house.core, id) is not None


@pytest.mark.parametrize("platform", names())
async def test_a_change_meanwhile_is_told_as_busy(house: House, platform: str) -> None:
    id, ask = await registered_unseen(house, platform, house.sandbox.newcomer())
    house.sandbox.fault(platform, "http:503", times=100, delay_ms=1500)
    calls = len(house.sandbox.calls(platform))
    asking = asyncio.create_task(changes.verify_now(house.core, house.caller, ask.brand_id, platform))
    await asyncio.to_thread(
        wait_until, lambda: len(house.sandbox.calls(platform)) > calls, what="the platform to be asked"
    )
    async with house.core.store.writing() as tx:
        assert await tx.one(sql.lease_break, id=id)
    with pytest.raises(Problem) as refused:
        await asking
    assert refused.value.code == "busy"
