"""A brand with its connections: found, listed, disconnected everywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass

from symphony_connect.access.bounds import NONE, Bounds
from symphony_connect.access.caller import Caller
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection, no_brand
from symphony_connect.core import Core
from symphony_connect.store.db import Row, Transaction


@dataclass(frozen=True)
class Brand:
    """`connections` are those that are not disconnected, by platform."""

    id: int
    name: str | None
    connections: tuple[Connection, ...]


async def find_brand(core: Core, caller: Caller, brand_id: int) -> Brand:
    """Raises Problem `brand_not_found`, also for a brand that the caller's key may not reach."""
    found = await list_brands(core, caller.workspace_id, after=brand_id - 1, most=1, bounds=caller.bounds)
    if not found or found[0].id != brand_id:
        raise no_brand(brand_id)
    return found[0]


async def list_brands(
    core: Core,
    workspace_id: str,
    *,
    after: int,
    most: int,
    status: str = "",
    platform: str = "",
    bounds: Bounds = NONE,
) -> list[Brand]:
    """Brands in the order of their ids, from the one behind `after`, as far as they are in bounds.

    With `status` or `platform`, those that have such a connection; each comes with all its connections.
    Raises Problem `unknown_platform`.
    """
    async with core.store.reading() as tx:
        rows = await _page(tx, core, workspace_id, after, most, status, platform, bounds)
        if not rows:
            return []
        first, last = rows[0]["brand_id"], rows[-1]["brand_id"]
        found = await tx.all(sql.connections_of_brands, workspace_id=workspace_id, first=first, last=last)
    # A brand that was added between the two statements has connections here but no row: it is left out.
    connections: dict[int, list[Connection]] = {row["brand_id"]: [] for row in rows}
    for row in found:
        if row["brand_id"] in connections and bounds.has_platform(row["platform"]):
            connections[row["brand_id"]].append(Connection.of(row).within(bounds))
    return [Brand(row["brand_id"], row["name"], tuple(connections[row["brand_id"]])) for row in rows]


async def _page(
    tx: Transaction, core: Core, workspace_id: str, after: int, most: int, status: str, platform: str, bounds: Bounds
) -> list[Row]:
    """Rows of id and name."""
    page = {"workspace_id": workspace_id, "after": after, "most": most}
    if platform:
        core.platform(platform, "platform")
        if not bounds.has_platform(platform):
            raise core.unknown_platform(platform, "platform")
    platforms = frozenset({platform}) if platform else bounds.platforms if status else None
    having = {"status": status, "platforms": "" if platforms is None else f",{','.join(sorted(platforms))},"}
    if bounds.brands is not None:
        return await tx.all(sql.brands_named, **page, **having, brands=json.dumps(sorted(bounds.brands)))
    if status or platform:
        return await tx.all(sql.brands_having, **page, **having)
    return await tx.all(sql.brands_page, **page)
