"""The toy's error codes, and what each means to the core."""

from __future__ import annotations

from symphony_connect.base.model import Reason
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.http import Answer, retry_after

REASONS = {"token_expired": Reason.EXPIRED, "token_revoked": Reason.REVOKED, "invalid_grant": Reason.REVOKED}
KINDS: dict[str, type[base.PlatformError]] = {
    "code_used": base.Rejected,
    "no_permission": base.PermissionRefused,
    "invalid_client": base.Misconfigured,
}


def failure(answer: Answer, now: int) -> base.PlatformError:
    error = fields.mapping(fields.mapping(answer.body).get("error"))
    code = fields.text(error.get("code"))
    message = fields.sentence(error.get("message")) or f"HTTP {answer.status}"
    if code in REASONS:
        return base.TokenRefused(message, REASONS[code], code=code)
    if code in KINDS:
        return KINDS[code](message, code=code)
    if answer.status == 429:
        return base.RateLimited(message, code=code, retry_at=retry_after(answer.headers, now))
    return base.Unavailable(message, code=code or None)
