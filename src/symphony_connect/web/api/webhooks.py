"""`/webhooks`: where the workspace's events are delivered, what was, and what is sent again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import JSONResponse

from symphony_connect.access.caller import Caller
from symphony_connect.access.replays import Answer
from symphony_connect.base.clock import rfc3339
from symphony_connect.core import Core
from symphony_connect.web import replays
from symphony_connect.web.api.bodies import PatchWebhook, PostWebhook
from symphony_connect.web.api.event_schemas import DeliveryOut, NewSecretOut, NewWebhookOut, ReplayedOut, WebhookOut
from symphony_connect.web.api.paging import Cursor, Limit, place, place_cursor
from symphony_connect.web.api.schemas import Done, Page, Success
from symphony_connect.web.api.views import time
from symphony_connect.web.api.wire import ROW_ID, IdPath
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.refuses import refuses
from symphony_connect.web.replays import IdempotencyKey
from symphony_connect.web.strict import StrictRoute
from symphony_connect.webhooks import deliveries, endpoints
from symphony_connect.webhooks.deliveries import Delivery
from symphony_connect.webhooks.endpoints import Change, Endpoint

router = APIRouter(route_class=StrictRoute, tags=["webhooks"], prefix="/webhooks")

Owner = Annotated[Caller, Depends(Needs("webhooks:write"))]
DeliveryId = Annotated[str, Path(alias="deliveryId", max_length=60, json_schema_extra={"pattern": ROW_ID})]


@router.get("", operation_id="listWebhooks", response_model=Success[list[WebhookOut]], summary="List endpoints")
async def get_webhooks(caller: Owner, core: TheCore) -> Success[list[WebhookOut]]:
    """In the order of their making; a workspace has up to 20."""
    found = await endpoints.list_endpoints(core, caller.workspace_id)
    return Success[list[WebhookOut]](data=[_out(endpoint) for endpoint, _, _ in found])


@router.post(
    "",
    operation_id="createWebhook",
    response_model=Success[NewWebhookOut],
    summary="Create an endpoint",
    openapi_extra=refuses("busy", "idempotency_key_reused"),
)
async def post_webhook(body: PostWebhook, caller: Owner, core: TheCore, key: IdempotencyKey = None) -> JSONResponse:
    """Deliveries are signed as Standard Webhooks say; the secret is in this answer alone.

    The host must lead to public addresses only, then and at each delivery.
    """
    answer = await replays.once(core, caller, "POST /webhooks", key, body, lambda: _make(core, caller, body))
    answer.headers["cache-control"] = "no-store"
    return answer


async def _make(core: Core, caller: Caller, body: PostWebhook) -> Answer:
    ask = Change(url=body.url, types=tuple(body.types or ()), description=body.description)
    made = await endpoints.create(core, caller.workspace_id, ask)
    data = NewWebhookOut(**_out(made.endpoint).model_dump(), secret=made.secret)
    return 200, Success[NewWebhookOut](data=data).model_dump(by_alias=True)


@router.patch(
    "/{id}",
    operation_id="changeWebhook",
    response_model=Success[WebhookOut],
    summary="Change an endpoint",
    openapi_extra=refuses("not_found"),
)
async def patch_webhook(body: PatchWebhook, id: IdPath, caller: Owner, core: TheCore) -> Success[WebhookOut]:
    """While it is disabled no event is queued for it."""
    types = None if body.types is None else tuple(body.types)
    ask = Change(url=body.url, types=types, description=body.description, enabled=body.enabled)
    return Success[WebhookOut](data=_out(await endpoints.change(core, caller.workspace_id, id, ask)))


@router.delete(
    "/{id}",
    operation_id="deleteWebhook",
    response_model=Done,
    summary="Remove an endpoint",
    openapi_extra=refuses("not_found"),
)
async def delete_webhook(id: IdPath, caller: Owner, core: TheCore) -> Done:
    """With its secrets and all its deliveries, also those that wait."""
    await endpoints.remove(core, caller.workspace_id, id)
    return Done(message="The endpoint is removed")


@router.post(
    "/{id}/rotate",
    operation_id="rotateWebhookSecret",
    response_model=Success[NewSecretOut],
    summary="Make a new secret",
    openapi_extra=refuses("not_found"),
)
async def post_rotate(id: IdPath, caller: Owner, core: TheCore) -> JSONResponse:
    """For a day deliveries carry a signature of each of the two."""
    secret, until = await endpoints.rotate(core, caller.workspace_id, id)
    data = Success[NewSecretOut](data=NewSecretOut(secret=secret, other_until=time(until)))
    return JSONResponse(data.model_dump(by_alias=True), headers={"cache-control": "no-store"})


@router.post(
    "/{id}/test",
    operation_id="testWebhook",
    response_model=Success[DeliveryOut],
    summary="Send a test delivery",
    openapi_extra=refuses("not_found", "endpoint_disabled"),
)
async def post_test(id: IdPath, caller: Owner, core: TheCore) -> Success[DeliveryOut]:
    """Of type `webhook.test`, within a second or two. `GET …/deliveries` says how it went."""
    sent = await deliveries.send_test(core, caller.workspace_id, id, caller.key_id)
    return Success[DeliveryOut](data=delivery_out(sent))


@router.get(
    "/{id}/deliveries",
    operation_id="listDeliveries",
    response_model=Page[DeliveryOut],
    summary="List an endpoint's deliveries",
    openapi_extra=refuses("not_found"),
)
async def get_deliveries(
    id: IdPath,
    caller: Owner,
    core: TheCore,
    status: Annotated[
        Literal["pending", "delivered", "failed"] | None, Query(description="Only deliveries of this status.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryOut]:
    """Newest first. Those that were accepted are kept for 7 days, those that were given up for 30."""
    rows = await deliveries.list_deliveries(core, caller.workspace_id, id, status or "", place(cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page[DeliveryOut](
        data=[delivery_out(row) for row in rows[:limit]],
        next_cursor=place_cursor((last.at, last.id)) if last else None,
    )


@router.post(
    "/{id}/deliveries/{deliveryId}/replay",
    operation_id="replayDelivery",
    response_model=Success[DeliveryOut],
    summary="Send a delivery again",
    openapi_extra=refuses("not_found", "endpoint_disabled"),
)
async def post_replay(id: IdPath, delivery_id: DeliveryId, caller: Owner, core: TheCore) -> Success[DeliveryOut]:
    """The same body under the same `webhook-id`, whatever became of it before."""
    return Success[DeliveryOut](data=delivery_out(await deliveries.replay(core, caller.workspace_id, id, delivery_id)))


@router.post(
    "/{id}/replay",
    operation_id="replayFailedDeliveries",
    response_model=Success[ReplayedOut],
    summary="Send again all that was given up",
    openapi_extra=refuses("not_found", "endpoint_disabled"),
)
async def post_replay_failed(id: IdPath, caller: Owner, core: TheCore) -> Success[ReplayedOut]:
    """Each under its own `webhook-id`; of one connection in their order."""
    count = await deliveries.replay_failed(core, caller.workspace_id, id)
    return Success[ReplayedOut](data=ReplayedOut(replayed=count))


def _out(endpoint: Endpoint) -> WebhookOut:
    return WebhookOut(
        id=endpoint.id,
        url=endpoint.url,
        types=None if endpoint.types is None else list(endpoint.types),
        description=endpoint.description,
        enabled=endpoint.disabled_at is None,
        disabled_why=endpoint.disabled_why,  # type: ignore[arg-type]
        created_at=time(endpoint.created_at),
    )


def delivery_out(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=delivery.id,
        type=delivery.type,
        status=delivery.status,  # type: ignore[arg-type]
        attempts=delivery.attempts,
        timestamp=time(delivery.at),
        last_attempt_at=rfc3339(delivery.tried_at),
        next_attempt_at=rfc3339(delivery.due_at) if delivery.status == "pending" else None,
        answer=delivery.answer,
        error=delivery.error,
    )
