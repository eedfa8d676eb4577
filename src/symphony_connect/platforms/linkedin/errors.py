"""LinkedIn's documented errors and what each means for the core.

Sources: LinkedIn's "Authorization Code Flow", "Refresh Tokens with OAuth 2.0", "Error Handling" and
"Versioning" (learn.microsoft.com/linkedin), and what public clients record.
"""

from __future__ import annotations

from symphony_connect.base.model import Reason
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


def of_oauth(answer: Answer, *secrets: str) -> base.PlatformError:
    """The exception for an error of `/oauth/v2/`; `secrets` are what the call carried."""
    body = fields.mapping(answer.body)
    code = fields.text(body.get("error"))
    message = fields.sentence(body.get("error_description"), *secrets) or f"LinkedIn answered HTTP {answer.status}"
    if answer.status == 429:
        return base.RateLimited(message, code=code or "429")
    if answer.status >= 500 or not code:
        return base.Unavailable(message, code=code or None)
    if code in OAUTH_OURS or app.refused(message):
        return base.Misconfigured(message, code=code)
    return base.Rejected(message, code=code)


def of_refresh(error: base.PlatformError) -> base.PlatformError:
    """As `renew` raises it: what refuses the request refuses the refresh token."""
    if not isinstance(error, base.Rejected):
        return error
    ended = "has expired" in error.message.lower()
    return base.TokenRefused(error.message, Reason.EXPIRED if ended else Reason.REVOKED, code=error.code)


def of_api(answer: Answer, now: int, *secrets: str) -> base.PlatformError:
    """The exception for an error of the API; `secrets` are what the call carried."""
    body = fields.mapping(answer.body)
    number = fields.whole(body.get("serviceErrorCode"))
    code = str(number if number is not None else answer.status)
    message = fields.sentence(body.get("message"), *secrets) or f"LinkedIn answered HTTP {answer.status}"
    match answer.status:
        case 401:
            return base.TokenRefused(message, TOKENS.get(number or 0, Reason.REVOKED), code=code)
        case 403:
            kind = base.Misconfigured if app.refused(message) else base.PermissionRefused
            return kind(message, code=code)
        case 426:
            # The version that the header names has ended, or is none.
            return base.Misconfigured(message, code=code)
        case 429:
            return base.RateLimited(message, code=code, retry_at=retry_after(answer.headers, now))
        case status if 400 <= status < 500:
            return base.Rejected(message, code=code)
    return base.Unavailable(message, code=code, retry_at=retry_after(answer.headers, now))
