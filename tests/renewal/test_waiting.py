"""A renewal succeeds while its token still waits to be confirmed, then the platform falls silent: nothing is lost."""

from __future__ import annotations

import pytest

from symphony_connect import platforms
from symphony_connect.base.model import Status
from symphony_connect.connections import connect
from symphony_connect.connections.connect import Registration
from tests.platforms import contract
from tests.renewal.house import House

ONCE = [name for name in platforms.names() if contract.facts(name).refresh_tokens_work_once]
"""Where the answer to a renewal holds the only refresh token that still works."""


def ended(house: House, platform: str) -> Registration:
    """A token pair whose access token has ended: only a renewal can confirm it."""
    person = house.sandbox.newcomer()
    brought = house.bring(platform, person=person)
    house.sandbox.person(person, "expire-token", platform=platform)
    return brought


async def calls_until_renewed(house: House, platform: str) -> int:
    """How many calls a registration makes up to the one that asks about the renewed token."""
    before = len(house.sandbox.calls(platform))
    await connect.register(house.core, house.caller, ended(house, platform))
    paths = [call["path"] for call in house.sandbox.calls(platform)][before:]
    return paths.index(paths[0], 1)


def silent_after(house: House, platform: str, calls: int) -> None:
    """The next `calls` are answered, and none after them."""
    house.sandbox.control("faults", {"platform": platform, "times": calls, "delayMs": 1})
    house.sandbox.fault(platform, "reset", times=100_000)


async def confirmed(house: House, platform: str, id: str) -> None:
    """The platform is back, and what waits is the token that works there."""
    house.sandbox.calm()
    await house.tend_one(id)
    assert (await house.row(id)).status is Status.CONNECTED
    assert contract.rules(platform).works(house.sandbox, await house.read(id))


@pytest.mark.parametrize("platform", ONCE)
async def test_a_registration_keeps_what_its_renewal_returned(house: House, platform: str) -> None:
    calls, brought = await calls_until_renewed(house, platform), ended(house, platform)
    silent_after(house, platform, calls)
    made = await connect.register(house.core, house.caller, brought)
    assert made.status is Status.UNVERIFIED
    await confirmed(house, platform, made.id)


@pytest.mark.parametrize("platform", ONCE)
async def test_a_waiting_token_is_replaced_by_what_its_renewal_returned(house: House, platform: str) -> None:
    calls, brought = await calls_until_renewed(house, platform), ended(house, platform)
    house.sandbox.fault(platform, "reset", times=100_000)
    made = await connect.register(house.core, house.caller, brought)
    house.sandbox.calm()
    silent_after(house, platform, calls)
    await house.tend_one(made.id)
    assert (await house.row(made.id)).status is Status.UNVERIFIED
    await confirmed(house, platform, made.id)
