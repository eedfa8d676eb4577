"""`/brands`: register a token, look a brand up, list, disconnect everywhere."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from symphony_connect import platforms
from symphony_connect.access.caller import Caller
from symphony_connect.access.replays import Answer
from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Secret
from symphony_connect.connections import brand, connect
from symphony_connect.connections.connect import Registration
from symphony_connect.core import Core
from symphony_connect.operate.delete_brand import delete_brand
from symphony_connect.web import replays
from symphony_connect.web.api.bodies import PutBrand
from symphony_connect.web.api.paging import Cursor, Limit, after, cursor_of
from symphony_connect.web.api.schemas import BrandOut, Done, Page, ReceiptsData, Success
from symphony_connect.web.api.views import brand_out, receipt_out
from symphony_connect.web.api.wire import BrandId
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.refuses import PLATFORM, TOKEN, refuses
from symphony_connect.web.replays import IdempotencyKey
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["brands"])

Reader = Annotated[Caller, Depends(Needs("brands:read"))]
Writer = Annotated[Caller, Depends(Needs("brands:write"))]
Registrar = Annotated[Caller, Depends(Needs("brands:write", publishable=True))]
Standing = Literal["connected", "expiring", "needs_reconnect", "unverified"]
"""The statuses of a connection that is there."""
PlatformQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=30,
        description="Only brands with a connection on this platform.",
        json_schema_extra={"enum": platforms.names()},
    ),
]
BrandIdQuery = Annotated[BrandId, Query(alias="brandId")]


@router.put(
    "/brands",
    operation_id="registerBrand",
    response_model=Done,
    responses={202: {"model": Done, "description": "Kept, and verified once the platform can be reached"}},
    summary="Register a token",
    openapi_extra=refuses(
        *TOKEN,
        *PLATFORM,
        "token_not_issued_here",
        "brand_not_found",
        "unknown_platform",
        "identity_mismatch",
        "busy",
        "idempotency_key_reused",
    ),
)
async def put_brand(body: PutBrand, caller: Registrar, core: TheCore, key: IdempotencyKey = None) -> JSONResponse:
    """Inspects the token at its platform, extends it where it can be, seals it and puts it under the brand.

    A token the platform refuses changes nothing (422). While the platform is out of reach the token is
    kept sealed as `unverified` (202) and served only once the platform has confirmed it; a connection
    that works already goes on working.

    A publishable key registers only a token that this service handed to its page in the last 15 minutes,
    for a brand without a connection or with the same identity, and names no brand.
    """
    if caller.publishable and body.name is not None:
        raise Problem("missing_scope", "A publishable key names no brand: leave name out.", field="name")
    return await replays.once(core, caller, "PUT /brands", key, body, lambda: _put(core, caller, body))


async def _put(core: Core, caller: Caller, body: PutBrand) -> Answer:
    connection = await connect.register(
        core,
        caller,
        Registration(
            brand_id=body.brand_id,
            platform=body.ad_platform,
            access_token=Secret(body.access_token),
            refresh_token=Secret(body.refresh_token) if body.refresh_token else None,
            expires_in=body.expires_in,
            name=body.name,
            replace_identity=body.replace_identity,
        ),
    )
    if connection.waiting:
        name = core.platform(body.ad_platform).display_name
        message = f"Brand {body.brand_id}: the token is kept, and will be verified once {name} can be reached"
        return 202, {"success": True, "message": message}
    return 200, {"success": True, "message": f"Brand {body.brand_id} updated successfully"}


@router.get(
    "/brands",
    operation_id="listBrands",
    response_model=Success[BrandOut] | Page[BrandOut],
    summary="Get one brand, or list all",
    openapi_extra=refuses("brand_not_found", "unknown_platform"),
)
async def get_brands(
    caller: Reader,
    core: TheCore,
    brand_id: Annotated[BrandId | None, Query(alias="brandId")] = None,
    status: Annotated[Standing | None, Query(description="Only brands with a connection of this status.")] = None,
    platform: PlatformQuery = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Success[BrandOut] | Page[BrandOut]:
    """With `brandId`, that brand; without, all of them by id, a page at a time.

    `status` and `platform` leave the brands that have such a connection; with both, one connection must be of that
    status on that platform. Each brand comes with all its connections.
    """
    if brand_id is not None:
        if status or platform:
            raise Problem("invalid_request", "brandId names one brand: send it without status and platform.")
        return Success[BrandOut](data=brand_out(await brand.find_brand(core, caller, brand_id)))
    brands = await brand.list_brands(
        core,
        caller.workspace_id,
        after=after(cursor),
        most=limit + 1,
        status=status or "",
        platform=platform or "",
        bounds=caller.bounds,
    )
    return Page[BrandOut](
        data=[brand_out(each) for each in brands[:limit]],
        next_cursor=cursor_of(brands[limit - 1].id) if len(brands) > limit else None,
    )


@router.delete(
    "/brands",
    operation_id="deleteBrand",
    response_model=Success[ReceiptsData],
    summary="Disconnect a brand everywhere",
    openapi_extra=refuses("brand_not_found", "busy"),
)
async def delete_brands(caller: Writer, core: TheCore, brand_id: BrandIdQuery) -> Success[ReceiptsData]:
    """Ends every connection of the brand, each with its receipt, and forgets the brand."""
    receipts = await delete_brand(core, caller, brand_id)
    return Success[ReceiptsData](data=ReceiptsData(receipts=[receipt_out(receipt) for receipt in receipts]))
