"""The identities and Business Centers that a token reaches, and whether each may be used.

Sources: TikTok API for Business v1.3, "Get identities", "Get Business Centers", "Get assets"; what `available_status`
holds is as public clients have met it: `AVAILABLE` or true, another word or false where it may not be used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.assets import Asset, AssetList, State
from symphony_connect.platforms.tiktok.api import Api

IDENTITY, CENTER = "identity", "business_center"
AT_ONCE = 4
"""Advertisers, or Business Centers, that are asked about side by side: within the default pace."""
BUDGET = 8.0
"""Seconds for all of them; a person may wait for our page. The next time goes on where this one stopped."""
MAX_PAGES = 100
CENTERS_A_PAGE = 50
IDENTITIES_A_PAGE = 100
Item = TypeVar("Item")


async def walk(api: Api, token: Secret, accounts: Sequence[AdAccount], place: str) -> AssetList:
    """Identities belong to advertisers: each of `accounts` is asked, from behind `place` on.

    Raises RateLimited and Unavailable where not even the Business Centers could be listed.
    """
    found: dict[str, Asset] = {}
    done: list[str] = []
    states: dict[str, State] = {CENTER: await _centers(api, token, found), IDENTITY: "partly"}
    names = {asset.id: asset.name for asset in found.values()}
    ids = [account.id for account in accounts]
    first = ids.index(place) + 1 if place in ids else 0
    refused: list[str] = []

    async def ask(id: str) -> None:
        try:
            async for row in _pages(api, token, "identity/get", IDENTITIES_A_PAGE, advertiser_id=id):
                _add_identity(found, row, names)
        except (base.PermissionRefused, base.Rejected):
            refused.append(id)
        done.append(id)

    try:
        async with asyncio.timeout(BUDGET):
            await _side_by_side(ids[first:] + ids[:first], ask)
        states[IDENTITY] = "permission_missing" if ids and len(refused) == len(ids) else "listed"
    except (TimeoutError, base.PlatformError):
        place = done[-1] if done else place
    return AssetList(tuple(found.values()), states, place if states[IDENTITY] == "partly" else "")


async def _centers(api: Api, token: Secret, found: dict[str, Asset]) -> State:
    """Add the Business Centers. Each is asked for one of its ad accounts: membership alone does not permit that."""
    try:
        rows = [row async for row in _pages(api, token, "bc/get", CENTERS_A_PAGE)]
    except (base.PermissionRefused, base.Rejected):
        return "permission_missing"
    listed = {}
    for row in rows:
        info = fields.mapping(row.get("bc_info")) or row
        if id := fields.text(info.get("bc_id")):
            listed[id] = fields.text(info.get("name")) or id
    usable: dict[str, bool] = {}

    async def probe(id: str) -> None:
        try:
            await api.get("bc/asset/get", token, bc_id=id, asset_type="ADVERTISER", page="1", page_size="1")
            usable[id] = True
        except (base.PermissionRefused, base.Rejected):
            usable[id] = False

    state: State = "listed"
    try:
        async with asyncio.timeout(BUDGET):
            await _side_by_side(list(listed), probe)
    except (TimeoutError, base.PlatformError):
        state = "partly"
    for id, may in usable.items():
        found[id] = Asset(id, CENTER, listed[id], may, None if may else "not_permitted")
    return state


def _add_identity(found: dict[str, Asset], row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    id, center = fields.text(row.get("identity_id")), fields.text(row.get("identity_authorized_bc_id"))
    if not id:
        return
    status = row.get("available_status")
    usable = status in (None, True, "", "AVAILABLE")
    kept = {"identity_type": fields.text(row.get("identity_type")), "identity_authorized_bc_id": center}
    asset = Asset(
        id,
        IDENTITY,
        fields.text(row.get("display_name")) or fields.text(row.get("username")) or id,
        usable,
        None if usable else "not_permitted",
        names.get(center),
        center or None,
        {name: value for name, value in kept.items() if value},
    )
    # Usable for one advertiser is usable.
    if id not in found or usable:
        found[id] = asset


async def _pages(api: Api, token: Secret, path: str, size: int, **params: str) -> AsyncIterator[Mapping[str, Any]]:
    for page in range(1, MAX_PAGES + 1):
        data = await api.get(path, token, **params, page=str(page), page_size=str(size))
        listed = data.get("identity_list", data.get("list"))
        if not isinstance(listed, list):
            raise base.Unavailable(f"TikTok's {path} answered without a list")
        for row in fields.rows(listed):
            yield row
        if page >= (fields.whole(fields.mapping(data.get("page_info")).get("total_page")) or 1):
            return


async def _side_by_side(items: Sequence[Item], ask: Callable[[Item], Awaitable[None]]) -> None:
    """Raises the first PlatformError."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> None:
        async with places:
            await ask(item)

    try:
        async with asyncio.TaskGroup() as tasks:
            for item in items:
                tasks.create_task(one(item))
    except* base.PlatformError as errors:
        raise errors.exceptions[0] from None
