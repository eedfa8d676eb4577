"""A year of moved clock: the refresh token's end is fixed at the consent, announced, and then reached."""

from __future__ import annotations

from symphony_connect.base.model import Status
from tests.renewal.house import House


async def test_366_days(house: House) -> None:
    id = await house.connect("linkedin")
    announced = []
    for day in (40, 80, 120, 160, 200, 240, 280, 320, 345, 352, 359, 364):
        await house.pass_time(f"{day - (announced[-1][0] if announced else 0)}d")
        row = await house.row(id)
        assert row.status in (Status.CONNECTED, Status.EXPIRING), (day, row.status, row.reason)
        assert await house.read(id)
        announced.append((day, row.status))
    assert dict(announced)[345] is Status.CONNECTED
    assert dict(announced)[352] is Status.EXPIRING
    days = [event["days"] for event in await house.events(id, "connection.expiring")]
    assert days == [14, 7, 1]
    await house.pass_time("2d")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "expired")
