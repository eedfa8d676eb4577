"""What a caller may do with a connection's assets: see them, list them again, choose among them.

A key that is bounded to ad accounts sees none: a Page may be used by any ad account, so none of them is in its bounds.
All raise Problem `unknown_platform`, `brand_not_found` or `connection_not_found`.
"""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.connections import asset_lists, changes
from symphony_connect.connections.asset_lists import Kept
from symphony_connect.connections.connection import Connection, find
from symphony_connect.core import Core
from symphony_connect.platforms.assets import Asset


@dataclass(frozen=True)
class Shown:
    """What the caller's key may see. `offered` is False where the platform has no assets, or none in bounds."""

    connection: Connection
    kept: Kept
    offered: bool

    @property
    def assets(self) -> tuple[Asset, ...] | None:
        """None: not listed yet."""
        return self.kept.assets if self.offered else ()


async def find_assets(core: Core, caller: Caller, brand_id: int, platform: str) -> Shown:
    return await _shown(core, caller, await find(core, caller, brand_id, platform))


async def refresh_assets(core: Core, caller: Caller, brand_id: int, platform: str) -> Shown:
    """The same after the platform was asked. Raises what `changes.refresh_ad_accounts` raises, and Problem
    `platform_unavailable` where the platform lists none now."""
    shown = await find_assets(core, caller, brand_id, platform)
    if not shown.offered:
        return shown
    at = core.clock()
    async with core.store.writing() as tx:
        await asset_lists.make_due(tx, shown.connection.id)
    connection = await changes.refresh_ad_accounts(core, caller, brand_id, platform)
    shown = await _shown(core, caller, connection)
    if (shown.kept.listed_at or 0) < at:
        raise not_listed(core, platform)
    return shown


async def choose_assets(core: Core, caller: Caller, brand_id: int, platform: str, chosen: list[str] | None) -> Shown:
    """Store which the brand uses, by id. Empty: none; None: all that are usable, also later ones.

    Raises Problem `invalid_request` for an id that is not there, or is not usable.
    """
    shown = await find_assets(core, caller, brand_id, platform)
    known = {asset.id: asset for asset in shown.assets or ()}
    before = shown.kept.selected or ()
    for id in chosen or ():
        if id not in known:
            problem = "is not an asset of this connection; GET lists them."
        elif not known[id].usable and id not in before:
            problem = "cannot be used: its owner has not shared it, or the platform refuses it."
        else:
            continue
        raise Problem("invalid_request", f"{id[:60]!r} {problem}", field="selected")
    async with core.store.writing() as tx:
        ids = None if chosen is None else tuple(dict.fromkeys(chosen))
        await asset_lists.choose(tx, core, shown.connection, ids, caller.key_id)
    return await _shown(core, caller, shown.connection)


def not_listed(core: Core, platform: str) -> Problem:
    name = core.platform(platform).display_name
    return Problem("platform_unavailable", f"{name} has not listed the assets yet; try again.", retry_after=30)


async def _shown(core: Core, caller: Caller, connection: Connection) -> Shown:
    offered = bool(core.platform(connection.platform).asset_kinds) and caller.bounds.ad_accounts is None
    if not offered:
        return Shown(connection, Kept(), offered)
    return Shown(connection, await asset_lists.kept_by(core, connection.id), offered)
