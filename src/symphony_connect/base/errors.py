"""Errors, each with a stable code and a sentence that says what to do.

SymphonyError
├── ConfigError          a setting is missing or malformed: the process does not start
└── Problem              an answer to a caller: a code, an HTTP status, a sentence
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


class SymphonyError(Exception):
    """The root of every error that this package raises on purpose."""


class ConfigError(SymphonyError):
    """A setting is missing or malformed; the message names it and says what it should be."""


Code = Literal[
    "invalid_request",
    "invalid_json",
    "key_required",
    "invalid_key",
    "missing_scope",
    "origin_not_allowed",
    "secret_key_in_browser",
    "token_not_issued_here",
    "not_proxied",
    "not_found",
    "brand_not_found",
    "connection_not_found",
    "unknown_platform",
    "connect_session_not_found",
    "method_not_allowed",
    "identity_mismatch",
    "needs_reconnect",
    "not_renewable",
    "busy",
    "endpoint_disabled",
    "session_expired",
    "body_too_large",
    "unsupported_media_type",
    "token_refused",
    "token_of_other_app",
    "token_kind_refused",
    "permissions_missing",
    "platform_refused",
    "idempotency_key_reused",
    "too_many_requests",
    "platform_rate_limited",
    "internal_error",
    "not_configured",
    "platform_misconfigured",
    "platform_unavailable",
    "unverified",
    "store_unavailable",
]
"""Every error code an API answer may carry. Written out, so that a misspelt one fails the type check."""

CODES: dict[Code, tuple[int, str]] = {
    "invalid_request": (400, "The request is malformed; `field` names the part, `message` says what it should be."),
    "invalid_json": (400, "The body is not one JSON object, or repeats a key, or holds what JSON may not."),
    "key_required": (401, "No `x-api-key` header was sent."),
    "invalid_key": (401, "The key is malformed, unknown, expired or revoked."),
    "missing_scope": (403, "The key lacks a scope that this call needs; `message` names it."),
    "origin_not_allowed": (403, "The page's origin is neither in SYMPHONY_ALLOWED_ORIGINS nor on the key."),
    "secret_key_in_browser": (403, "A secret key came from a browser; use a publishable key or a connect session."),
    "token_not_issued_here": (
        403,
        "A publishable key may register only a token this service issued to it in the last 15 minutes.",
    ),
    "not_proxied": (403, "The proxy does not pass this call on, or not for this key; `message` says why."),
    "not_found": (404, "Nothing was found at this address."),
    "brand_not_found": (404, "This workspace has no such brand."),
    "connection_not_found": (404, "The brand is not connected to this platform."),
    "unknown_platform": (404, "No such platform; GET /platforms lists them."),
    "connect_session_not_found": (404, "No such connect session, or it is over."),
    "method_not_allowed": (405, "The path exists, but not with this method."),
    "identity_mismatch": (409, "The brand is connected as somebody else; send `replaceIdentity: true` to switch."),
    "needs_reconnect": (409, "Only the brand's owner can help; `reason` says why."),
    "not_renewable": (409, "This platform gave no way to renew the token."),
    "busy": (409, "Another change of the same thing is under way; ask again."),
    "endpoint_disabled": (409, "The webhook endpoint is disabled; enable it first."),
    "session_expired": (410, "The connect session is over; make a new one."),
    "body_too_large": (413, "The body is larger than 64 KiB."),
    "unsupported_media_type": (415, "Send JSON with `Content-Type: application/json`."),
    "token_refused": (422, "The platform does not accept this token; nothing was stored."),
    "token_of_other_app": (422, "The token was issued to another app; nothing was stored."),
    "token_kind_refused": (422, "The token is of a kind that is not served; nothing was stored."),
    "permissions_missing": (422, "The owner did not grant what is needed."),
    "platform_refused": (422, "The platform refused the request; `platform` holds its answer."),
    "idempotency_key_reused": (422, "This `Idempotency-Key` was used with another body in the last 24 hours."),
    "too_many_requests": (429, "Slow down; `Retry-After` says for how long."),
    "platform_rate_limited": (429, "The platform wants fewer calls; `Retry-After` says for how long."),
    "internal_error": (500, "Our fault; quote the `requestId`."),
    "not_configured": (503, "The platform's app id or secret is not set on this server."),
    "platform_misconfigured": (503, "The platform refuses this server's app id or secret."),
    "platform_unavailable": (503, "The platform cannot be reached now; nothing was lost, try again."),
    "unverified": (503, "The token is kept, but the platform has not confirmed it yet; try again."),
    "store_unavailable": (503, "The database cannot be reached or written now; try again."),
}
"""The HTTP status and meaning of each. The documentation is made from it."""

RETRY_AFTER: dict[Code, int] = {
    "busy": 1,
    "store_unavailable": 2,
    "platform_unavailable": 30,
    "unverified": 30,
    "platform_rate_limited": 60,
}
"""Default `Retry-After` in seconds, for the codes where waiting helps."""


@dataclass
class Problem(SymphonyError):
    """An answer that is not success. `code` is one of CODES."""

    code: Code
    message: str
    field: str | None = None
    platform: dict[str, Any] | None = None
    """The platform's own code, subcode and message."""
    retry_after: int | None = None
    """Seconds; RETRY_AFTER has the defaults."""
    details: dict[str, Any] | None = None
    """More fields of the error object, such as `reason` and `reconnectUrl`."""
    key_id: str | None = None
    """Whose request it was, for the log; not part of the answer."""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def status(self) -> int:
        return CODES[self.code][0]
