"""A brand with its connections: found, listed, disconnected everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.errors import Problem
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core


@dataclass(frozen=True)
class Brand:
    """`connections` are those that are not disconnected, by platform."""

    id: int
    name: str | None
    connections: tuple[Connection, ...]


async def find_brand(core: Core, workspace_id: str, brand_id: int) -> Brand:
    """Raises Problem `brand_not_found`."""
    found = await list_brands(core, workspace_id, after=brand_id - 1, most=1)
    if not found or found[0].id != brand_id:
        raise Problem("brand_not_found", f"There is no brand {brand_id}.", field="brandId")
    return found[0]


async def list_brands(
    core: Core, workspace_id: str, *, after: int, most: int, status: str = "", platform: str = ""
) -> list[Brand]:
    """Brands in the order of their ids, from the one behind `after`.

    With `status` or `platform`, those that have such a connection; each comes with all its connections.
    Raises Problem `unknown_platform`.
    """
    page = {"workspace_id": workspace_id, "after": after, "most": most}
    if platform:
        core.platform(platform)
    async with core.store.reading() as tx:
        if status or platform:
            rows = await tx.all(sql.brands_having, **page, status=status, platform=platform)
        else:
            rows = await tx.all(sql.brands_page, **page)
        if not rows:
            return []
        first, last = rows[0]["brand_id"], rows[-1]["brand_id"]
        found = await tx.all(sql.connections_of_brands, workspace_id=workspace_id, first=first, last=last)
    # A brand that was added between the two statements has connections here but no row: it is left out.
    connections: dict[int, list[Connection]] = {row["brand_id"]: [] for row in rows}
    for row in found:
        connections.setdefault(row["brand_id"], []).append(Connection.of(row))
    return [Brand(row["brand_id"], row["name"], tuple(connections[row["brand_id"]])) for row in rows]
