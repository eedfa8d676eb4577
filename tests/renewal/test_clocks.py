"""61 and 91 days pass: every brand is renewed in time, or announced and then lost for the right reason."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from symphony_connect.base.model import Status
from tests.faults.figures import FULL, Figure
from tests.platforms.tiktok.client import TIKTOK_APP
from tests.renewal.house import House, environment, opened
from tests.tools.sandbox import Sandbox

BRANDS = 200 if FULL else 25
# At which something may happen, and those just before and after.
DAYS = [1, 19, 38, 39, 40, 41, 44, 46, 47, 52, 53, 54, 58, 59, 60, 61, 75, 76, 77, 82, 83, 84, 88, 89, 90, 91]


@pytest.fixture
async def long_term(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """TikTok's app is the one that issues tokens without an end."""
    app = {"SYMPHONY_TIKTOK_APP_ID": TIKTOK_APP[0]}
    async with opened(environment(sandbox, tmp_path, database_url, **app), sandbox) as house:
        yield house


async def summary(house: House, ids: list[str]) -> Counter[tuple[str, str, str, int]]:
    """How many brands are where, and how often each was announced and renewed."""
    found: Counter[tuple[str, str, str, int]] = Counter()
    for id in ids:
        row = await house.row(id)
        said = [event["days"] for event in await house.events(id, "connection.expiring")]
        renewals = len(await house.events(id, "connection.renewed"))
        found[(row.status, row.reason or "", ",".join(map(str, said)), renewals)] += 1
    return found


def table(day: int, platform: str, rows: Counter[tuple[str, str, str, int]]) -> Iterator[str]:
    for (status, reason, said, renewals), count in sorted(rows.items()):
        found = f"{count:>4} × {status:<16} {reason:<22} announced {said:<8} renewed {renewals}"
        yield f"day {day:>2}  {platform:<7} {found}"


@pytest.mark.timeout(1800 if FULL else 300)
@pytest.mark.parametrize("extends", [True, False], ids=["extends", "extends_not"])
async def test_61_and_91_days(
    long_term: House, figure: Figure, record_property: Callable[[str, object], None], extends: bool
) -> None:
    def show(day: int, platform: str, rows: Counter[tuple[str, str, str, int]]) -> None:
        for line in table(day, platform, rows):
            record_property("line", line)

    house = long_term
    house.sandbox.control("settings", {"meta.reexchange_extends": extends})
    meta = [await house.connect("meta") for _ in range(BRANDS)]
    tiktok = [await house.connect("tiktok", app=TIKTOK_APP[0]) for _ in range(BRANDS)]
    system = await house.connect("meta", kind="system_user")
    at_61 = None
    for before, day in itertools.pairwise([0, *DAYS]):
        await house.pass_time(f"{day - before}d")
        if day == 61:
            at_61 = await summary(house, meta)
            show(day, "meta", at_61)
    at_91 = await summary(house, meta)
    show(91, "meta", at_91)
    rest = await summary(house, tiktok)
    show(91, "tiktok", rest)
    assert at_61 is not None
    if extends:
        assert [key[:3] for key in at_61] == [("connected", "", "")]
        assert all(key[3] >= 1 for key in at_61)
        assert {key[:3] for key in at_91} == {("needs_reconnect", "data_access_expired", "14,7,1")}
    else:
        assert at_61 == at_91 == {("needs_reconnect", "expired", "14,7,1", 0): BRANDS}
    assert rest == {("connected", "", "", 0): BRANDS}
    assert house.calls("tiktok", "refresh_token") == 0
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


async def test_a_living_connection_always_has_its_hour(house: House) -> None:
    ids = [await house.connect("meta"), await house.connect("tiktok"), await house.connect("meta", kind="system_user")]
    for by in ("6h", "18h", "3d", "17h"):
        await house.pass_time(by)
        for id in ids:
            row = await house.row(id)
            assert (row.due_at is not None) == (row.status in (Status.CONNECTED, Status.EXPIRING)), row


async def test_tiktok_that_leaves_out_the_lifetime_is_taken_at_its_last(house: House) -> None:
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


async def test_meta_that_leaves_out_the_lifetime_is_asked_for_the_end(house: House) -> None:
    house.sandbox.control("settings", {"meta.omit_expires_in": True, "meta.reexchange_extends": True})
    id = await house.connect("meta")
    end = (await house.row(id)).expires_at
    await house.pass_time("41d")
    after = (await house.row(id)).expires_at
    assert end is not None
    assert after is not None
    assert after > end
