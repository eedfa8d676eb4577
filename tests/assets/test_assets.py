"""What a connection reaches beside ad accounts: listed, probed, chosen, checked daily, gone with its brand."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from symphony_connect.base.errors import Problem
from symphony_connect.connections import asset_lists, assets, connect, history
from symphony_connect.connections.assets import Shown
from symphony_connect.connections.history import NEWEST, Filter
from symphony_connect.operate.delete_brand import delete_brand
from symphony_connect.platforms.assets import Asset, AssetList
from tests.platforms import contract
from tests.renewal.house import House
from tests.tools.rows import rows

pytestmark = pytest.mark.anyio
OFFERING = [name for name in platforms.names() if contract.facts(name).asset_kinds]
NONE_OFFERED = [name for name in platforms.names() if name not in OFFERING]
ANY = OFFERING[0]
BRAND = 77


async def connected(house: House, platform: str, **wishes: int) -> tuple[str, Shown]:
    """Somebody with several of everything, of which one was left unticked."""
    person = house.sandbox.newcomer(**{"pages": 3, "unshared": 1, "businesses": 2, **wishes})
    id = await house.connect(platform, person=person, brand=BRAND)
    return id, await seen(house, platform)


async def seen(house: House, platform: str) -> Shown:
    return await assets.find_assets(house.core, house.caller, BRAND, platform)


@pytest.mark.parametrize("platform", NONE_OFFERED)
async def test_a_platform_without_assets_answers_an_empty_list(house: House, platform: str) -> None:
    await house.connect(platform, brand=BRAND)
    for verb in (assets.find_assets, assets.refresh_assets):
        shown = await verb(house.core, house.caller, BRAND, platform)
        assert (shown.offered, shown.assets, shown.kept.kinds) == (False, (), {})


@pytest.mark.parametrize("platform", OFFERING)
async def test_each_is_probed_before_it_is_offered(house: House, platform: str, database_url: str) -> None:
    _, shown = await connected(house, platform)
    assert shown.assets
    assert shown.kept.kinds == dict.fromkeys(house.core.platform(platform).asset_kinds, "listed")
    for kind in shown.kept.kinds:
        of_kind = [asset for asset in shown.assets if asset.kind == kind]
        assert [asset.usable for asset in of_kind].count(False) == 1
        assert all(asset.id and asset.name for asset in of_kind)
        assert all(bool(asset.reason) is not asset.usable for asset in of_kind)
        assert all(shown.kept.uses(asset) is asset.usable for asset in of_kind)
    # What a listing brings of tokens is dropped.
    stored = await asyncio.to_thread(rows, database_url, "assets", "connections", "events")
    assert not re.search(contract.rules(platform).TOKENS, str(stored))


@pytest.mark.parametrize("platform", OFFERING)
async def test_some_are_chosen_and_all_again(house: House, platform: str) -> None:
    id, shown = await connected(house, platform)
    usable = [asset.id for asset in shown.assets or () if asset.usable]
    bad = next(asset.id for asset in shown.assets or () if not asset.usable)
    choose = assets.choose_assets
    for wrong in (bad, "nothing"):
        with pytest.raises(Problem) as caught:
            await choose(house.core, house.caller, BRAND, platform, [usable[0], wrong])
        assert (caught.value.code, caught.value.field) == ("invalid_request", "selected")
    for chosen in ([usable[0]], [], None):
        after = await choose(house.core, house.caller, BRAND, platform, chosen)
        used = [asset.id for asset in after.assets or () if after.kept.uses(asset)]
        assert used == (usable if chosen is None else chosen)
    said = [event["selected"] for event in await house.events(id, "assets.selected")]
    assert said == [[usable[0]], [], None]


@pytest.mark.parametrize("platform", OFFERING)
async def test_they_are_gone_with_the_brand_and_with_another_person(
    house: House, platform: str, database_url: str
) -> None:
    _, shown = await connected(house, platform)
    await assets.choose_assets(house.core, house.caller, BRAND, platform, [])
    ask = replace(house.bring(platform, brand=BRAND), replace_identity=True)
    await connect.register(house.core, house.caller, ask)
    anew = await seen(house, platform)
    assert anew.kept.selected is None
    assert not {asset.id for asset in anew.assets or ()} & {asset.id for asset in shown.assets or ()}
    await delete_brand(house.core, house.caller, BRAND)
    # Somebody who had looked before chooses now.
    async with house.core.store.writing() as tx:
        await asset_lists.choose(tx, house.core, anew.connection, (), "key_tests")
    assert await asyncio.to_thread(rows, database_url, "assets") == {"assets": []}


async def test_the_daily_check_lists_them_again_and_says_what_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, _ = await connected(house, ANY)
    asked: list[str] = []
    answers = [
        AssetList((Asset("1", "page", "One"), Asset("2", "page", "Two")), {"page": "partly"}, "b1"),
        AssetList((Asset("1", "page", "One", usable=False, reason="not_shared"),), {"page": "listed"}),
    ]

    async def listed(_grant: object, _accounts: object, place: str = "") -> AssetList:
        asked.append(place)
        return answers[len(asked) - 1]

    monkeypatch.setattr(house.core.platform(ANY), "assets", listed)
    await house.tend_one(id)
    assert asked == []
    await house.pass_time("1d1h")
    some = (await seen(house, ANY)).assets or ()
    assert len(some) > 2, "what was known stays where not all could be listed"
    await house.pass_time("1d1h")
    assert asked == ["", "b1"]
    assert [asset.id for asset in (await seen(house, ANY)).assets or ()] == ["1"]
    first, second = await house.events(id, "assets.changed")
    assert first["added"] == ["1", "2"]
    assert (second["changed"], second["added"]) == (["1"], [])
    assert "2" in second["removed"]


@pytest.mark.parametrize("platform", OFFERING)
async def test_not_known_is_another_answer_than_none(house: House, platform: str) -> None:
    house.sandbox.fault(platform, "http:503", path=contract.rules(platform).ASSETS_LISTED, times=100)
    id = await house.connect(platform, brand=BRAND)
    assert (await house.row(id)).status == "connected"
    assert (await seen(house, platform)).assets is None
    with pytest.raises(Problem) as caught:
        await assets.refresh_assets(house.core, house.caller, BRAND, platform)
    assert caught.value.code == "platform_unavailable"
    house.sandbox.calm()
    shown = await assets.refresh_assets(house.core, house.caller, BRAND, platform)
    assert shown.assets


async def test_a_key_bounded_to_ad_accounts_sees_none(house: House) -> None:
    id, shown = await connected(house, ANY)
    await assets.choose_assets(house.core, house.caller, BRAND, ANY, [])
    account = ((await house.row(id)).ad_accounts or ())[0].id
    bounded = replace(house.caller, bounds=Bounds(ad_accounts=frozenset({account})))
    hidden = await assets.find_assets(house.core, bounded, BRAND, ANY)
    assert (hidden.offered, hidden.assets, hidden.kept.kinds) == (False, (), {})
    for caller, count in ((house.caller, 1), (bounded, 0)):
        page = await history.list_events(house.core, caller, Filter(type="assets.selected"), NEWEST, 50)
        assert len(page.events) == count
    reading = replace(house.caller, bounds=Bounds(read_only=True))
    assert (await assets.find_assets(house.core, reading, BRAND, ANY)).assets == shown.assets
