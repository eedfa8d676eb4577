"""`/brands/{brandId}/connections`: list, verify, renew, choose ad accounts, disconnect — and read the token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from symphony_connect import platforms
from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.connections import changes, read_token
from symphony_connect.connections.brand import find_brand
from symphony_connect.connections.connection import find
from symphony_connect.connections.read_token import SCOPE, NeedsReconnect, needs_reconnect
from symphony_connect.connections.report import report
from symphony_connect.signin import reconnect_links
from symphony_connect.web.api.bodies import PostReport, PutSelection
from symphony_connect.web.api.paging import Cursor, Limit, after, cursor_of
from symphony_connect.web.api.schemas import (
    ChangeOut,
    ConnectionOut,
    ListedAdAccount,
    Page,
    ReceiptData,
    ReportOut,
    Success,
    TokenOut,
)
from symphony_connect.web.api.views import change_out, connection_out, listed_accounts, receipt_out, token_body
from symphony_connect.web.api.wire import BrandId, Digits
from symphony_connect.web.auth import Needs, TheCore, header, key_of
from symphony_connect.web.refuses import PLATFORM, TOKEN, refuses
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["connections"], prefix="/brands/{brandId}/connections")

Reader = Annotated[Caller, Depends(Needs("brands:read"))]
TokenReader = Annotated[Caller, Depends(Needs(SCOPE))]
Writer = Annotated[Caller, Depends(Needs("brands:write"))]
BrandIdPath = Annotated[BrandId, Path(alias="brandId")]
PlatformPath = Annotated[
    str, Path(max_length=30, description="An `adPlatform`.", json_schema_extra={"enum": platforms.names()})
]


@router.get(
    "",
    operation_id="listConnections",
    response_model=Success[list[ConnectionOut]],
    summary="List a brand's connections",
)
async def get_connections(caller: Reader, core: TheCore, brand_id: BrandIdPath) -> Success[list[ConnectionOut]]:
    brand = await find_brand(core, caller, brand_id)
    return Success[list[ConnectionOut]](data=[connection_out(each) for each in brand.connections])


@router.get(
    "/{platform}", operation_id="getConnection", response_model=Success[ConnectionOut], summary="Get one connection"
)
async def get_connection(
    caller: Reader, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ConnectionOut]:
    return Success[ConnectionOut](
        data=connection_out((await find(core, caller, brand_id, platform)).within(caller.bounds))
    )


@router.delete(
    "/{platform}",
    operation_id="disconnect",
    response_model=Success[ReceiptData],
    summary="Disconnect from a platform",
    openapi_extra=refuses("busy"),
)
async def delete_connection(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ReceiptData]:
    """Destroys the grant here and revokes it at the platform; the receipt says what became of it there.

    Where another active connection stands behind the same identity, the platform is left alone
    (`shared_identity`): revoking would end that one too.
    """
    receipt = await changes.disconnect_now(core, caller, brand_id, platform)
    return Success[ReceiptData](data=ReceiptData(receipt=receipt_out(receipt)))


@router.get(
    "/{platform}/token",
    operation_id="readToken",
    response_model=Success[TokenOut],
    dependencies=[Depends(header)],
    summary="Read the token",
    openapi_extra=refuses(*PLATFORM, "needs_reconnect", "unverified", "busy", scope="tokens:read"),
)
async def get_token(
    request: Request,
    core: TheCore,
    brand_id: BrandIdPath,
    platform: PlatformPath,
    min_ttl: Annotated[
        int, Field(ge=0, le=86400), Digits, Query(alias="minTtl", description="Seconds.")
    ] = read_token.MIN_TTL,
) -> Response:
    """A token good for at least `minTtl` seconds, renewed first where that is needed and possible.

    While the platform cannot renew it, a token that is still valid is served; look at `expiresAt`.
    409 `needs_reconnect` carries the reason and, for keys with `connect:write`, a `reconnectUrl`.
    """
    key, origin = key_of(request), request.headers.get("origin")
    try:
        token = await read_token.read(core, key, origin, brand_id, platform, min_ttl * SECOND)
    except NeedsReconnect as problem:
        await reconnect_links.add(core, problem)
        raise
    body = await token_body(core, token.shown)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


@router.post(
    "/{platform}/token/report",
    operation_id="reportToken",
    response_model=Success[ReportOut],
    summary="Report a refused token",
    openapi_extra=refuses(*TOKEN, *PLATFORM, "busy"),
)
async def post_report(
    body: PostReport, caller: TokenReader, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ReportOut]:
    """For campaign code whose call the platform refused because of the token. Send the platform's own error.

    The platform is asked before anything changes; the answer says what it found. A key may report a connection
    once a minute (429 `too_many_requests`).
    """
    code = None if body.code is None else str(body.code)
    reported = await report(core, caller, brand_id, platform, code, body.message)
    url = None
    if reported.found == "needs_reconnect":
        problem = needs_reconnect(reported.change.after)
        problem.caller = caller
        await reconnect_links.add(core, problem)
        url = (problem.details or {}).get("reconnectUrl")
    change = change_out(reported.change).model_dump()
    return Success[ReportOut](data=ReportOut(**change, found=reported.found, reconnect_url=url))


@router.post(
    "/{platform}/verify",
    operation_id="verifyConnection",
    response_model=Success[ChangeOut],
    summary="Verify a connection now",
    openapi_extra=refuses(*TOKEN, *PLATFORM, "busy"),
)
async def post_verify(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Asks the platform whether the token is good, and writes down what it says."""
    change = await changes.verify_now(core, caller, brand_id, platform)
    return Success[ChangeOut](data=change_out(change))


