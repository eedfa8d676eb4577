"""Every documented error of Google's, as the core sees it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from symphony_connect.base.clock import DAY, HOUR, SECOND
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.google_ads.answers import ENV, KNOWN, ROOTS, TOKEN, failed, refused
from tests.platforms.scripted import NOW, sample, scripted

CORPUS = {row["key"]: row for row in sample("google_ads", "errors")["errors"]}
OF_API: dict[str, tuple[type[base.PlatformError], Reason | None]] = {
    **dict.fromkeys(("UNAUTHENTICATED", "OAUTH_TOKEN_REVOKED"), (base.TokenRefused, Reason.REVOKED)),
    **dict.fromkeys(("OAUTH_TOKEN_DISABLED", "GOOGLE_ACCOUNT_DELETED"), (base.TokenRefused, Reason.REVOKED)),
    **dict.fromkeys(("OAUTH_TOKEN_INVALID", "OAUTH_TOKEN_HEADER_INVALID"), (base.TokenRefused, Reason.REVOKED)),
    "GOOGLE_ACCOUNT_COOKIE_INVALID": (base.TokenRefused, Reason.REVOKED),
    "GOOGLE_ACCOUNT_AUTHENTICATION_FAILED": (base.TokenRefused, Reason.REVOKED),
    "GOOGLE_ACCOUNT_USER_AND_ADS_USER_MISMATCH": (base.TokenRefused, Reason.PERMISSIONS_MISSING),
    "OAUTH_TOKEN_EXPIRED": (base.TokenRefused, Reason.EXPIRED),
    "NOT_ADS_USER": (base.TokenRefused, Reason.PERMISSIONS_MISSING),
    "TWO_STEP_VERIFICATION_NOT_ENROLLED": (base.TokenRefused, Reason.CHECKPOINT),
    "ADVANCED_PROTECTION_NOT_ENROLLED": (base.TokenRefused, Reason.CHECKPOINT),
    **dict.fromkeys(("DEVELOPER_TOKEN_INVALID", "DEVELOPER_TOKEN_NOT_APPROVED"), (base.Misconfigured, None)),
    **dict.fromkeys(("DEVELOPER_TOKEN_PROHIBITED", "DEVELOPER_TOKEN_NOT_ON_ALLOWLIST"), (base.Misconfigured, None)),
    **dict.fromkeys(("DEVELOPER_TOKEN_PARAMETER_MISSING", "UNSUPPORTED_VERSION"), (base.Misconfigured, None)),
    **dict.fromkeys(("PROJECT_DISABLED", "MISSING_TOS", "CLOUD_PROJECT_NOT_FOUND"), (base.Misconfigured, None)),
    "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION": (base.Misconfigured, None),
    "CLOUD_PROJECT_NOT_UNDER_ORGANIZATION": (base.Misconfigured, None),
    **dict.fromkeys(("ORGANIZATION_NOT_RECOGNIZED", "ORGANIZATION_NOT_APPROVED"), (base.Misconfigured, None)),
    "ORGANIZATION_NOT_ASSOCIATED_WITH_DEVELOPER_TOKEN": (base.Misconfigured, None),
    **dict.fromkeys(("CUSTOMER_NOT_ENABLED", "CUSTOMER_NOT_FOUND"), (base.PermissionRefused, None)),
    **dict.fromkeys(("USER_PERMISSION_DENIED", "INCOMPLETE_SIGNUP"), (base.PermissionRefused, None)),
    **dict.fromkeys(("CLIENT_CUSTOMER_ID_INVALID", "INVALID_CUSTOMER_ID"), (base.PermissionRefused, None)),
    **dict.fromkeys(
        ("INVALID_LOGIN_CUSTOMER_ID", "LOGIN_CUSTOMER_ID_PARAMETER_MISSING"), (base.PermissionRefused, None)
    ),
    "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION": (base.PermissionRefused, None),
    **dict.fromkeys(("UNRECOGNIZED_FIELD", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"), (base.Rejected, None)),
    "INTERNAL_ERROR": (base.Unavailable, None),
    "RESOURCE_EXHAUSTED": (base.RateLimited, None),
    "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION": (base.RateLimited, None),
    "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION": (base.RateLimited, None),
    **dict.fromkeys(("RESOURCE_EXHAUSTED/account", "RESOURCE_TEMPORARILY_EXHAUSTED"), (base.OneLimited, None)),
    **dict.fromkeys(("REQUIRED", "DUPLICATE_CAMPAIGN_NAME", "FIELD_MASK_MISSING"), (base.Rejected, None)),
    **dict.fromkeys(("RESOURCE_NOT_FOUND", "INCONSISTENT_CUSTOMER_ID"), (base.Rejected, None)),
    **dict.fromkeys(("PAGE_SIZE_NOT_SUPPORTED", "BAD_VALUE"), (base.Rejected, None)),
}
OF_REFRESH: dict[str, tuple[type[base.PlatformError], Reason | None]] = {
    **dict.fromkeys(("invalid_client", "deleted_client", "disabled_client"), (base.Misconfigured, None)),
    **dict.fromkeys(("redirect_uri_mismatch", "unsupported_grant_type"), (base.Misconfigured, None)),
    **dict.fromkeys(
        ("invalid_grant", "invalid_grant/code", "invalid_grant/verifier"), (base.TokenRefused, Reason.REVOKED)
    ),
    "invalid_grant/rapt": (base.TokenRefused, Reason.LOGGED_OUT),
    **dict.fromkeys(("invalid_request", "invalid_token"), (base.Rejected, None)),
}


def test_every_documented_error_is_of_one_of_the_tables() -> None:
    assert OF_API.keys() | OF_REFRESH.keys() == CORPUS.keys()


@pytest.mark.parametrize("key", OF_API)
async def test_every_documented_error_of_the_api(key: str) -> None:
    row, (kind, reason) = CORPUS[key], OF_API[key]
    quota = {"details": {"quotaErrorDetails": {"rateScope": row["scope"]}}} if "scope" in row else {}
    answer = failed(row["status"], row.get("field", ""), key.partition("/")[0], **quota)
    if "field" not in row:
        answer = httpx2.Response(row["status"], json={"error": {"code": row["status"], "status": row["google"]}})
    google, _ = scripted("google_ads", ENV, {ROOTS: answer})
    with pytest.raises(base.PlatformError) as caught:
        await google.ad_accounts(KNOWN)
    assert (type(caught.value), getattr(caught.value, "reason", None)) == (kind, reason)


@pytest.mark.parametrize("key", OF_REFRESH)
async def test_every_documented_error_of_a_refresh(key: str) -> None:
    row, (kind, reason) = CORPUS[key], OF_REFRESH[key]
    body = {"error": key.partition("/")[0], "error_description": row["message"]}
    body |= {"error_subtype": row["subtype"]} if "subtype" in row else {}
    google, _ = scripted("google_ads", ENV, {TOKEN: httpx2.Response(row["status"], json=body)})
    with pytest.raises(base.PlatformError) as caught:
        await google.renew(KNOWN)
    assert (type(caught.value), getattr(caught.value, "reason", None)) == (kind, reason)


@pytest.mark.parametrize(
    ("extra", "reason", "words"),
    [
        ({}, Reason.REVOKED, "expired or revoked"),
        ({"consented_at": NOW - 7 * DAY - HOUR, "used_at": NOW - DAY}, Reason.EXPIRED, "Testing"),
        ({"consented_at": NOW - 30 * DAY, "used_at": NOW - DAY}, Reason.REVOKED, "expired or revoked"),
        ({"consented_at": NOW - 400 * DAY, "used_at": NOW - 181 * DAY}, Reason.EXPIRED, "six months"),
    ],
)
async def test_a_dead_refresh_token_is_told_apart_by_what_is_known(
    extra: dict[str, int], reason: Reason, words: str
) -> None:
    google, _ = scripted(
        "google_ads", ENV, {TOKEN: refused(400, "invalid_grant", "Token has been expired or revoked.")}
    )
    with pytest.raises(base.TokenRefused) as caught:
        await google.renew(Grant(Secret("t"), Secret("1//r"), extra=extra))
    assert caught.value.reason is reason
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "invalid_client"), base.Misconfigured),
        (refused(401, "deleted_client"), base.Misconfigured),
        (refused(400, "invalid_request"), base.Rejected),
        (refused(503, "x"), base.Unavailable),
        (refused(429, "x"), base.RateLimited),
        (httpx2.ReadTimeout("late"), base.Unavailable),
    ],
)
async def test_what_else_a_refresh_answers(answer: Any, kind: type[Exception]) -> None:
    google, _ = scripted("google_ads", ENV, {TOKEN: answer})
    with pytest.raises(base.PlatformError) as caught:
        await google.renew(KNOWN)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed(401, "authenticationError", "OAUTH_TOKEN_REVOKED"), base.TokenRefused),
        (failed(401, "authenticationError", "NOT_ADS_USER"), base.TokenRefused),
        (failed(401, "authenticationError", "DEVELOPER_TOKEN_INVALID"), base.Misconfigured),
        (failed(403, "authorizationError", "PROJECT_DISABLED"), base.Misconfigured),
        (failed(429, "quotaError", "RESOURCE_EXHAUSTED"), base.RateLimited),
        (failed(500, "internalError", "INTERNAL_ERROR"), base.Unavailable),
        (httpx2.Response(404, json={"error": {"code": 404, "message": "Not found"}}), base.Misconfigured),
    ],
)
async def test_what_the_api_refuses(answer: httpx2.Response, kind: type[Exception]) -> None:
    google, _ = scripted("google_ads", ENV, {ROOTS: answer})
    with pytest.raises(base.PlatformError) as caught:
        await google.ad_accounts(KNOWN)
    assert type(caught.value) is kind


async def test_a_busy_token_endpoint_says_how_long_to_wait() -> None:
    busy = httpx2.Response(429, json={"error": "x"}, headers={"retry-after": "40"})
    google, _ = scripted("google_ads", ENV, {TOKEN: busy})
    with pytest.raises(base.RateLimited) as caught:
        await google.renew(KNOWN)
    assert caught.value.retry_at == NOW + 40 * SECOND


async def test_a_quota_says_how_long_to_wait() -> None:
    quota = {"quotaErrorDetails": {"rateScope": "ACCOUNT", "retryDelay": "30s"}}
    google, _ = scripted("google_ads", ENV, {ROOTS: failed(429, "quotaError", "RESOURCE_EXHAUSTED", details=quota)})
    with pytest.raises(base.RateLimited) as caught:
        await google.ad_accounts(KNOWN)
    assert caught.value.retry_at == NOW + 30 * SECOND
