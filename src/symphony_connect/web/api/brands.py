"""`/brands`: register a token, look a brand up, list, disconnect everywhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Secret
from symphony_connect.connections import connect, disconnect, sql
from symphony_connect.connections.connect import Registration
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.web import replays
from symphony_connect.web.api.paging import Cursor, Limit, after, cursor_of
from symphony_connect.web.api.schemas import BrandId, BrandOut, Done, Page, PutBrand, ReceiptsData, Success
from symphony_connect.web.api.views import brand_out, receipt_out
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.replays import IdempotencyKey
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["brands"])

Reader = Annotated[Caller, Depends(Needs("brands:read"))]
Writer = Annotated[Caller, Depends(Needs("brands:write"))]
Registrar = Annotated[Caller, Depends(Needs("brands:write", publishable=True))]
BrandIdQuery = Annotated[BrandId, Query(alias="brandId")]


@router.put("/brands", response_model=Done, responses={202: {"model": Done}}, summary="Register a token")
async def put_brand(body: PutBrand, caller: Registrar, core: TheCore, key: IdempotencyKey = None) -> JSONResponse:
    """Inspects the token at its platform, extends it where it can be, seals it and puts it under the brand.

    A token the platform refuses changes nothing (422). While the platform is out of reach the token is
    kept sealed as `unverified` (202) and served only once the platform has confirmed it; a connection
    that works already goes on working.

    A publishable key registers only a token that this service handed to its page in the last 15 minutes,
    for a brand without a connection or with the same identity, and names no brand.
    """
    return await replays.once(core, caller, "PUT /brands", key, body, lambda: _put(core, caller, body))


async def _put(core: Core, caller: Caller, body: PutBrand) -> replays.Answer:
    connection = await connect.register(
        core,
        caller,
        Registration(
            brand_id=body.brand_id,
            platform=body.ad_platform,
            access_token=Secret(body.access_token),
            refresh_token=Secret(body.refresh_token) if body.refresh_token else None,
            expires_in=body.expires_in,
            name=None if caller.publishable else body.name,
            replace_identity=body.replace_identity,
        ),
    )
    if connection.waiting:
        name = core.platform(body.ad_platform).display_name
        message = f"Brand {body.brand_id}: the token is kept, and will be verified once {name} can be reached"
        return 202, {"success": True, "message": message}
    return 200, {"success": True, "message": f"Brand {body.brand_id} updated successfully"}


@router.get("/brands", response_model=Success[BrandOut] | Page[BrandOut], summary="One brand, or all of them")
async def get_brands(
    caller: Reader,
    core: TheCore,
    brand_id: Annotated[BrandId | None, Query(alias="brandId")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Success[BrandOut] | Page[BrandOut]:
    """With `brandId`, that brand; without, all of them by id, a page at a time."""
    if brand_id is not None:
        return Success[BrandOut](data=await _brand(core, caller, brand_id))
    async with core.store.reading() as tx:
        rows = await tx.all(sql.brands_page, workspace_id=caller.workspace_id, after=after(cursor), most=limit + 1)
        page = rows[:limit]
        span = (page[0]["brand_id"], page[-1]["brand_id"]) if page else (0, 0)
        found = await tx.all(sql.connections_of_brands, workspace_id=caller.workspace_id, first=span[0], last=span[1])
    connections: dict[int, list[Connection]] = {}
    for row in found:
        connections.setdefault(row["brand_id"], []).append(Connection.of(row))
    return Page[BrandOut](
        data=[brand_out(row, connections.get(row["brand_id"], [])) for row in page],
        next_cursor=cursor_of(page[-1]["brand_id"]) if len(rows) > limit else None,
    )


async def _brand(core: Core, caller: Caller, brand_id: int) -> BrandOut:
    async with core.store.reading() as tx:
        row = await tx.one(sql.brand, workspace_id=caller.workspace_id, brand_id=brand_id)
        found = await tx.all(sql.connections_of_brands, workspace_id=caller.workspace_id, first=brand_id, last=brand_id)
    if row is None:
        raise Problem("brand_not_found", f"There is no brand {brand_id}.", field="brandId")
    return brand_out(row, [Connection.of(each) for each in found])


@router.delete("/brands", response_model=Success[ReceiptsData], summary="Disconnect a brand everywhere")
async def delete_brand(caller: Writer, core: TheCore, brand_id: BrandIdQuery) -> Success[ReceiptsData]:
    """Ends every connection of the brand, each with its receipt, and forgets the brand."""
    await _brand(core, caller, brand_id)
    async with core.store.reading() as tx:
        rows = await tx.all(sql.connections_of_brands, workspace_id=caller.workspace_id, first=brand_id, last=brand_id)
    receipts = [await disconnect.disconnect(core, Connection.of(row), caller.key_id) for row in rows]
    async with core.store.writing() as tx:
        await tx.run(sql.brand_delete, workspace_id=caller.workspace_id, brand_id=brand_id)
    return Success[ReceiptsData](data=ReceiptsData(receipts=[receipt_out(receipt) for receipt in receipts if receipt]))
