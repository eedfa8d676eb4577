"""`/brands/{brandId}/connections`: look, verify, renew, choose ad accounts, end — and read the token."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from symphony_connect.access.api_keys import Caller
from symphony_connect.base.clock import SECOND, rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Status
from symphony_connect.connections import disconnect, lease, read_token, sql, worker
from symphony_connect.connections.connection import Connection, find, not_connected
from symphony_connect.connections.events import record
from symphony_connect.connections.failures import problem_of
from symphony_connect.connections.lease import Held, Stale
from symphony_connect.connections.renew import renew, verify
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
from symphony_connect.web.api.views import account_out, connection_out, listed_account, receipt_out
from symphony_connect.web.auth import Needs, TheCore, caller_of, check_origin, check_scope, header, key_sent
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["connections"], prefix="/brands/{brandId}/connections")

Reader = Annotated[Caller, Depends(Needs("brands:read"))]
Writer = Annotated[Caller, Depends(Needs("brands:write"))]
BrandIdPath = Annotated[BrandId, Path(alias="brandId")]
PlatformPath = Annotated[str, Path(max_length=30)]


@router.get("", response_model=Success[list[ConnectionOut]], summary="A brand's connections")
async def get_connections(caller: Reader, core: TheCore, brand_id: BrandIdPath) -> Success[list[ConnectionOut]]:
    async with core.store.reading() as tx:
        brand = await tx.one(sql.brand, workspace_id=caller.workspace_id, brand_id=brand_id)
        rows = await tx.all(sql.connections_of_brands, workspace_id=caller.workspace_id, first=brand_id, last=brand_id)
    if brand is None:
        raise Problem("brand_not_found", f"There is no brand {brand_id}.", field="brandId")
    return Success[list[ConnectionOut]](data=[connection_out(Connection.of(row)) for row in rows])


@router.get("/{platform}", response_model=Success[ConnectionOut], summary="One connection")
async def get_connection(
    caller: Reader, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ConnectionOut]:
    return Success[ConnectionOut](data=connection_out(await find(core, caller.workspace_id, brand_id, platform)))


@router.delete("/{platform}", response_model=Success[ReceiptData], summary="Disconnect")
async def delete_connection(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ReceiptData]:
    """Destroys the grant here and revokes it at the platform; the receipt says what became of it there.

    Where another living connection stands behind the same identity, the platform is left alone
    (`shared_identity`): revoking would end that one too.
    """
    connection = await find(core, caller.workspace_id, brand_id, platform)
    receipt = await disconnect.disconnect(core, connection, caller.key_id)
    if receipt is None:
        raise not_connected(True, brand_id, core.platform(platform))
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
    key = key_sent(request)
    async with core.store.reading() as tx:
        row = await tx.one(
            sql.token_read, hash=fingerprint(key), now=core.clock(), brand_id=brand_id, platform=platform
        )
    caller = caller_of(row, "key_")
    check_origin(core, caller, request)
    check_scope(caller, "tokens:read")
    assert row is not None
    if row["id"] is None:
        raise not_connected(row["known_brand_id"] is not None, brand_id, core.platform(platform))
    connection = Connection.of(row)
    try:
        token = await read_token.read(core, connection, row["sealed"], min_ttl * SECOND)
    except Problem as problem:
        if problem.code == "needs_reconnect":
            await reconnect_links.add(core, caller, connection, problem)
        raise
    core.reads.note(connection.id, caller.key_id, core.clock())
    return _no_store(_token_body(core, token))


def _token_body(core: Core, token: read_token.Token) -> dict[str, Any]:
    connection = token.connection
    at = core.platform(connection.platform)
    return {
        "success": True,
        "data": {
            "accessToken": token.grant.access_token.reveal(),
            "tokenType": at.token_type,
            "expiresAt": rfc3339(connection.expires_at),
            "scopes": connection.scopes,
            "adAccounts": [account_out(at, account).model_dump(by_alias=True) for account in connection.used_accounts],
        },
    }


def _no_store(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"cache-control": "no-store"})


@router.post("/{platform}/verify", response_model=Success[ChangeOut], summary="Ask the platform now")
async def post_verify(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Asks the platform whether the token is good, and writes down what it says."""
    connection = await find(core, caller.workspace_id, brand_id, platform)
    mine = await lease.hold_or_wait(core, connection.id)
    if await worker.verify_pending(core, mine) or mine.grant is None:
        after = await find(core, caller.workspace_id, brand_id, platform)
        if after.status is Status.UNVERIFIED:
            name = core.platform(platform).display_name
            raise Problem("platform_unavailable", f"{name} cannot be reached now. Nothing was lost; try again.")
        return _change(connection, after)
    return await _told(core, mine, connection, verify(core, mine, caller.key_id))


