"""Whether the dashboard knows that somebody tends the connections, and when nobody did."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from symphony_connect.access import dashboard_access as access
from symphony_connect.access import sql as access_sql
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import DAY, HOUR, SECOND
from symphony_connect.connections import heartbeat
from symphony_connect.connections import sql as connections_sql
from symphony_connect.web.dashboard import render, timeline
from symphony_connect.web.dashboard import sql as dashboard_sql
from symphony_connect.web.dashboard.render import Times, length


async def test_beats_are_seen_and_silence_is_kept(database_url: str, tmp_path: Path) -> None:
    hour = [1_800_000_000_000]
    settings = config.load({"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_DATA_DIR": str(tmp_path)})
    async with opened_core(settings) as opened:
        core = replace(opened, clock=lambda: hour[0])
        async with core.store.writing() as tx:
            await tx.run(access_sql.workspace_add, id="ws_1", name="acme", at=hour[0])
        secret = await access.begin(core, "ws_1", None)

        async def stale() -> bool:
            who = await access.visitor_of(core, secret)
            assert who is not None
            return render.stale(core, who)

        assert await stale()
        await heartbeat.beat(core, "proc_1", first=True)
        assert not await stale()
        hour[0] += heartbeat.SILENCE + 1
        assert await stale()
        hour[0] += HOUR
        await heartbeat.beat(core, "proc_2", first=True)
        assert not await stale()
        async with core.store.reading() as tx:
            outages = await tx.all(dashboard_sql.outages_since, since=0, most=10)
        assert [(row["ended_at"] - row["began_at"]) for row in outages] == [HOUR + heartbeat.SILENCE + 1]


async def test_a_worker_beats_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    settings = config.load({"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_DATA_DIR": str(tmp_path)})
    async with opened_core(settings) as core:
        stop = asyncio.Event()
        keeping = asyncio.create_task(heartbeat.keep(core, stop))
        async with asyncio.timeout(10):
            while True:
                async with core.store.reading() as tx:
                    row = await tx.one(connections_sql.newest_beat)
                if row and row["at"]:
                    break
                await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(keeping, 5)


def test_the_band_is_in_proportion_to_time() -> None:
    now = 100 * DAY
    row = {"created_at": now - 40 * DAY, "status": "expiring"}
    moves = [{"at": now - 10 * DAY, "data": '{"before": {"status": "connected"}}'}]
    outages = [{"began_at": now - 30 * DAY, "ended_at": now - 20 * DAY}]
    parts = [(part.kind, part.left, part.width) for part in timeline.band(row, moves, outages, now)]
    assert parts == [("connected", 0, 75), ("expiring", 75, 25), ("outage", 25, 25)]


def test_the_band_ends_in_the_present_status() -> None:
    now = 100 * DAY
    row = {"created_at": now - 40 * DAY, "status": "disconnected", "status_at": now - 10 * DAY}
    moves = [{"at": now - 20 * DAY, "data": '{"status": "expiring", "before": {"status": "connected"}}'}]
    parts = [(part.kind, part.left, part.width) for part in timeline.band(row, moves, [], now)]
    assert parts == [("connected", 0, 50), ("expiring", 50, 25), ("disconnected", 75, 25)]
    gone = timeline.band(row | {"status_at": now - 1}, [], [], now)
    assert [(part.kind, part.width) for part in gone] == [("connected", 100), ("disconnected", timeline.PRESENT)]


def test_the_band_goes_back_ninety_days_at_most() -> None:
    now = 400 * DAY
    moves = [{"at": now - 300 * DAY, "data": '{"before": {"status": "unverified"}}'}]
    row = {"created_at": 0, "status": "connected"}
    assert [(part.kind, part.width) for part in timeline.band(row, moves, [], now)] == [("connected", 100)]


def test_times_are_told_as_people_do() -> None:
    now = 1_795_348_800_000
    times = Times(now)
    assert times.day(now) == "22 Nov"
    assert times.stamp(now - HOUR) == "11:00"
    assert times.stamp(now - DAY) == "21 Nov 12:00"
    assert times.day(now + 400 * DAY).endswith("2027")
    assert times.away(now + 6 * DAY) == "in 6 days"
    assert times.away(now - 40 * SECOND) == "40 s ago"
    assert [length(span) for span in (119 * SECOND, 47 * HOUR, 2 * DAY)] == ["119 s", "47 h", "2 days"]