@router.post(
    "/{platform}/renew",
    operation_id="renewConnection",
    response_model=Success[ChangeOut],
    summary="Renew a connection now",
    openapi_extra=refuses(*TOKEN, *PLATFORM, "needs_reconnect", "not_renewable", "unverified", "busy"),
)
async def post_renew(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Renews the token now and says what changed. 409 `not_renewable` where the platform gave no way to."""
    change = await changes.renew_now(core, caller, brand_id, platform)
    return Success[ChangeOut](data=change_out(change))


@router.get(
    "/{platform}/ad-accounts",
    operation_id="listAdAccounts",
    response_model=Page[ListedAdAccount],
    summary="List ad accounts",
    openapi_extra=refuses(*TOKEN, *PLATFORM, "needs_reconnect", "unverified", "busy"),
)
async def get_ad_accounts(
    caller: Reader,
    core: TheCore,
    brand_id: BrandIdPath,
    platform: PlatformPath,
    refresh: Annotated[bool, Query(description="Ask the platform first.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ListedAdAccount]:
    """All that the sign-in reaches: the person's own and those owned through a Business."""
    if refresh:
        connection = await changes.refresh_ad_accounts(core, caller, brand_id, platform)
    else:
        connection = await find(core, caller, brand_id, platform)
    first = after(cursor)
    connection = connection.within(caller.bounds)
    accounts = connection.ad_accounts
    if accounts is None:
        name = core.platform(platform).display_name
        raise Problem("platform_unavailable", f"{name} has not listed the ad accounts yet; try again.", retry_after=30)
    last = first + limit
    return Page[ListedAdAccount](
        data=listed_accounts(core.platform(platform), connection, accounts[first:last]),
        next_cursor=cursor_of(last) if len(accounts) > last else None,
    )


@router.put(
    "/{platform}/ad-accounts",
    operation_id="chooseAdAccounts",
    response_model=Success[list[ListedAdAccount]],
    summary="Choose ad accounts",
    openapi_extra=refuses("busy"),
)
async def put_ad_accounts(
    body: PutSelection, caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[list[ListedAdAccount]]:
    """Says which of the ad accounts the brand uses; token answers then name only those."""
    connection = await changes.choose_ad_accounts(core, caller, brand_id, platform, body.selected)
    return Success[list[ListedAdAccount]](
        data=listed_accounts(core.platform(platform), connection, connection.used_accounts)
    )
