"""What the service makes of Google's answers, from a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from symphony_connect.base.clock import DAY, HOUR, SECOND
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.scripted import NOW, sample, scripted

APP = "1234567890-abc123.apps.googleusercontent.com"
ENV = {
    "SYMPHONY_GOOGLE_ADS_APP_ID": APP,
    "SYMPHONY_GOOGLE_ADS_APP_SECRET": "GOCSPX-1",
    "SYMPHONY_GOOGLE_ADS_DEVELOPER_TOKEN": "dev-1",
}
KNOWN = Grant(Secret("token-1"), Secret("1//refresh"), extra={"name": "Ada Lark"})
TOKEN, INFO, REVOKE = "POST /token", "POST /tokeninfo", "POST /revoke"
ROOTS = "GET /v26/customers:listAccessibleCustomers"
INFO_OK = sample("google_ads", "tokeninfo")["body"] | {"aud": APP, "exp": str(NOW // SECOND + 3_599)}


def tree(root: str) -> str:
    return f"POST /v26/customers/{root}/googleAds:searchStream"


def refused(status: int, error: str, words: str = "no") -> httpx2.Response:
    return httpx2.Response(status, json={"error": error, "error_description": words})


def failed(status: int, field: str, code: str, **more: Any) -> httpx2.Response:
    details = [{"@type": "GoogleAdsFailure", "errors": [{"errorCode": {field: code}, "message": "no", **more}]}]
    return httpx2.Response(status, json=[{"error": {"code": status, "message": "no", "details": details}}])


def client(id: str, **more: Any) -> dict[str, Any]:
    row = {"id": id, "descriptiveName": f"Account {id}", "currencyCode": "EUR", "status": "ENABLED", "manager": False}
    return {"customerClient": {**row, **more}}


def rows(*clients: dict[str, Any]) -> httpx2.Response:
    """Streamed in two pages."""
    return httpx2.Response(200, json=[{"results": list(clients[:1])}, {"results": list(clients[1:])}])


async def test_a_consent_is_asked_for_each_time_and_with_pkce() -> None:
    google, script = scripted("google_ads", ENV, {TOKEN: sample("google_ads", "token")["body"]})
    url = google.authorization_url(base.SignIn("state", "https://x.example/cb", google.scopes, "challenge"))
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
    grant = await google.exchange("4/code", "https://x.example/cb", "verifier")
    assert script.asked("/token")[0]["code_verifier"] == "verifier"
    assert (grant.expires_at, grant.refresh_expires_at) == (NOW + 3_599 * SECOND, None)
    assert grant.refresh_token is not None


async def test_a_refresh_keeps_the_refresh_token() -> None:
    google, _ = scripted("google_ads", ENV, {TOKEN: sample("google_ads", "token_refreshed")["body"]})
    renewed = await google.renew(KNOWN)
    assert renewed.refresh_token == KNOWN.refresh_token
    assert renewed.extra["used_at"] == NOW


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


async def test_an_inspection_names_app_and_person() -> None:
    google, _ = scripted("google_ads", ENV, {INFO: INFO_OK})
    seen = await google.inspect(KNOWN)
    assert (seen.identity.id, seen.identity.name) == (INFO_OK["sub"], "Ada Lark")
    assert (seen.missing_scopes, seen.grant.expires_at) == ((), NOW + 3_599 * SECOND)
    assert (await google.inspect(Grant(Secret("t")))).identity.name == "ada@example.com"


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        ({**INFO_OK, "aud": "another"}, base.Rejected, "token_of_other_app"),
        ({key: value for key, value in INFO_OK.items() if key != "sub"}, base.Rejected, "token_kind_refused"),
        (refused(400, "invalid_token"), base.TokenRefused, None),
        (refused(500, "x"), base.Unavailable, None),
    ],
)
async def test_what_an_inspection_refuses(answer: Any, kind: type[Exception], problem: str | None) -> None:
    google, _ = scripted("google_ads", ENV, {INFO: answer})
    with pytest.raises(base.PlatformError) as caught:
        await google.inspect(KNOWN)
    assert (type(caught.value), getattr(caught.value, "problem", None)) == (kind, problem)


async def test_trees_are_walked_and_an_account_under_two_managers_is_one() -> None:
    answers = {
        ROOTS: {"resourceNames": ["customers/11", "customers/22", "customers/33", "customers/44"]},
        tree("11"): rows(
            client("11", manager=True, descriptiveName="North"), client("1"), client("2", status="CLOSED")
        ),
        tree("22"): rows(client("22", manager=True), client("1"), client("3", hidden=True, testAccount=True)),
        tree("33"): rows(client("33")),
        tree("44"): failed(403, "authorizationError", "CUSTOMER_NOT_ENABLED"),
    }
    google, script = scripted("google_ads", ENV, answers)
    found = {account.id: account for account in await google.ad_accounts(KNOWN)}
    assert list(found) == ["1", "2", "3", "33", "44"]
    assert (found["1"].business, found["1"].extra) == ("North", {"loginCustomerId": "11"})
    assert [found[id].status for id in ("2", "44")] == ["disabled", "disabled"]
    assert found["3"].extra == {"loginCustomerId": "22", "hidden": "true", "test": "true"}
    assert google.account_headers(found["3"]) == {"login-customer-id": "22"}
    assert {one.headers.get("developer-token") for one in script.requests} == {"dev-1"}
    asked_as = {one.url.path.split("/")[3]: one.headers["login-customer-id"] for one in script.requests[1:]}
    assert asked_as == {root: root for root in ("11", "22", "33", "44")}


async def test_a_tree_that_cannot_be_read_now_keeps_the_others() -> None:
    answers = {
        ROOTS: {"resourceNames": ["customers/1", "customers/2", "customers/3"]},
        tree("1"): rows(client("1")),
        tree("2"): failed(429, "quotaError", "RESOURCE_EXHAUSTED"),
        tree("3"): failed(403, "authorizationError", "USER_PERMISSION_DENIED"),
    }
    google, _ = scripted("google_ads", ENV, answers)
    with pytest.raises(base.PartlyListed) as caught:
        await google.ad_accounts(KNOWN)
    assert [account.id for account in caught.value.accounts] == ["1"]


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


async def test_a_quota_says_how_long_to_wait() -> None:
    quota = {"quotaErrorDetails": {"rateScope": "ACCOUNT", "retryDelay": "30s"}}
    google, _ = scripted("google_ads", ENV, {ROOTS: failed(429, "quotaError", "RESOURCE_EXHAUSTED", details=quota)})
    with pytest.raises(base.RateLimited) as caught:
        await google.ad_accounts(KNOWN)
    assert caught.value.retry_at == NOW + 30 * SECOND


async def test_a_revocation_ends_the_whole_grant_and_may_come_late() -> None:
    google, script = scripted("google_ads", ENV, {REVOKE: [{}, refused(400, "invalid_token")]})
    await google.revoke(KNOWN)
    await google.revoke(KNOWN)
    assert [one["token"] for one in script.asked("/revoke")] == ["1//refresh"] * 2


def test_who_is_told_of_a_failed_sign_in() -> None:
    google, _ = scripted("google_ads", ENV, {})
    for query, kind in (
        ({"error": "access_denied"}, base.Denied),
        ({}, base.Denied),
        ({"error": "invalid_scope"}, base.Misconfigured),
        ({"error": "server_error"}, base.Unavailable),
    ):
        with pytest.raises(kind):
            google.code_from_callback(query)


@pytest.mark.parametrize(
    ("name", "value"), [("APP_ID", "12345"), ("API_VERSION", "26"), ("DEVELOPER_TOKEN", "two words")]
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"SYMPHONY_GOOGLE_ADS_{name}"):
        scripted("google_ads", {**ENV, f"SYMPHONY_GOOGLE_ADS_{name}": value}, {})


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        ("openid https://www.googleapis.com/auth/adword", "did you mean https://www.googleapis.com/auth/adwords"),
        ("openid email profile", "must hold https://www.googleapis.com/auth/adwords"),
        ("https://www.googleapis.com/auth/adwords", "must hold openid"),
    ],
)
def test_scopes_that_would_connect_nobody(scopes: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"SYMPHONY_GOOGLE_ADS_SCOPES .*{says}"):
        scripted("google_ads", {**ENV, "SYMPHONY_GOOGLE_ADS_SCOPES": scopes}, {})


def test_without_a_developer_token_nobody_can_sign_in() -> None:
    google, _ = scripted("google_ads", {key: ENV[key] for key in ENV if "DEVELOPER" not in key}, {})
    assert google.missing_settings == ("SYMPHONY_GOOGLE_ADS_DEVELOPER_TOKEN",)
