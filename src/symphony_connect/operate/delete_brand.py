"""Deletes a brand: ends what could still connect it, disconnects it everywhere, and forgets it."""

from __future__ import annotations

from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.connections import disconnect, strays
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.brand import find_brand
from symphony_connect.connections.disconnect import Receipt
from symphony_connect.core import Core
from symphony_connect.signin import sql as signin_sql
from symphony_connect.store import search


async def delete_brand(core: Core, caller: Caller, brand_id: int) -> list[Receipt]:
    """Returns a receipt for each connection. Raises Problem `brand_not_found` or `missing_scope`.

    Connect links, unfinished sign-ins and handed-over tokens go first: none of them can connect the brand
    again, and no sealed token of it is left.
    """
    brand = await find_brand(core, caller, brand_id)
    if caller.bounds.platforms is not None:
        raise Problem(
            "missing_scope", "This key is bounded to some platforms: disconnect those, the brand is not only theirs."
        )
    async with core.store.writing() as tx:
        of = {"workspace_id": caller.workspace_id, "brand_id": brand_id}
        await tx.run(signin_sql.flows_of_brand_destroy, **of)
        await tx.run(signin_sql.connect_sessions_of_brand_end, **of, at=core.clock())
        await tx.run(
            connections_sql.handed_over_of_brand_destroy, workspace_id=caller.workspace_id, brand=str(brand_id)
        )
    receipts = [await disconnect.disconnect(core, connection, caller.key_id) for connection in brand.connections]
    # After the connections: nothing is revoked while one of the same person lives.
    await strays.finish_of_brand(core, caller.workspace_id, brand_id)
    async with core.store.writing() as tx:
        await tx.run(connections_sql.brand_delete, workspace_id=caller.workspace_id, brand_id=brand_id)
        await search.keep(tx, caller.workspace_id, brand_id)
    return [receipt for receipt in receipts if receipt]
