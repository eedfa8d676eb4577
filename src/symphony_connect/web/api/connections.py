"""`/brands/{brandId}/connections`: list, verify, renew, choose ad accounts, disconnect — and read the token."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import SECOND, rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.connections import changes, read_token
from symphony_connect.connections.brand import find_brand
from symphony_connect.connections.connection import find
from symphony_connect.connections.read_token import NeedsReconnect
from symphony_connect.core import Core
from symphony_connect.signin import reconnect_links
from symphony_connect.web.api.paging import Cursor, Limit, after, cursor_of
from symphony_connect.web.api.schemas import (
    BrandId,
    ChangeOut,
    ConnectionOut,
    Digits,
    ListedAdAccount,
    Page,
    PutSelection,
    ReceiptData,
    Success,
    TokenOut,
)
from symphony_connect.web.api.views import account_out, change_out, connection_out, listed_accounts, receipt_out
from symphony_connect.web.auth import Needs, TheCore, header, key_of
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["connections"], prefix="/brands/{brandId}/connections")

LONG_LIST = 50_000
"""Letters of stored ad accounts from which a token's answer is made in a thread: no other request waits for it."""

Reader = Annotated[Caller, Depends(Needs("brands:read"))]
Writer = Annotated[Caller, Depends(Needs("brands:write"))]
BrandIdPath = Annotated[BrandId, Path(alias="brandId")]
PlatformPath = Annotated[str, Path(max_length=30)]


@router.get("", response_model=Success[list[ConnectionOut]], summary="List a brand's connections")
async def get_connections(caller: Reader, core: TheCore, brand_id: BrandIdPath) -> Success[list[ConnectionOut]]:
    brand = await find_brand(core, caller.workspace_id, brand_id)
    return Success[list[ConnectionOut]](data=[connection_out(each) for each in brand.connections])


@router.get("/{platform}", response_model=Success[ConnectionOut], summary="Get one connection")
async def get_connection(
    caller: Reader, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ConnectionOut]:
    return Success[ConnectionOut](data=connection_out(await find(core, caller.workspace_id, brand_id, platform)))


@router.delete("/{platform}", response_model=Success[ReceiptData], summary="Disconnect from a platform")
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
    "/{platform}/token", response_model=Success[TokenOut], dependencies=[Depends(header)], summary="Read the token"
)
async def get_token(
    request: Request,
    core: TheCore,
    brand_id: BrandIdPath,
    platform: PlatformPath,
    min_ttl: Annotated[int, Digits, Query(alias="minTtl", ge=0, le=86400, description="Seconds.")] = 300,
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
    return await token_answer(core, token)


async def token_answer(core: Core, token: read_token.Token) -> Response:
    """As `TokenOut` has it: without models, for there may be thousands of ad accounts."""
    if len(token.connection.ad_accounts_json or "") > LONG_LIST:
        body = await asyncio.to_thread(_token_body, core, token)
    else:
        body = _token_body(core, token)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def _token_body(core: Core, token: read_token.Token) -> bytes:
    connection = token.connection
    at = core.platform(connection.platform)
    body = {
        "success": True,
        "data": {
            "accessToken": token.grant.access_token.reveal(),
            "tokenType": at.token_type,
            "expiresAt": rfc3339(connection.expires_at),
            "scopes": connection.scopes,
            # null: not known yet, which is another thing than none.
            "adAccounts": None
            if connection.ad_accounts is None
            else [account_out(at, account) for account in connection.used_accounts],
        },
    }
    return msgspec.json.encode(body)


@router.post("/{platform}/verify", response_model=Success[ChangeOut], summary="Verify a connection now")
async def post_verify(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Asks the platform whether the token is good, and writes down what it says."""
    change = await changes.verify_now(core, caller, brand_id, platform)
    return Success[ChangeOut](data=change_out(change))


@router.post("/{platform}/renew", response_model=Success[ChangeOut], summary="Renew a connection now")
async def post_renew(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Renews the token now and says what changed. 409 `not_renewable` where the platform gave no way to."""
    change = await changes.renew_now(core, caller, brand_id, platform)
    return Success[ChangeOut](data=change_out(change))


@router.get("/{platform}/ad-accounts", response_model=Page[ListedAdAccount], summary="List ad accounts")
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
        connection = await find(core, caller.workspace_id, brand_id, platform)
    first = after(cursor)
    accounts = connection.ad_accounts
    if accounts is None:
        name = core.platform(platform).display_name
        raise Problem("platform_unavailable", f"{name} has not listed the ad accounts yet; try again.", retry_after=30)
    last = first + limit
    return Page[ListedAdAccount](
        data=listed_accounts(core.platform(platform), connection, accounts[first:last]),
        next_cursor=cursor_of(last) if len(accounts) > last else None,
    )


@router.put("/{platform}/ad-accounts", response_model=Success[list[ListedAdAccount]], summary="Choose ad accounts")
async def put_ad_accounts(
    body: PutSelection, caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[list[ListedAdAccount]]:
    """Says which of the ad accounts the brand uses; token answers then name only those."""
    connection = await changes.choose_ad_accounts(core, caller, brand_id, platform, body.selected)
    return Success[list[ListedAdAccount]](
        data=listed_accounts(core.platform(platform), connection, connection.used_accounts)
    )
