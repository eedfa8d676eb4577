"""Orders, totals, pages, what is overdue and what happened when: on both databases, without a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from symphony_connect.app import opened_core
from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.web.dashboard import events, listing, lists, overview
from symphony_connect.web.dashboard.events import Asked
from symphony_connect.web.dashboard.listing import COLUMNS, Filter
from symphony_connect.web.dashboard.renewals import PAST
from tests.journey.dashboard.seed import Seed, many
from tests.journey.dashboard.test_forecast import filled, settings
from tests.platforms.chosen import ANY, OTHER


@pytest.fixture
async def core(database_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with opened_core(settings(database_url, tmp_path)) as opened:
        # Nobody works here: what is seeded stays as it is.
        yield opened


async def order(core: Core, **asked: str) -> list[int]:
    return [row["brand_id"] for row in (await listing.load(core, "ws_1", Filter(**asked))).rows]


async def test_each_column_sorts_both_ways(core: Core) -> None:
    seeds = [
        Seed(1, ANY, "beta", "connected", person="Zoe", ends=9 * DAY, due=3 * HOUR),
        Seed(2, OTHER, "Alpha", "needs_reconnect", "revoked", person="ann", ends=5 * DAY, due=None),
        Seed(3, ANY, None, "expiring", person="Mia", ends=7 * DAY, due=1 * HOUR),
    ]
    await filled(core, seeds)
    expected = {
        "status": [2, 3, 1],
        "brand": [2, 1, 3],
        "person": [2, 3, 1],
        "expires": [2, 3, 1],
        "renewal": [3, 1, 2],
    }
    for column, brands in expected.items():
        assert await order(core, sort=column) == brands, column
    for column in set(expected) - {"renewal"}:
        assert await order(core, sort=f"-{column}") == expected[column][::-1], column
    assert await order(core, sort="-renewal") == [1, 3, 2], "what is due never comes last either way"
    assert sorted(await order(core, sort="platform")) == [1, 2, 3]
    assert set(expected) | {"platform"} == set(COLUMNS)
    with pytest.raises(Problem, match="sorted by"):
        await order(core, sort="colour")


async def test_numbered_pages_hold_every_row_once(core: Core) -> None:
    await filled(core, list(many(120)))
    seen: list[str] = []
    for number in ("", "2", "3"):
        page = await listing.load(core, "ws_1", Filter(sort="brand", page=number))
        seen += [row["id"] for row in page.rows]
        assert (page.total, page.last_page, page.more) == (120, 3, False)
    assert len(seen) == len(set(seen)) == 120
    behind = await listing.load(core, "ws_1", Filter(sort="brand", page="99"))
    assert (behind.page, behind.first, behind.last) == (3, 101, 120)
    with pytest.raises(Problem, match="page"):
        await listing.load(core, "ws_1", Filter(page="0"))


@pytest.mark.parametrize(
    "asked",
    [
        Filter(q="bikes"),
        Filter(q="bikes northwind"),
        Filter(platform=OTHER),
        Filter(status="connected"),
        Filter(status="disconnected"),
        Filter(lane="never"),
        Filter(status="expiring", platform=ANY),
        Filter(q="nobody at all"),
    ],
)
async def test_the_total_is_what_all_pages_hold(core: Core, asked: Filter) -> None:
    await filled(core, list(many(400)))
    forecast = (await overview.load(core, "ws_1")).forecast
    first = await listing.load(core, "ws_1", asked)
    total = listing.counted(asked, forecast) if first.total is None else first.total
    count, page = len(first.rows), first
    while page.next:
        page = await listing.load(core, "ws_1", replace(asked, after=page.next))
        count += len(page.rows)
    assert total == count


async def test_the_newest_link_of_each_row_is_found(core: Core) -> None:
    await filled(core, [Seed(1, ANY), Seed(1, OTHER), Seed(2, ANY), Seed(3, ANY)])
    links = [("old", 1, [ANY], -DAY), ("new", 1, [ANY, OTHER], -HOUR), ("newest", 1, [OTHER], 0), ("own", 2, [ANY], 0)]
    async with core.store.writing() as tx:
        for id, brand, names, at in links:
            await tx.connection.execute(
                "INSERT INTO connect_sessions (id, token_hash, workspace_id, brand_id, platforms, replace_identity,"
                f" pinned, used, created_at, expires_at) VALUES ('{id}', '{id}', 'ws_1', {brand},"
                f" '{json.dumps(names)}', 0, '{{}}', '[\"{id}\"]', {core.clock() + at}, {core.clock() + DAY})"
            )
    rows = (await listing.load(core, "ws_1", Filter())).rows
    found = await lists.last_links(core, "ws_1", rows)
    newest = {(row["brand_id"], row["platform"]): found[row["id"]]["used"] for row in rows if row["id"] in found}
    assert newest == {(1, ANY): '["new"]', (1, OTHER): '["newest"]', (2, ANY): '["own"]'}
    assert await lists.last_links(core, "ws_2", rows) == {}


async def test_words_are_found_in_any_order(core: Core) -> None:
    await filled(core, [Seed(1, name="Northwind Bikes Berlin"), Seed(2, name="Northwind Foods")])
    assert await order(core, q="berlin northwind") == await order(core, q="bikes BERLIN") == [1]


async def test_what_is_overdue_is_counted_listed_and_bad(core: Core) -> None:
    late = [Seed(number, due=-number * HOUR - MINUTE, ends=2 * HOUR, renews=True) for number in (1, 2, 3)]
    await filled(core, [*late, Seed(4, due=-30 * MINUTE), Seed(5, due=HOUR), Seed(6)])
    seen = await overview.load(core, "ws_1")
    assert (seen.overdue, seen.state) == (3, "bad")
    assert seen.oldest is not None
    assert core.clock() - seen.oldest >= 3 * HOUR
    assert await order(core, lane="overdue") == [3, 2, 1], "the longest overdue first"
    assert (await listing.load(core, "ws_1", Filter(lane="overdue"))).total == 3
    assert seen.renewals.columns[PAST].count("overdue") == "3"


async def test_nothing_overdue_is_no_alarm(core: Core) -> None:
    await filled(core, [Seed(1, due=-30 * MINUTE), Seed(2, due=HOUR)])
    seen = await overview.load(core, "ws_1")
    assert (seen.overdue, seen.state) == (0, "ok")


async def test_renewals_stand_where_they_happened_and_are_due(core: Core) -> None:
    def happened(*hours: float, type: str = "connection.renewed") -> list[tuple[int, str, str, dict[str, int]]]:
        return [(-int(hour * HOUR), type, "worker", {}) for hour in hours]

    await filled(
        core,
        [
            Seed(1, events=happened(0.5, 1, 23.5, 25)),
            Seed(2, events=happened(1, type="connection.put_off")),
            Seed(3, due=HOUR),
            Seed(4, due=11 * HOUR),
            Seed(5, due=13 * HOUR),
        ],
    )
    shown = (await overview.load(core, "ws_1")).renewals
    assert (shown.ok, shown.failed) == (3, 1)
    past, coming = shown.columns[:PAST], shown.columns[PAST + 1 :]
    assert [column.count("ok") for column in past] == ["1", *["–"] * (PAST - 2), "2"]
    assert past[-1].count("failed") == "1"
    assert [column.count("due") for column in coming] == ["1", "–", "–", "–", "–", "1"]
    assert shown.last_at is not None


async def test_events_are_narrowed_by_brand_kind_platform_and_day(core: Core) -> None:
    told = [(-HOUR, "connection.renewed", "worker", {}), (-3 * DAY, "connection.put_off", "worker", {})]
    await filled(core, [Seed(1, ANY, "Northwind", events=told), Seed(2, OTHER, "Alpine", events=told)])

    async def kinds(**asked: str) -> list[tuple[int, str]]:
        brand_id, _ = await events._brand(core, "ws_1", asked.get("brand", ""))
        rows, stopped = await events._rows(core, "ws_1", Asked(**asked), brand_id, "")
        assert not stopped
        return [(row["brand_id"], row["type"].split(".")[1]) for row in rows]

    assert len(await kinds()) == 4
    assert await kinds(brand="1") == [(1, "renewed"), (1, "put_off")]
    assert await kinds(brand="alpine", kind="connection.put_off") == [(2, "put_off")]
    assert await kinds(kind="connection.renewed", platform=OTHER) == [(2, "renewed")]
    assert await kinds(platform=ANY) == [(1, "renewed"), (1, "put_off")]
    today = listing.day_of(core.clock() - HOUR)
    assert {type for _, type in await kinds(since=today)} == {"renewed"}
    before = listing.day_of(core.clock() - 3 * DAY)
    assert {type for _, type in await kinds(since=before, until=before)} == {"put_off"}
    assert await kinds(brand="nobody") == []
    with pytest.raises(Problem, match="A day is written"):
        await kinds(since="yesterday")


async def test_a_name_that_fits_several_brands_offers_them(core: Core) -> None:
    await filled(core, [Seed(1, name="Northwind Bikes"), Seed(2, name="Northwind Foods")])
    assert await events._brand(core, "ws_1", "northwind bikes") == (1, [])
    found, choices = await events._brand(core, "ws_1", "northwind")
    assert (found, [row["brand_id"] for row in choices]) == (None, [1, 2])
