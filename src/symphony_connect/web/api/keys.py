"""`/keys`: the workspace's API keys: listed, made, revoked. A key makes none that is wider than itself."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from symphony_connect.access import keyring
from symphony_connect.access.bounds import Bounds, loaded
from symphony_connect.access.caller import Caller
from symphony_connect.access.keyring import NewKey
from symphony_connect.access.replays import Answer
from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.web import replays
from symphony_connect.web.api.bodies import PostKey
from symphony_connect.web.api.paging import Cursor, Limit, after_id, cursor_of
from symphony_connect.web.api.schemas import Done, KeyOut, NewKeyOut, Page, Success
from symphony_connect.web.api.views import time
from symphony_connect.web.api.wire import IdPath
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.refuses import refuses
from symphony_connect.web.replays import IdempotencyKey
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["keys"], prefix="/keys")

Maker = Annotated[Caller, Depends(Needs("keys:write"))]


@router.get("", operation_id="listKeys", response_model=Page[KeyOut], summary="List keys")
async def get_keys(caller: Maker, core: TheCore, limit: Limit = 50, cursor: Cursor = None) -> Page[KeyOut]:
    """In the order of their making, revoked ones too. A bounded key lists only those within its own bounds."""
    rows = await keyring.keys_of(core, caller, after=after_id(cursor), most=limit + 1)
    return Page[KeyOut](
        data=[_out(row) for row in rows[:limit]],
        next_cursor=cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None,
    )


@router.post(
    "",
    operation_id="createKey",
    response_model=Success[NewKeyOut],
    summary="Create a key",
    openapi_extra=refuses("busy", "idempotency_key_reused"),
)
async def post_key(body: PostKey, caller: Maker, core: TheCore, key: IdempotencyKey = None) -> JSONResponse:
    """The key itself is in this answer alone. It has no scope that its maker lacks, and no wider bounds.

    `brands`, `platforms`, `adAccounts` and `readOnly` narrow it: what is out of bounds answers as if it were not
    there. A key that is bounded to ad accounts or to reading takes only `brands:read`, `events:read`, `proxy:use`
    and `keys:write`: a platform's token would reach further.
    """
    answer = await replays.once(core, caller, "POST /keys", key, body, lambda: _make(core, caller, body))
    answer.headers["cache-control"] = "no-store"
    return answer


async def _make(core: Core, caller: Caller, body: PostKey) -> Answer:
    ask = NewKey(
        name=body.name,
        publishable=body.publishable,
        scopes=tuple(dict.fromkeys(body.scopes or ())),
        origins=tuple(body.origins or ()),
        seconds=body.expires_in,
        bounds=Bounds(
            brands=frozenset(body.brands) if body.brands else None,
            platforms=frozenset(body.platforms) if body.platforms else None,
            ad_accounts=frozenset(body.ad_accounts) if body.ad_accounts else None,
            read_only=body.read_only,
        ),
    )
    made = await keyring.create_by(core, caller, ask)
    data = NewKeyOut(id=made.id, key=made.key, kind=made.kind, expires_at=rfc3339(made.expires_at))
    return 200, Success[NewKeyOut](data=data).model_dump(by_alias=True)


@router.delete(
    "/{id}", operation_id="revokeKey", response_model=Done, summary="Revoke a key", openapi_extra=refuses("not_found")
)
async def delete_key(id: IdPath, caller: Maker, core: TheCore) -> Done:
    """It stops working at once, on every server."""
    if not await keyring.revoke_by(core, caller, id):
        raise Problem("not_found", "There is no such active key; GET /keys lists them.")
    return Done(message="The key is revoked")


def _out(row: Row) -> KeyOut:
    bounds = loaded(row["bounds"])
    return KeyOut(
        id=row["id"],
        kind=row["kind"],
        hint=row["hint"],
        name=row["name"] or "",
        scopes=json.loads(row["scopes"]),
        brands=None if bounds.brands is None else sorted(bounds.brands),
        platforms=None if bounds.platforms is None else sorted(bounds.platforms),
        ad_accounts=None if bounds.ad_accounts is None else sorted(bounds.ad_accounts),
        read_only=bounds.read_only,
        origins=json.loads(row["origins"]),
        created_at=time(row["created_at"]),
        expires_at=rfc3339(row["expires_at"]),
        revoked_at=rfc3339(row["revoked_at"]),
        last_used_at=rfc3339(row["used_at"]),
    )
