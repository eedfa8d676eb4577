"""Google's documented errors and what each means for the core.

Sources: "Using OAuth 2.0 for Web Server Applications" (developers.google.com/identity), the Google Ads API's
"Common errors" and its error enums of v26.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Grant, Reason
from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.http import Answer, retry_after

OAUTH_OURS = (
    "invalid_client",
    "unauthorized_client",
    "redirect_uri_mismatch",
    "unsupported_grant_type",
    "invalid_scope",
    "deleted_client",
    "disabled_client",
    "org_internal",
)
"""`error` of the token endpoint that only the operator can help with."""

LOST: Mapping[str, Reason] = {
    "OAUTH_TOKEN_REVOKED": Reason.REVOKED,
    "OAUTH_TOKEN_DISABLED": Reason.REVOKED,
    "OAUTH_TOKEN_INVALID": Reason.REVOKED,
    "OAUTH_TOKEN_HEADER_INVALID": Reason.REVOKED,
    "OAUTH_TOKEN_EXPIRED": Reason.EXPIRED,
    "GOOGLE_ACCOUNT_DELETED": Reason.REVOKED,
    "GOOGLE_ACCOUNT_COOKIE_INVALID": Reason.REVOKED,
    "GOOGLE_ACCOUNT_AUTHENTICATION_FAILED": Reason.REVOKED,
    "GOOGLE_ACCOUNT_USER_AND_ADS_USER_MISMATCH": Reason.PERMISSIONS_MISSING,
    "NOT_ADS_USER": Reason.PERMISSIONS_MISSING,
    "TWO_STEP_VERIFICATION_NOT_ENROLLED": Reason.CHECKPOINT,
    "ADVANCED_PROTECTION_NOT_ENROLLED": Reason.CHECKPOINT,
}
TEST_ACCOUNTS_ONLY = ("DEVELOPER_TOKEN_NOT_APPROVED", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION")
"""The app has no access to accounts of production yet; it has to test accounts."""
OURS = (
    *TEST_ACCOUNTS_ONLY,
    "DEVELOPER_TOKEN_INVALID",
    "DEVELOPER_TOKEN_PROHIBITED",
    "DEVELOPER_TOKEN_NOT_ON_ALLOWLIST",
    "DEVELOPER_TOKEN_PARAMETER_MISSING",
    "PROJECT_DISABLED",
    "CLOUD_PROJECT_NOT_FOUND",
    "CLOUD_PROJECT_NOT_UNDER_ORGANIZATION",
    "ORGANIZATION_NOT_RECOGNIZED",
    "ORGANIZATION_NOT_APPROVED",
    "ORGANIZATION_NOT_ASSOCIATED_WITH_DEVELOPER_TOKEN",
    "MISSING_TOS",
    "UNSUPPORTED_VERSION",
)
ONE_ACCOUNT = (
    "CUSTOMER_NOT_ENABLED",
    "CUSTOMER_NOT_FOUND",
    "INCOMPLETE_SIGNUP",
    "USER_PERMISSION_DENIED",
    "CLIENT_CUSTOMER_ID_INVALID",
    "INVALID_CUSTOMER_ID",
    "INVALID_LOGIN_CUSTOMER_ID",
    "LOGIN_CUSTOMER_ID_PARAMETER_MISSING",
    "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION",
)
"""Refused for one customer: it says nothing about the token."""
QUOTA = (
    "RESOURCE_EXHAUSTED",
    "RESOURCE_TEMPORARILY_EXHAUSTED",
    "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION",
    "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION",
)

TESTING = 7 * DAY
"""How long a refresh token lives while the consent screen is External and in Testing ("Common errors")."""
REAUTH = ("invalid_rapt", "rapt_required")
"""`error_subtype` of `invalid_grant` where a Workspace organisation controls the length of sessions (google-auth)."""
UNUSED = 180 * DAY
"""After so long without use a refresh token ends."""


def of_refresh(error: base.PlatformError, grant: Grant, now: int) -> base.PlatformError:
    """`invalid_grant` says only "expired or revoked": what is known of the grant tells more."""
    if not isinstance(error, base.Rejected) or error.code != "invalid_grant":
        return error
    if error.subcode in REAUTH:
        words = "Google wants this person to sign in again: their organisation limits how long a sign-in lasts"
        return base.TokenRefused(words, Reason.LOGGED_OUT, code=error.code, subcode=error.subcode)
    consented, used = (fields.whole(grant.extra.get(key)) for key in ("consented_at", "used_at"))
    if consented is not None and TESTING <= now - consented < TESTING + 2 * DAY:
        words = "Google ends refresh tokens after seven days while the app's consent screen is External and in Testing"
        return base.TokenRefused(words, Reason.EXPIRED, code=error.code)
    if used is not None and now - used >= UNUSED:
        words = "Google ends refresh tokens that were not used for six months"
        return base.TokenRefused(words, Reason.EXPIRED, code=error.code)
    return base.TokenRefused(error.message, Reason.REVOKED, code=error.code)


def of_api(answer: Answer, now: int, *secrets: str) -> base.PlatformError:
    """The exception for an error of the Google Ads API; `secrets` are what the call carried."""
    body = answer.body[0] if isinstance(answer.body, list) and answer.body else answer.body
    error = fields.mapping(fields.mapping(body).get("error"))
    code = _code(error) or fields.text(error.get("status"))
    message = fields.sentence(_message(error), *secrets) or f"Google Ads answered HTTP {answer.status}"
    if code in LOST:
        refused = base.TokenRefused(message, LOST[code], code=code)
        refused.could_be_app = LOST[code] is not Reason.EXPIRED
        return refused
    if code in OURS or app.refused(message):
        return base.Misconfigured(message, code=code)
    if code in ONE_ACCOUNT:
        return base.PermissionRefused(message, code=code)
    if answer.status == 429 or code in QUOTA:
        quota = _quota(error)
        kind = base.OneLimited if quota.get("rateScope") == "ACCOUNT" else base.RateLimited
        delay = fields.after(now, fields.text(quota.get("retryDelay")).removesuffix("s"))
        return kind(message, code=code, retry_at=retry_after(answer.headers, now) or delay)
    if answer.status == 401:
        return base.TokenRefused(message, Reason.REVOKED, code=code)
    if answer.status == 403:
        return base.PermissionRefused(message, code=code)
    # A version that has ended is not there any more.
    if answer.status == 404 and not error.get("details"):
        return base.Misconfigured(message, code=code or "404")
    return base.Rejected(message, code=code) if answer.status < 500 else base.Unavailable(message, code=code or None)


def quota(body: Any) -> Mapping[str, Any]:
    """`quotaErrorDetails` of an error's body; empty where it has none."""
    error = fields.mapping(fields.mapping(body[0] if isinstance(body, list) and body else body).get("error"))
    found = (fields.mapping(fields.mapping(one.get("details")).get("quotaErrorDetails")) for one in _failures(error))
    return next(filter(None, found), {})


def _failures(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The errors of `GoogleAdsFailure` among the details."""
    return [one for detail in fields.rows(error.get("details")) for one in fields.rows(detail.get("errors"))]


def _code(error: Mapping[str, Any]) -> str:
    for one in _failures(error):
        for value in fields.mapping(one.get("errorCode")).values():
            if isinstance(value, str):
                return value
    return ""


def _message(error: Mapping[str, Any]) -> str:
    return next((fields.text(one.get("message")) for one in _failures(error)), "") or fields.text(error.get("message"))


def _quota(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """`quotaErrorDetails`: `rateScope` is ACCOUNT or DEVELOPER, `retryDelay` such as `30s`."""
    found = (fields.mapping(fields.mapping(one.get("details")).get("quotaErrorDetails")) for one in _failures(error))
    return next((quota for quota in found if quota), {})
