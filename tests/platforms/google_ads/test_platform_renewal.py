"""A year of moved clock: renewed by reading, checked by the refresh token, and lost only when that is refused."""

from __future__ import annotations

from symphony_connect.base.model import Status
from tests.platforms.google_ads.contract import RENEWED
from tests.renewal.house import House


async def test_366_days_by_reading_and_by_checks(house: House) -> None:
    read, unread = await house.connect("google_ads"), await house.connect("google_ads")
    await house.pass_time("10m")
    before = house.calls("google_ads", RENEWED)
    await house.pass_time("12h")
    assert house.calls("google_ads", RENEWED) == before
    assert await house.read(read)
    assert house.calls("google_ads", RENEWED) == before + 1
    for _ in range(8):
        await house.pass_time("46d")
        for id in (read, unread):
            assert (await house.row(id)).status is Status.CONNECTED
        assert await house.read(read)
    assert await house.read(unread)


async def test_a_testing_apps_refresh_token_ends_after_seven_days(house: House) -> None:
    house.sandbox.control("settings", {"google_ads.testing": True})
    id = await house.connect("google_ads")
    await house.pass_time("6d")
    assert (await house.row(id)).status is Status.CONNECTED
    await house.pass_time("2d")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "revoked")
