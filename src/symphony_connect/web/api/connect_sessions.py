"""`/connect-sessions`: permission for a browser that must never hold an API key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from symphony_connect.access.caller import Caller
from symphony_connect.access.replays import Answer
from symphony_connect.core import Core
from symphony_connect.signin import connect_sessions
from symphony_connect.signin.connect_sessions import NewSession
from symphony_connect.web import replays
from symphony_connect.web.api.bodies import PostConnectSession
from symphony_connect.web.api.schemas import ConnectSessionOut, Done, Success
from symphony_connect.web.api.views import time
from symphony_connect.web.api.wire import IdPath
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.refuses import refuses
from symphony_connect.web.replays import IdempotencyKey
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["connect sessions"], prefix="/connect-sessions")

Connecter = Annotated[Caller, Depends(Needs("connect:write"))]


@router.post(
    "",
    operation_id="createConnectSession",
    response_model=Success[ConnectSessionOut],
    summary="Create a connect link",
    openapi_extra=refuses("brand_not_found", "unknown_platform", "not_configured", "busy", "idempotency_key_reused"),
)
async def post_connect_session(
    body: PostConnectSession, caller: Connecter, core: TheCore, key: IdempotencyKey = None
) -> JSONResponse:
    """For `SymphonyConnect.connect({token})`, or to send `url` to the brand's owner.

    Good for one brand, each platform once. When the brand is connected already, the same person must
    come back, unless `replaceIdentity` is true.
    """
    return await replays.once(core, caller, "POST /connect-sessions", key, body, lambda: _make(core, caller, body))


async def _make(core: Core, caller: Caller, body: PostConnectSession) -> Answer:
    made = await connect_sessions.create(
        core,
        caller,
        NewSession(
            brand_id=body.brand_id,
            name=body.name,
            platforms=tuple(body.ad_platforms or ()),
            redirect_url=body.redirect_url,
            expires_in=body.expires_in,
            replace_identity=body.replace_identity,
        ),
    )
    data = ConnectSessionOut(id=made.id, token=made.token, url=made.url, expires_at=time(made.expires_at))
    return 200, Success[ConnectSessionOut](data=data).model_dump(by_alias=True)


@router.delete(
    "/{id}",
    operation_id="endConnectSession",
    response_model=Done,
    summary="End a connect link",
    openapi_extra=refuses("connect_session_not_found", "session_expired"),
)
async def delete_connect_session(id: IdPath, caller: Connecter, core: TheCore) -> Done:
    await connect_sessions.end(core, caller, id)
    return Done(message="The connect session is over; its link no longer works")
