"""What may go wrong.

SymphonyError
├── ConnectionFailed     no answer came
├── WebhookRefused       a delivery whose signature or time does not hold
└── APIError             the service said no; `code` says why
    └── NeedsReconnect   only the brand's owner can help
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SymphonyError(Exception):
    """The root of every error that this package raises on purpose."""


class ConnectionFailed(SymphonyError):
    """No answer came, or none that could be read. A call that changes something may have been done."""


class WebhookRefused(SymphonyError):
    """The delivery is not from your Symphony Connect, or too old: answer 400 and do nothing."""


class APIError(SymphonyError):
    """An answer that is not success."""

    def __init__(self, status: int, error: Mapping[str, Any], request_id: str | None, retry_after: int | None) -> None:
        self.status = status
        """The HTTP status."""
        self.code: str = str(error.get("code", ""))
        """As in the service's list of error codes; empty where the answer came from something before the service."""
        self.message: str = str(error.get("message", ""))
        self.field: str | None = error.get("field")
        """The part of the request that is wrong."""
        self.platform: Mapping[str, Any] | None = error.get("platform")
        """The platform's own `code`, `subcode` and `message`."""
        self.request_id = request_id
        """Quote it when you ask the operator."""
        self.retry_after = retry_after
        """Seconds after which the same call may work."""
        super().__init__(f"{self.message} ({self.code or status}, request {request_id})")


class NeedsReconnect(APIError):
    """The brand's owner must sign in again; nothing else helps."""

    def __init__(self, status: int, error: Mapping[str, Any], request_id: str | None, retry_after: int | None) -> None:
        super().__init__(status, error, request_id, retry_after)
        self.reason: str = str(error.get("reason", ""))
        """Such as `expired`, `revoked` or `password_changed`."""
        self.reconnect_url: str | None = error.get("reconnectUrl")
        """A link to send to the owner, good for seven days. For keys with `connect:write`."""
