"""Meta's clocks: what 61 and 91 days, a password and a checkpoint do to connections, and what its headers ask for."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect
from tests.faults.figures import FULL, Figure
from tests.renewal.conftest import figure, house
from tests.renewal.house import House
from tests.renewal.summary import DAYS, summary, table

__all__ = ["figure", "house"]

BRANDS = 200 if FULL else 25


@pytest.mark.timeout(1800 if FULL else 300)
@pytest.mark.parametrize("extends", [True, False], ids=["extends", "extends_not"])
async def test_61_and_91_days(
    house: House, figure: Figure, record_property: Callable[[str, object], None], extends: bool
) -> None:
    def show(day: int, rows: Counter[tuple[str, str, str, int]]) -> None:
        for line in table(day, "meta", rows):
            record_property("line", line)

    house.sandbox.control("settings", {"meta.reexchange_extends": extends})
    ids = [await house.connect("meta") for _ in range(BRANDS)]
    system = await house.connect("meta", kind="system_user")
    at_61 = None
    for before, day in itertools.pairwise([0, *DAYS]):
        await house.pass_time(f"{day - before}d")
        if day == 61:
            at_61 = await summary(house, ids)
            show(day, at_61)
    at_91 = await summary(house, ids)
    show(91, at_91)
    assert at_61 is not None
    if extends:
        assert [key[:3] for key in at_61] == [("connected", "", "")]
        assert all(key[3] >= 1 for key in at_61)
        assert {key[:3] for key in at_91} == {("needs_reconnect", "data_access_expired", "14,7,1")}
    else:
        assert at_61 == at_91 == {("needs_reconnect", "expired", "14,7,1", 0): BRANDS}
    alone = await house.row(system)
    assert (alone.status, alone.expires_at) == (Status.CONNECTED, None)
    alerted = sum(count for key, count in at_91.items() if key[2] == "14,7,1")
    figure(f"61 and 91 days, re-exchange {'extends' if extends else 'does not'}", f"{alerted} of {BRANDS} alerted")


async def test_a_re_exchange_that_moves_nothing_is_tried_daily_and_no_more(house: House) -> None:
    id = await house.connect("meta")
    await house.pass_time("41d")
    before = house.calls("meta", "oauth/access_token")
    for _ in range(12):
        await house.pass_time("2h")
    assert house.calls("meta", "oauth/access_token") - before in (0, 1)
    for _ in range(3):
        await house.pass_time("25h")
    assert 3 <= house.calls("meta", "oauth/access_token") - before <= 4
    assert (await house.row(id)).renewed_at is None


async def test_the_end_is_asked_for_where_the_lifetime_is_left_out(house: House) -> None:
    house.sandbox.control("settings", {"meta.omit_expires_in": True, "meta.reexchange_extends": True})
    id = await house.connect("meta")
    end = (await house.row(id)).expires_at
    await house.pass_time("41d")
    after = (await house.row(id)).expires_at
    assert end is not None
    assert after is not None
    assert after > end


async def test_whoever_reads_waits_as_long_as_the_platform_said_of_one(house: House) -> None:
    """Five minutes, in Meta's header for an ad account, when a reader of a token near its end made it ask."""
    id = await house.connect("meta", expiresIn=7200)
    house.sandbox.control("settings", {"meta.reexchange_extends": True})
    house.sandbox.fault("meta", "meta:17/2446079", times=1000)
    house.sandbox.advance("2h")
    await house.refused(id)
    asked = len(house.sandbox.calls("meta"))
    house.sandbox.advance("2m")
    await house.refused(id)
    assert len(house.sandbox.calls("meta")) == asked


async def test_what_rests_at_a_checkpoint_is_not_called_gone(house: House) -> None:
    person = house.sandbox.newcomer()
    id = await house.connect("meta", person=person)
    await house.tend()
    house.sandbox.person(person, "checkpoint", platform="meta")
    receipt = await disconnect.disconnect(house.core, await house.row(id), "tests")
    assert receipt is not None
    assert receipt.upstream == "refused"
