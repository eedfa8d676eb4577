"""LinkedIn's documented errors and what each means for the core.

Sources: LinkedIn's "Authorization Code Flow", "Refresh Tokens with OAuth 2.0", "Error Handling" and
"Versioning" (learn.microsoft.com/linkedin), and what public clients record.
"""

from __future__ import annotations

import re

from symphony_connect.base.model import Grant, Reason
from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.http import Answer, retry_after

OAUTH_OURS = (
    "invalid_client",
    "invalid_client_id",
    "invalid_redirect_uri",
    "unauthorized_client",
    "unsupported_grant_type",
    "unauthorized_scope_error",
    "invalid_scope",
)
"""`error` of the sign-in page and the token endpoint that only the operator can help with."""

TOKENS: dict[int, Reason] = {
    65600: Reason.REVOKED,  # INVALID_ACCESS_TOKEN
    65601: Reason.REVOKED,  # REVOKED_ACCESS_TOKEN
    65602: Reason.EXPIRED,  # EXPIRED_ACCESS_TOKEN
    65604: Reason.REVOKED,  # EMPTY_ACCESS_TOKEN
    65605: Reason.REVOKED,  # the token's member or application is not there any more
}
"""What `serviceErrorCode` says of a token that 401 refuses."""
_OF_ONE = re.compile(r"\bMEMBER\b|_MEMBER\b")
"""In the words of a limit on one member; the app's say APPLICATION ("Rate Limiting")."""


def of_refresh(error: base.PlatformError, grant: Grant, now: int) -> base.PlatformError:
    """As `renew` raises it: what refuses the request refuses the refresh token.

    LinkedIn's words name several causes at once, such as "invalid, expired or revoked": then its known end tells.
    """
    if not isinstance(error, base.Rejected):
        return error
    past = grant.refresh_expires_at is not None and grant.refresh_expires_at <= now
    ended = past or bool(re.search(r"\b(has|is) expired", error.message, re.IGNORECASE))
    return base.TokenRefused(error.message, Reason.EXPIRED if ended else Reason.REVOKED, code=error.code)


def of_api(answer: Answer, now: int, *secrets: str) -> base.PlatformError:
    """The exception for an error of the API; `secrets` are what the call carried."""
    body = fields.mapping(answer.body)
    number = fields.whole(body.get("serviceErrorCode"))
    code = str(number if number is not None else answer.status)
    message = fields.sentence(body.get("message"), *secrets) or f"LinkedIn answered HTTP {answer.status}"
    match answer.status:
        case 401:
            words = f"{fields.text(body.get('code'))} {message}".lower()
            otherwise = Reason.EXPIRED if "expired" in words else Reason.REVOKED
            return base.TokenRefused(message, TOKENS.get(number or 0, otherwise), code=code)
        case 403:
            kind = base.Misconfigured if app.refused(message) else base.PermissionRefused
            return kind(message, code=code)
        case 404:
            # Also for a call of a product that the app was not granted.
            return base.PermissionRefused(message, code=code)
        case 426:
            # The version that the header names has ended, or is none.
            return base.Misconfigured(message, code=code)
        case 429:
            limited = base.OneLimited if _OF_ONE.search(message) else base.RateLimited
            return limited(message, code=code, retry_at=retry_after(answer.headers, now))
        case status if 400 <= status < 500:
            return base.Rejected(message, code=code)
    return base.Unavailable(message, code=code, retry_at=retry_after(answer.headers, now))
