"""Every documented error of LinkedIn's, as the core sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.base.model import Reason
from symphony_connect.platforms import base
from tests.platforms.linkedin.test_platform import ENV, KNOWN, ROLES, TOKEN, refused
from tests.platforms.scripted import NOW, sample, scripted

CORPUS = {row["key"]: row for row in sample("linkedin", "errors")["errors"]}
OF_API: dict[str, tuple[type[base.PlatformError], Reason | None]] = {
    **dict.fromkeys(("65600", "65601", "65604", "65605"), (base.TokenRefused, Reason.REVOKED)),
    "65602": (base.TokenRefused, Reason.EXPIRED),
    **dict.fromkeys(("100", "404"), (base.PermissionRefused, None)),
    **dict.fromkeys(("100/app-suspended", "426"), (base.Misconfigured, None)),
    **dict.fromkeys(("400", "400/version"), (base.Rejected, None)),
    "429": (base.RateLimited, None),
    "429/member": (base.OneLimited, None),
    **dict.fromkeys(("500", "504"), (base.Unavailable, None)),
}
OF_OAUTH: dict[str, tuple[type[base.PlatformError], Reason | None]] = {
    **dict.fromkeys(("invalid_client", "invalid_client/app-disabled"), (base.Misconfigured, None)),
    **dict.fromkeys(
        ("invalid_redirect_uri", "unauthorized_client", "unsupported_grant_type"), (base.Misconfigured, None)
    ),
    **dict.fromkeys(("invalid_grant", "invalid_request"), (base.TokenRefused, Reason.REVOKED)),
    "invalid_grant/expired": (base.TokenRefused, Reason.EXPIRED),
}


def test_every_documented_error_is_of_one_of_the_tables() -> None:
    introspected = {"active", "active/expired", "active/revoked"}
    assert OF_API.keys() | OF_OAUTH.keys() | introspected == CORPUS.keys()


@pytest.mark.parametrize("key", OF_API)
async def test_every_documented_error_of_the_api(key: str) -> None:
    row, (kind, reason) = CORPUS[key], OF_API[key]
    number = int(key.partition("/")[0])
    body = {"message": row["message"], "status": row["status"], "code": row["code"]}
    body |= {"serviceErrorCode": number} if number != row["status"] else {}
    linkedin, _ = scripted("linkedin", ENV, {ROLES: httpx2.Response(row["status"], json=body)})
    with pytest.raises(base.PlatformError) as caught:
        await linkedin.ad_accounts(KNOWN)
    assert (type(caught.value), getattr(caught.value, "reason", None)) == (kind, reason)


@pytest.mark.parametrize("key", OF_OAUTH)
async def test_every_documented_error_of_a_refresh(key: str) -> None:
    row, (kind, reason) = CORPUS[key], OF_OAUTH[key]
    answer = refused(row["status"], error=key.partition("/")[0], error_description=row["message"])
    linkedin, _ = scripted("linkedin", ENV, {TOKEN: answer})
    with pytest.raises(base.PlatformError) as caught:
        await linkedin.renew(KNOWN)
    assert (type(caught.value), getattr(caught.value, "reason", None)) == (kind, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": 401, "message": "Expired access token"}, Reason.EXPIRED),
        ({"status": 401, "code": "EXPIRED_ACCESS_TOKEN", "message": "no"}, Reason.EXPIRED),
        ({"status": 401, "message": "Unauthorized"}, Reason.REVOKED),
    ],
)
async def test_a_refused_token_without_a_number_is_told_by_its_words(body: dict[str, Any], reason: Reason) -> None:
    linkedin, _ = scripted("linkedin", ENV, {ROLES: httpx2.Response(401, json=body)})
    with pytest.raises(base.TokenRefused) as caught:
        await linkedin.ad_accounts(KNOWN)
    assert caught.value.reason is reason


async def test_a_refresh_token_past_its_known_end_has_expired_whatever_the_words() -> None:
    answer = refused(400, error="invalid_grant", error_description="It is invalid, expired or revoked")
    linkedin, _ = scripted("linkedin", ENV, {TOKEN: answer})
    for end, reason in ((NOW, Reason.EXPIRED), (NOW + DAY, Reason.REVOKED), (None, Reason.REVOKED)):
        with pytest.raises(base.TokenRefused) as caught:
            await linkedin.renew(replace(KNOWN, refresh_expires_at=end))
        assert caught.value.reason is reason


async def test_a_busy_token_endpoint_says_how_long_to_wait() -> None:
    busy = httpx2.Response(429, json={"error": "x"}, headers={"retry-after": "40"})
    linkedin, _ = scripted("linkedin", ENV, {TOKEN: busy})
    with pytest.raises(base.RateLimited) as caught:
        await linkedin.renew(KNOWN)
    assert caught.value.retry_at == NOW + 40 * SECOND
