"""The forecast accounts for every active connection once, and its links list exactly what its marks count."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

from symphony_connect.access import sql
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.core import Core
from symphony_connect.web.dashboard import listing, overview
from symphony_connect.web.dashboard.forecast import Forecast, day_of
from symphony_connect.web.dashboard.listing import Filter, week_start
from tests.journey.dashboard.seed import Seed, many, statements
from tests.platforms.chosen import OTHER


async def filled(core: Core, seeds: list[Seed]) -> None:
    async with core.store.writing() as tx:
        await tx.run(sql.workspace_add, id="ws_1", name="acme", at=0)
        for statement in statements(seeds, "ws_1", core.clock()):
            await tx.connection.execute(statement)


def settings(database_url: str, folder: Path) -> config.Settings:
    return config.load({"SYMPHONY_DATABASE_URL": database_url, "SYMPHONY_DATA_DIR": str(folder)})


async def listed(core: Core, query: str) -> int:
    """How many connections an address lists, over all its pages."""
    asked, shown = dict(parse_qsl(query)), 0
    while True:
        page = await listing.load(core, "ws_1", Filter(**asked))
        shown += len(page.rows)
        if not page.next:
            return shown
        asked["after"] = page.next


async def test_every_living_connection_stands_somewhere_once(database_url: str, tmp_path: Path) -> None:
    async with opened_core(settings(database_url, tmp_path)) as core:
        await filled(core, list(many(800)))
        seen = await overview.load(core, "ws_1")
        placed = sum(week.persons + week.renews for week in seen.forecast.weeks) + sum(seen.forecast.edges.values())
        assert placed == seen.total == 700
        assert await listed(core, "") == 800
        for week in seen.forecast.weeks:
            for stack in week.stacks:
                assert await listed(core, stack.query) == stack.count
            if week.renews:
                assert await listed(core, week.renews_query) == week.renews
        edges = {"ended": "status=needs_reconnect", "unverified": "status=unverified"}
        for name, count in seen.forecast.edges.items():
            assert await listed(core, edges.get(name, f"lane={name}")) == count, name


async def test_another_order_is_of_the_most_urgent_and_says_so(database_url: str, tmp_path: Path) -> None:
    async with opened_core(settings(database_url, tmp_path)) as core:
        await filled(core, list(many(300)))
        urgent = (await listing.load(core, "ws_1", Filter())).rows[:21]  # one more tells that there are more
        few = await listing.load(core, "ws_1", Filter(sort="brand"), looked_at=20)
        assert {row["id"] for row in few.rows} == {row["id"] for row in urgent}
        assert (few.total, few.more) == (20, True)
        every = await listing.load(core, "ws_1", Filter(sort="brand"))
        assert (every.total, every.more) == (300, False)


async def test_the_earlier_of_two_clocks_counts(database_url: str, tmp_path: Path) -> None:
    async with opened_core(settings(database_url, tmp_path)) as core:
        data_first = Seed(1, ends=60 * DAY, data_ends=30 * DAY)
        renews = Seed(2, OTHER, ends=DAY, renews=True)
        overdue = Seed(3, ends=-HOUR - DAY)
        await filled(core, [data_first, renews, overdue])
        weeks = (await overview.load(core, "ws_1")).forecast.weeks
    assert [(place, stack.kind) for place, week in enumerate(weeks) for stack in week.stacks] == [
        (0, "token"),
        (4, "data"),
    ]
    assert [place for place, week in enumerate(weeks) if week.renews] in ([0], [1])


async def test_the_most_urgent_come_first_on_every_page(database_url: str, tmp_path: Path) -> None:
    order = ["needs_reconnect", "expiring", "unverified", "connected", "disconnected"]
    async with opened_core(settings(database_url, tmp_path)) as core:
        await filled(core, list(many(240)))
        rows, after = [], ""
        while True:
            page = await listing.load(core, "ws_1", Filter(after=after))
            assert page.first == len(rows) + 1
            rows += page.rows
            if not (after := page.next):
                break
    assert len({row["id"] for row in rows}) == 240
    keys = [(order.index(row["status"]), row["ends_at"] or 2**63) for row in rows]
    assert keys == sorted(keys)


async def test_search_finds_brand_number_person_and_ad_account(database_url: str, tmp_path: Path) -> None:
    async with opened_core(settings(database_url, tmp_path)) as core:
        await filled(core, [Seed(7_001, name="Café Über 100%", person="Ana Iwu"), Seed(8_002, name="Tidal_Tea")])
        for words, found in (
            ("Über", 1),
            ("bikes", 0),
            ("7001", 1),
            ("ANA", 1),
            ("act_80021", 1),
            ("tidal_tea us", 1),
            ("100%", 1),
            ("%", 1),
            ("_", 2),
            ("nobody", 0),
            ("iwu café", 1),
            ("us tidal", 1),
            ("ana 8002", 0),
            ("100% ana Über", 1),
            ("TEA", 1),
        ):
            assert await listed(core, f"q={words.replace('%', '%25')}") == found, words


def test_years_are_told_where_the_weeks_run_into_another() -> None:
    def years(first: str) -> dict[str, int]:
        return {day_of(at): year for at, year in Forecast.of([], week_start(first)).years.items()}

    assert years("2026-11-25") == {"2026-11-25": 2026, "2027-01-06": 2027}
    assert years("2026-12-31") == {"2026-12-31": 2026, "2027-01-07": 2027}
    assert years("2027-01-01") == {}
    assert years("2026-10-08") == {}, "the thirteenth week begins on the last day of the year"


def test_bars_of_different_counts_differ_in_height() -> None:
    week = {"lane": "person", "why": "data_access_ends_soon", "status": "connected"}
    rows = [{**week, "slot": slot, "count": count} for slot, count in ((0, 577), (1, 83), (2, 1))]
    bars = [stack.bar for one in Forecast.of(rows, week_start("2026-11-25")).weeks for stack in one.stacks]
    assert bars == [120, 17.3, 4]
