"""The calls about what happened and who is told: events, webhook endpoints and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from symphony_connect_client.calls import Call, Listing, as_data, checked_id, get, nothing, once, without_none
from symphony_connect_client.models import Delivery, Event, NewSecret, NewWebhook, Webhook


def events(
    *,
    type: str | None = None,
    brand_id: int | None = None,
    platform: str | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    limit: int = 200,
) -> Listing[Event]:
    """What happened, newest first. Both times need a time zone and are excluded."""
    asked = {"type": type, "brandId": brand_id, "platform": platform, "after": _time(after), "before": _time(before)}
    return Listing("/events", Event.of, {**asked, "limit": limit})


def _time(at: datetime | None) -> str | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("a time without a time zone: use datetime.now(UTC) and the like")
    return at.isoformat()


def webhooks() -> Call[tuple[Webhook, ...]]:
    """The workspace's endpoints, in the order of their making."""
    return get("/webhooks", lambda found: tuple(map(Webhook.of, found["data"])))


def create_webhook(
    url: str,
    *,
    types: Sequence[str] | None = None,
    description: str | None = None,
    idempotency_key: str | None = None,
) -> Call[NewWebhook]:
    """An endpoint for these types of events, or for all. Its secret is in this answer alone."""
    sent = {"url": url, "types": None if types is None else list(types), "description": description}
    return once("/webhooks", "POST", as_data(NewWebhook.of), idempotency_key, **sent)


def change_webhook(
    id: str,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
) -> Call[Webhook]:
    """What is left out stays as it is; empty `types` are all. While it is not enabled, no event is queued for it."""
    body = {"url": url, "types": None if types is None else list(types), "description": description, "enabled": enabled}
    return Call("PATCH", _webhook(id), as_data(Webhook.of), body=without_none(body), repeatable=True)


def delete_webhook(id: str) -> Call[None]:
    """With its secrets and all its deliveries, also those that wait."""
    return Call("DELETE", _webhook(id), nothing)


def rotate_webhook_secret(id: str) -> Call[NewSecret]:
    """A new secret; the one before it signs too for a day."""
    return Call("POST", _webhook(id, "/rotate"), as_data(NewSecret.of))


def send_test_webhook(id: str) -> Call[Delivery]:
    """Queue a delivery of type `webhook.test`. Raises APIError `endpoint_disabled`."""
    return Call("POST", _webhook(id, "/test"), as_data(Delivery.of))


def deliveries(id: str, *, status: str | None = None, limit: int = 200) -> Listing[Delivery]:
    """Newest first; `status` is `pending`, `delivered` or `failed`."""
    return Listing(_webhook(id, "/deliveries"), Delivery.of, {"status": status, "limit": limit})


def replay_delivery(id: str, delivery_id: str) -> Call[Delivery]:
    """Send it again under the same `webhook-id`. Raises APIError `endpoint_disabled`."""
    return Call("POST", _webhook(id, f"/deliveries/{checked_id(delivery_id)}/replay"), as_data(Delivery.of))


def replay_failed_deliveries(id: str) -> Call[int]:
    """Send again all that was given up; returns how many."""
    return Call("POST", _webhook(id, "/replay"), lambda found: int(found["data"]["replayed"]))


def _webhook(id: str, rest: str = "") -> str:
    return f"/webhooks/{checked_id(id)}{rest}"
