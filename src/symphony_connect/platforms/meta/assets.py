"""The Pages and Instagram accounts that a token reaches, and whether each may be used.

A person may see a Page through a Business without having selected it at Facebook. Meta gives out a Page's token only
where the Page was selected ("Page Access Tokens"), so asking for that field is the probe. The token itself is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from symphony_connect.base.model import Grant, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.assets import Asset, AssetList
from symphony_connect.platforms.meta.accounts import AT_ONCE
from symphony_connect.platforms.meta.graph import Graph

PAGE, INSTAGRAM = "page", "instagram_account"
COLUMNS = "id,name,access_token"
INSTAGRAM_COLUMN = "instagram_business_account{id,username,name}"
"""Meta refuses it without the permission `instagram_basic`."""
EDGES = ("owned_pages", "client_pages")
BUDGET = 8.0
"""Seconds for all Businesses of one person, who may wait for our page. The next time goes on where this one stopped."""


@dataclass
class _Walk:
    graph: Graph
    token: Secret
    columns: str
    found: dict[str, Asset] = field(default_factory=dict)
    done: str = ""
    """The last Business that was read."""
    failed: bool = False

    async def own(self) -> None:
        """The Pages that the person selected at Facebook, and those without a Business."""
        async for row in self.graph.pages("me/accounts", self.token, self.columns):
            self._add(row, None)

    async def businesses(self, start: str) -> None:
        """Several side by side, from behind `start` on."""
        try:
            rows = [row async for row in self.graph.pages("me/businesses", self.token, "id,name")]
        except (base.PermissionRefused, base.Rejected):
            return
        known = [(id, fields.text(row.get("name")) or None) for row in rows if (id := fields.text(row.get("id")))]
        first = next((place + 1 for place, (id, _) in enumerate(known) if id == start), 0)
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for id, name in known[first:] + known[:first]:
                if id.isdigit():
                    tasks.create_task(self._business(places, id, name))

    async def _business(self, places: asyncio.Semaphore, id: str, name: str | None) -> None:
        async with places:
            for edge in EDGES:
                try:
                    async for row in self.graph.pages(f"{id}/{edge}", self.token, self.columns):
                        self._add(row, name)
                except (base.PermissionRefused, base.Rejected):
                    continue
                except base.PlatformError:
                    self.failed = True
                    return
            self.done = id

    def _add(self, row: Mapping[str, Any], business: str | None) -> None:
        id = fields.text(row.get("id"))
        if not id:
            return
        usable = bool(fields.text(row.get("access_token")))
        self._keep(Asset(id, PAGE, fields.text(row.get("name")) or id, usable, business=business))
        account = fields.mapping(row.get("instagram_business_account"))
        if account_id := fields.text(account.get("id")):
            name = fields.text(account.get("username")) or fields.text(account.get("name")) or account_id
            self._keep(Asset(account_id, INSTAGRAM, name, usable, business=business, parent=id))

    def _keep(self, asset: Asset) -> None:
        before = self.found.get(asset.id, asset)
        usable = before.usable or asset.usable
        reason = None if usable else "not_shared"
        kept = replace(before, usable=usable, reason=reason, business=before.business or asset.business)
        self.found[asset.id] = kept


async def walk(graph: Graph, grant: Grant, place: str) -> AssetList:
    """Raises what `me/accounts` raises. Without `pages_show_list` nothing is asked."""
    scopes = grant.scopes or ()
    if "pages_show_list" not in scopes:
        return AssetList(kinds={PAGE: "permission_missing", INSTAGRAM: "permission_missing"})
    with_instagram = "instagram_basic" in scopes
    columns = f"{COLUMNS},{INSTAGRAM_COLUMN}" if with_instagram else COLUMNS
    walk, stopped = _Walk(graph, grant.access_token, columns), ""
    try:
        await walk.own()
    except (base.PermissionRefused, base.Rejected):
        return AssetList(kinds={PAGE: "permission_missing", INSTAGRAM: "permission_missing"})
    if "business_management" in scopes:
        try:
            async with asyncio.timeout(BUDGET):
                await walk.businesses(place)
        except TimeoutError:
            walk.failed, stopped = True, walk.done or place
        except base.PlatformError:
            walk.failed = True
    state: Any = "partly" if walk.failed else "listed"
    kinds = {PAGE: state, INSTAGRAM: state if with_instagram else "permission_missing"}
    return AssetList(tuple(walk.found.values()), kinds, stopped)
