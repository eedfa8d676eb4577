"""One process whose clock is far off spoils nothing, and says so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.base.clock import DAY, MINUTE, SECOND, FileClock
from symphony_connect.base.model import Status
from symphony_connect.base.watched_clock import MARGIN, WatchedClock
from symphony_connect.connections import heartbeat
from tests.faults.figures import Figure
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House
from tests.tools.process import CLI, Process, answers
from tests.tools.wait import free_port, wait_until

AHEAD = 400 * DAY


def ahead(house: House, folder: Path) -> dict[str, str]:
    """The clock of one process alone, 400 days ahead of everybody else's."""
    file = folder / "wrong-clock"
    file.write_text(str(FileClock(house.sandbox.clock_file).offset() + AHEAD), encoding="ascii")
    return {"SYMPHONY_CLOCK_FILE": str(file)}


async def ends(house: House, ids: list[str]) -> list[Any]:
    rows = [await house.row(id) for id in ids]
    return [(row.status, row.expires_at, row.refresh_expires_at, row.data_access_expires_at) for row in rows]


async def good_as_before(house: House, ids: list[str], before: list[Any]) -> bool:
    """A renewed token may end a little later than the one before it; none ends hundreds of days later, none is lost."""
    for (status, *old), (now_status, *new) in zip(before, await ends(house, ids), strict=True):
        far = [a for a, b in zip(old, new, strict=True) if a and b and abs(a - b) > 3 * DAY]
        if far or now_status is not status:
            return False
    return {status for status, *_ in before} == {Status.CONNECTED}


async def others_off(house: House) -> list[int]:
    found: list[int] = []
    async with asyncio.timeout(20):
        while not found:
            await heartbeat.compare(house.core)
            found = house.core.watch.others_off
            await asyncio.sleep(0)
    return found


@pytest.mark.parametrize("beside", ["nobody", "a worker"])
async def test_a_worker_400_days_ahead_spoils_nothing(
    house: House, env: dict[str, str], tmp_path: Path, figure: Figure, beside: str
) -> None:
    ids = [await house.connect(platform) for platform in (LASTING, ROTATING) for _ in range(6)]
    before = await ends(house, ids)
    good = Process("good", [CLI, "worker"], tmp_path / "good.log", env)
    wrong = Process("wrong", [CLI, "worker"], tmp_path / "wrong.log", env | ahead(house, tmp_path))
    try:
        if beside == "a worker":
            good.start(lambda: "worker.started" in good.log_text())
        wrong.start()
        said = lambda: "clock.off" in wrong.log_text()  # noqa: E731
        await asyncio.to_thread(wait_until, said, 60, "the worker to say that its clock is off")
        if beside == "a worker":
            assert await others_off(house) == [pytest.approx(AHEAD, abs=MINUTE)]
    finally:
        wrong.stop()
        good.stop()
    assert await good_as_before(house, ids, before)
    house.sandbox.advance("8h")
    await house.tend()
    assert await good_as_before(house, ids, before)
    tokens = [(await house.grant(id)).access_token.reveal() for id in ids]
    assert [await house.served(id) for id in ids] == tokens
    figure(f"a worker's clock 400 days ahead, beside {beside}", f"0 of {len(ids)} spoiled")


async def test_a_server_whose_clock_is_off_says_so_and_is_not_ready(
    house: House, env: dict[str, str], tmp_path: Path
) -> None:
    """Its database is fine, and a worker beside it has the right time."""
    port = free_port()
    good = Process("good", [CLI, "worker"], tmp_path / "good.log", env)
    command = [CLI, "serve", "--no-worker", "--port", str(port)]
    wrong = Process("wrong", command, tmp_path / "wrong.log", env | ahead(house, tmp_path))
    try:
        good.start(lambda: "worker.started" in good.log_text())
        wrong.start(f"http://127.0.0.1:{port}/healthz", 40)
        off = lambda: not answers(f"http://127.0.0.1:{port}/readyz")  # noqa: E731
        await asyncio.to_thread(wait_until, off, 20, "the server not to be ready")
        await asyncio.to_thread(wait_until, lambda: "clock.off" in wrong.log_text(), 20, "the log to say it")
    finally:
        wrong.stop()
        good.stop()


# Without processes: time is passed in.

NOW = 1_800_000_000_000


def test_the_database_is_believed_and_a_platform_that_agrees_with_us_more() -> None:
    clock = WatchedClock(lambda: NOW)
    assert (clock(), clock.off) == (NOW, False)
    clock.database_said(NOW - AHEAD, [])
    assert (clock(), clock.off) == (NOW - AHEAD, True)
    clock.platform_said("p", "Fri, 15 Jan 2027 08:00:00 GMT", NOW, NOW)
    assert (clock(), clock.off) == (NOW, False)


def test_a_platform_is_believed_where_the_database_has_no_clock_of_its_own() -> None:
    file = FileClock(Path("/nowhere"))
    clock = WatchedClock(file)
    now = file()
    clock.platform_said("p", "Fri, 15 Jan 2027 08:00:00 GMT", now, now + SECOND)
    assert clock.off
    assert abs(clock() - NOW) < MINUTE


def test_ten_minutes_are_borne() -> None:
    clock = WatchedClock(lambda: NOW)
    clock.database_said(NOW - 10 * MINUTE, [])
    assert (clock(), clock.off) == (NOW, False)
    clock.database_said(NOW - MARGIN - 1, [])
    assert clock.off


def test_a_clock_file_that_was_just_moved_is_not_off() -> None:
    """The other processes have not beaten since."""
    real = FileClock(Path("/nowhere"))()
    clock = WatchedClock(FileClock(Path("/nowhere")))
    clock.database_said(real, [0])
    clock.database_said(real - 61 * DAY, [0])
    assert not clock.off
    clock.database_said(real - 61 * DAY, [61 * DAY])
    assert not clock.off
    for _ in range(3):
        clock.database_said(real - 61 * DAY, [0])
    assert clock.off
