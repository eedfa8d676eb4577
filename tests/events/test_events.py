"""What happens to a connection is told once, in order, in the transaction of the change; and how it is listed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount
from symphony_connect.connections import changes, history, lease, listing, pacing, sql
from symphony_connect.connections.event_types import CATALOGUE, DELIVERED, TYPES
from symphony_connect.connections.history import NEWEST, Filter
from symphony_connect.connections.status import apply_inspection
from symphony_connect.connections.verify import verify
from symphony_connect.platforms.base import RateLimited
from symphony_connect.web.dashboard.timeline import KINDS
from tests.platforms import contract
from tests.platforms.chosen import ANY, LASTING, OTHER
from tests.renewal.house import House

LOSABLE = contract.all_having("DEEDS")[0]


async def types(house: House, id: str) -> list[str]:
    return [event["type"] for event in await house.events(id)]


async def test_a_life_is_told_in_order(house: House) -> None:
    who = house.sandbox.newcomer()
    id = await house.connect(LOSABLE, person=who, brand=77)
    house.sandbox.person(who, "revoke", platform=LOSABLE)
    house.sandbox.advance("25h")
    await house.tend_one(id)
    assert await house.connect(LOSABLE, person=who, brand=77) == id
    await changes.disconnect_now(house.core, house.caller, 77, LOSABLE)
    told = [type for type in await types(house, id) if type in CATALOGUE]
    assert [type for type in told if type != "ad_accounts.changed"] == [
        "connection.connected",
        "connection.needs_reconnect",
        "connection.reconnected",
        "connection.recovered",
        "connection.disconnected",
        "connection.receipt",
    ]


@pytest.mark.parametrize("platform", platforms.names())
async def test_each_type_that_is_delivered_is_told_of_each_platform(house: House, platform: str) -> None:
    """What the platform says is changed here; the ways that each platform says it have tests of their own."""
    who = house.sandbox.newcomer()
    id = await house.connect(platform, person=who, brand=78)
    first = await house.row(id)
    held = await lease.hold(house.core, id)
    assert held is not None
    assert held.grant is not None
    inspection = await house.core.platform(platform).inspect(held.grant)
    scopes = ("one", "two")
    for left in (20 * DAY, 13 * DAY, 13 * DAY, 6 * DAY, DAY // 2, -DAY):
        ends = {"expires_at": house.core.clock() + left, "data_access_expires_at": None}
        grant = replace(inspection.grant, refresh_token=None, refresh_expires_at=None, scopes=scopes, **ends)
        async with house.core.store.writing() as tx:
            await lease.still_held(tx, held)
            said = replace(inspection, grant=grant)
            await apply_inspection(tx, house.core, await house.row(id), said, "tests", issued_at=house.core.clock())
        scopes = ("one",)
    async with house.core.store.writing() as tx:
        accounts = (*(first.ad_accounts or ())[1:], AdAccount("act_new", "New", "active"))
        await listing.put_accounts(tx, house.core, await house.row(id), accounts, "tests")
    await lease.give_back(house.core, held)
    assert await house.connect(platform, person=who, brand=78) == id
    with pytest.raises(RateLimited):
        async with pacing.asking(house.core, platform, admitted=True, probe=False):
            raise RateLimited("fewer", retry_at=None)
    await changes.disconnect_now(house.core, house.caller, 78, platform)
    told = [(event["type"], event.get("days")) for event in await house.events(id) if event["type"] in DELIVERED]
    changed = [type for type in told if type[0] in ("ad_accounts.changed", "connection.permissions_changed")]
    assert {type for type, _ in changed} == {"ad_accounts.changed", "connection.permissions_changed"}
    assert [each for each in told if each not in changed] == [
        ("connection.connected", None),
        ("connection.expiring", 14),
        ("connection.expiring", 7),
        ("connection.expiring", 1),
        ("connection.needs_reconnect", None),
        ("connection.reconnected", None),
        ("connection.recovered", None),
        ("connection.disconnected", None),
    ]
    paused = await listed(house, Filter(type="platform.paused", platform=platform))
    assert len(paused) == 1


async def test_an_end_is_announced_once_at_each_of_three_times(house: House) -> None:
    id = await house.connect(LASTING, kind="long")
    house.sandbox.fault(LASTING, "http:503", times=10_000)
    for _ in range(62):
        house.sandbox.advance("1d")
        held = await lease.hold(house.core, id)
        if held is None or held.grant is None:
            break
        await house.calm()
        await lease.give_back(house.core, held)
        await house.tend_one(id)
    expiring = [event["days"] for event in await house.events(id, "connection.expiring")]
    assert expiring == [14, 7, 1]
    assert (await types(house, id)).count("connection.needs_reconnect") == 1


async def test_a_reduced_grant_and_other_ad_accounts_are_told(house: House) -> None:
    id = await house.connect(ANY)
    held = await lease.hold(house.core, id)
    assert held is not None
    assert held.grant is not None
    inspection = await house.core.platform(ANY).inspect(held.grant)
    before = await house.row(id)
    assert before.scopes
    less = replace(inspection, grant=replace(inspection.grant, scopes=before.scopes[1:]))
    accounts = (*(before.ad_accounts or ())[1:], AdAccount("act_new", "New", "active"))
    for _ in range(2):
        async with house.core.store.writing() as tx:
            await lease.still_held(tx, held)
            connection = await listing.put_accounts(tx, house.core, await house.row(id), accounts, "tests")
            await apply_inspection(tx, house.core, connection, less, "tests")
    (reduced,) = await house.events(id, "connection.permissions_changed")
    assert reduced["removed"] == [before.scopes[0]]
    (changed,) = await house.events(id, "ad_accounts.changed")
    assert changed["added"] == ["act_new"]
    assert changed["removed"] == [(before.ad_accounts or ())[0].id]
    # What the platform itself says is more again: that is no reduction.
    held = await lease.hold(house.core, id)
    assert held is not None
    await verify(house.core, held, "tests")
    assert len(await house.events(id, "connection.permissions_changed")) == 1


async def test_a_pause_is_told_once_to_each_workspace_that_is_there(house: House) -> None:
    await house.connect(ANY)
    async with house.core.store.writing() as tx:
        await tx.script("INSERT INTO workspaces (id, name, created_at) VALUES ('ws_empty', 'empty', 1)")
    for _ in range(3):
        with pytest.raises(RateLimited):
            async with pacing.asking(house.core, ANY, admitted=True, probe=False):
                raise RateLimited("fewer", retry_at=None)
    async with house.core.store.reading() as tx:
        of = {"type": "platform.paused", "since": -1, "at": 2**62, "id": "", "most": 10}
        (paused,) = await tx.all(sql.events_of_type, workspace_id=house.caller.workspace_id, **of)
        assert await tx.all(sql.events_of_type, workspace_id="ws_empty", **of) == []
    told = history.described(paused)
    assert told is not None
    assert (told["brandId"], told["connectionId"], told["adPlatform"]) == (None, None, ANY)
    assert told["data"]["until"].endswith("Z")


async def listed(house: House, asked: Filter, **bounds: Any) -> list[dict[str, Any]]:
    """Every page, of one event each."""
    caller = replace(house.caller, bounds=Bounds(**bounds))
    found: list[dict[str, Any]] = []
    place: history.Place | None = NEWEST
    while place is not None:
        page = await history.list_events(house.core, caller, asked, place, 1)
        found, place = [*found, *page.events], page.next
    return found


async def test_events_are_listed_newest_first_by_filters_and_in_bounds(house: House) -> None:
    await house.connect(ANY, brand=31)
    await house.connect(OTHER, brand=31)
    await house.connect(ANY, brand=32)
    every = await listed(house, Filter())
    assert [event["id"] for event in every] == sorted((event["id"] for event in every), reverse=True)
    assert {event["brandId"] for event in every} == {31, 32}
    assert {event["adPlatform"] for event in every} == {ANY, OTHER}
    for asked, name, value in (
        (Filter(brand_id=31), "brandId", 31),
        (Filter(platform=OTHER), "adPlatform", OTHER),
        (Filter(type="connection.connected"), "type", "connection.connected"),
    ):
        assert await listed(house, asked) == [event for event in every if event[name] == value]
    assert await listed(house, Filter(after=house.core.clock() + 1)) == []
    assert await listed(house, Filter(before=1)) == []
    assert {event["brandId"] for event in await listed(house, Filter(), brands=frozenset({32}))} == {32}
    assert {event["adPlatform"] for event in await listed(house, Filter(), platforms=frozenset({ANY}))} == {ANY}
    with pytest.raises(Problem, match="There is no platform"):
        await listed(house, Filter(platform=OTHER), platforms=frozenset({ANY}))


async def test_a_key_for_one_ad_account_hears_of_no_other(house: House) -> None:
    id = await house.connect(ANY, brand=33)
    ids = [account.id for account in (await house.row(id)).ad_accounts or ()]
    for chosen in (ids, ids[1:], ids[:1]):
        await changes.choose_ad_accounts(house.core, house.caller, 33, ANY, chosen)
    seen = await listed(house, Filter(type="connection.selected"), ad_accounts=frozenset(ids[:1]))
    assert [event["data"]["selected"] for event in seen] == [ids[:1], ids[:1]]
    assert ids[-1] not in json.dumps(await listed(house, Filter(), ad_accounts=frozenset(ids[:1])))


def test_the_catalogue_is_one() -> None:
    assert set(CATALOGUE) == set(TYPES) >= set(DELIVERED)
    assert set(KINDS) == set(TYPES)