@router.post("/{platform}/renew", response_model=Success[ChangeOut], summary="Renew now")
async def post_renew(
    caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[ChangeOut]:
    """Renews the token now and says what changed. 409 `not_renewable` where the platform gave no way to."""
    connection = await find(core, caller.workspace_id, brand_id, platform)
    mine = await lease.hold_or_wait(core, connection.id)
    grant = mine.grant
    if mine.connection.status is Status.UNVERIFIED:
        await _release(core, mine)
        raise _unverified(core, platform)
    if mine.connection.status is Status.NEEDS_RECONNECT or grant is None:
        await _release(core, mine)
        raise read_token.needs_reconnect(mine.connection)
    if core.platform(platform).renew_at(grant, connection.issued_at or 0) is None:
        await _release(core, mine)
        name = core.platform(platform).display_name
        raise Problem(
            "not_renewable", f"{name} issued this token without a way to renew it; it needs none, or a new sign-in."
        )
    return await _told(core, mine, connection, renew(core, mine, caller.key_id))


def _unverified(core: Core, platform: str) -> Problem:
    name = core.platform(platform).display_name
    return Problem("unverified", f"The token is kept, but {name} has not confirmed it yet.")


async def _release(core: Core, mine: Held) -> None:
    async with core.store.writing() as tx:
        await lease.still_held(tx, mine)


async def _told(core: Core, mine: Held, before: Connection, work: Any) -> Success[ChangeOut]:
    try:
        outcome = await work
    except Stale:
        raise Problem("busy", "The connection was changed meanwhile; look again.") from None
    if outcome.error is not None and outcome.connection.status is not Status.NEEDS_RECONNECT:
        raise problem_of(outcome.error, core.platform(mine.connection.platform), core.clock())
    return _change(before, outcome.connection)


def _change(before: Connection, after: Connection) -> Success[ChangeOut]:
    changes = []
    if after.status is not before.status:
        changes.append(f"status is {after.status}, was {before.status}")
    ends, ended = (rfc3339(each.expires_at) or "never" for each in (after, before))
    if before.status is Status.UNVERIFIED:
        ended = ends  # nobody knew
    if ends != ended:
        changes.append(f"token ends {ends}, was {ended}")
    elif before.issued_at not in (None, after.issued_at):
        changes.append(f"a new token, which ends {ends} like the one before")
    if after.scopes != before.scopes:
        changes.append("scopes changed")
    message = "; ".join(changes) or "Nothing changed"
    message = message[0].upper() + message[1:]
    return Success[ChangeOut](data=ChangeOut(changed=bool(changes), message=message, connection=connection_out(after)))


@router.get("/{platform}/ad-accounts", response_model=Page[ListedAdAccount], summary="The ad accounts that came")
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
    connection = await find(core, caller.workspace_id, brand_id, platform)
    if refresh:
        mine = await lease.hold_or_wait(core, connection.id)
        if mine.grant is None:
            await _release(core, mine)
            raise _unverified(core, platform)
        await _told(core, mine, connection, verify(core, mine, caller.key_id))
        connection = await find(core, caller.workspace_id, brand_id, platform)
        if connection.status is Status.NEEDS_RECONNECT:
            raise read_token.needs_reconnect(connection)
    first = after(cursor)
    accounts = connection.ad_accounts or ()
    last = first + limit
    return Page[ListedAdAccount](
        data=[listed_account(core.platform(platform), connection, account) for account in accounts[first:last]],
        next_cursor=cursor_of(last) if len(accounts) > last else None,
    )


@router.put("/{platform}/ad-accounts", response_model=Success[list[ListedAdAccount]], summary="Choose ad accounts")
async def put_ad_accounts(
    body: PutSelection, caller: Writer, core: TheCore, brand_id: BrandIdPath, platform: PlatformPath
) -> Success[list[ListedAdAccount]]:
    """Says which of the ad accounts the brand uses; token answers then name only those."""
    connection = await find(core, caller.workspace_id, brand_id, platform)
    known = {account.id for account in connection.ad_accounts or ()}
    unknown = [id for id in body.selected if id not in known]
    if unknown:
        raise Problem(
            "invalid_request",
            f"{unknown[0][:60]!r} is not an ad account of this connection; GET lists them.",
            field="selected",
        )
    chosen = list(dict.fromkeys(body.selected))
    async with core.store.writing() as tx:
        await tx.run(sql.connection_selected, id=connection.id, selected=json.dumps(chosen))
        await record(tx, core, connection, "connection.selected", caller.key_id, selected=chosen)
    connection = await find(core, caller.workspace_id, brand_id, platform)
    return Success[list[ListedAdAccount]](
        data=[listed_account(core.platform(platform), connection, account) for account in connection.used_accounts]
    )
