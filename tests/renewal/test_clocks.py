"""Every connection in use has an hour at which it is next looked at; each platform's own clocks are in its folder."""

from __future__ import annotations

from symphony_connect.base.model import Status
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House


async def test_a_connection_in_use_always_has_its_hour(house: House) -> None:
    endless = contract.having("ENDLESS")
    ids = [
        await house.connect(LASTING),
        await house.connect(ROTATING),
        await house.connect(endless, **contract.rules(endless).ENDLESS),
    ]
    for by in ("6h", "18h", "3d", "17h"):
        await house.pass_time(by)
        for id in ids:
            row = await house.row(id)
            assert (row.due_at is not None) == (row.status in (Status.CONNECTED, Status.EXPIRING)), row
