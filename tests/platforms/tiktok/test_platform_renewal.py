"""TikTok's clocks: its tokens without an end, and its renewals that leave things out."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from symphony_connect.base.model import Status
from tests.faults.figures import FULL
from tests.platforms.tiktok.client import TIKTOK_APP
from tests.renewal.conftest import house
from tests.renewal.house import House, environment, opened
from tests.renewal.summary import DAYS, summary, table
from tests.tools.sandbox import Sandbox

__all__ = ["house"]

BRANDS = 200 if FULL else 25


@pytest.fixture
async def long_term(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The app is the one that issues tokens without an end."""
    app = {"SYMPHONY_TIKTOK_APP_ID": TIKTOK_APP[0]}
    async with opened(environment(sandbox, tmp_path, database_url, **app), sandbox) as house:
        yield house


@pytest.mark.timeout(1800 if FULL else 300)
async def test_91_days_without_an_end(long_term: House, record_property: Callable[[str, object], None]) -> None:
    house = long_term
    ids = [await house.connect("tiktok", app=TIKTOK_APP[0]) for _ in range(BRANDS)]
    for before, day in itertools.pairwise([0, *DAYS]):
        await house.pass_time(f"{day - before}d")
    found = await summary(house, ids)
    for line in table(91, "tiktok", found):
        record_property("line", line)
    assert found == {("connected", "", "", 0): BRANDS}
    assert house.calls("tiktok", "refresh_token") == 0


async def test_a_lifetime_that_is_left_out_is_taken_to_be_the_last_one(house: House) -> None:
    id = await house.connect("tiktok")
    before = await house.grant(id)
    house.sandbox.control("settings", {"tiktok.refreshSaysLittle": True})
    await house.pass_time("17h")
    after = await house.grant(id)
    assert after.access_token != before.access_token
    assert after.refresh_token == before.refresh_token
    assert after.expires_at is not None
    assert before.expires_at is not None
    assert after.expires_at > before.expires_at
    assert (await house.row(id)).status is Status.CONNECTED
