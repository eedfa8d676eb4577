"""What the API answers about events and webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from symphony_connect.web.api.schemas import AnswerPlatform
from symphony_connect.web.api.wire import Time, Url, Wire


class EventOut(Wire):
    id: Annotated[str, Field(examples=["evt_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    type: Annotated[str, Field(examples=["connection.needs_reconnect"])]
    """One of the types of the catalogue; a later version may have more."""
    timestamp: Time
    brand_id: Annotated[int | None, Field(examples=[12345])]
    """Null where it is about a whole platform."""
    ad_platform: AnswerPlatform
    connection_id: Annotated[str | None, Field(examples=["conn_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    actor: Annotated[str, Field(examples=["worker"])]
    """Whose doing it was: a key's id, `worker`, or another part of this service."""
    data: Annotated[dict[str, Any], Field(examples=[{"status": "needs_reconnect", "reason": "revoked"}])]
    """What belongs to this type."""


class WebhookOut(Wire):
    id: Annotated[str, Field(examples=["we_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    url: Url
    types: Annotated[list[str] | None, Field(examples=[["connection.needs_reconnect"]])]
    """Null: all that are delivered."""
    description: str
    enabled: bool
    disabled_why: Annotated[Literal["gone", "by_request"] | None, Field(examples=[None])]
    """`gone`: it answered 410."""
    created_at: Time


class NewWebhookOut(WebhookOut):
    secret: Annotated[str, Field(examples=["whsec_EXAMPLE"])]
    """Verifies what is delivered. It is shown only now."""


class NewSecretOut(Wire):
    secret: Annotated[str, Field(examples=["whsec_EXAMPLE"])]
    """Verifies what is delivered from now on. It is shown only now."""
    other_until: Time
    """Until then the secret before it signs too."""


class ReplayedOut(Wire):
    replayed: Annotated[int, Field(examples=[17])]
    """How many deliveries are queued again."""


class DeliveryOut(Wire):
    id: Annotated[str, Field(examples=["evt_0VbhaDqGpl9LzFvgSzLq0zYU"])]
    """The event's, sent as `webhook-id`; the same each time."""
    type: Annotated[str, Field(examples=["connection.needs_reconnect"])]
    status: Literal["pending", "delivered", "failed"]
    """`failed`: given up, after three days or an answer 410."""
    attempts: int
    timestamp: Time
    """Of the event."""
    last_attempt_at: Time | None
    next_attempt_at: Time | None
    """Null: there will be none."""
    answer: Annotated[int | None, Field(examples=[200])]
    """The HTTP status of the last attempt; null where no answer came."""
    error: Annotated[str | None, Field(examples=[None])]
