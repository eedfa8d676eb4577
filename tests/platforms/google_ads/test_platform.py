"""What the service makes of Google's answers, from a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.oauth import challenge
from tests.platforms.google_ads.answers import APP, ENV, INFO, KNOWN, REVOKE, ROOTS, TOKEN, failed, refused
from tests.platforms.scripted import NOW, id_token, sample, scripted

ISSUED = sample("google_ads", "token")["body"]
GOOD = {
    **{"iss": "https://accounts.google.com", "aud": APP, "exp": NOW // SECOND + 3_600},
    **{"sub": "110169484474386276334", "name": "Ada Lark", "nonce": challenge("verifier")},
}
INFO_OK = sample("google_ads", "tokeninfo")["body"] | {"aud": APP, "exp": str(NOW // SECOND + 3_599)}


def tree(root: str) -> str:
    return f"POST /v26/customers/{root}/googleAds:searchStream"


def client(id: str, **more: Any) -> dict[str, Any]:
    row = {"id": id, "descriptiveName": f"Account {id}", "currencyCode": "EUR", "status": "ENABLED", "manager": False}
    return {"customerClient": {**row, **more}}


def rows(*clients: dict[str, Any]) -> httpx2.Response:
    """Streamed in two pages."""
    return httpx2.Response(200, json=[{"results": list(clients[:1])}, {"results": list(clients[1:])}])


async def test_a_consent_is_asked_for_each_time_and_with_pkce() -> None:
    google, script = scripted("google_ads", ENV, {TOKEN: {**ISSUED, "id_token": id_token(**GOOD)}})
    url = google.authorization_url(base.SignIn("state", "https://x.example/cb", google.scopes, "challenge"))
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
    assert asked["nonce"] == "challenge"
    grant = await google.exchange("4/code", "https://x.example/cb", "verifier")
    assert script.asked("/token")[0]["code_verifier"] == "verifier"
    assert (grant.expires_at, grant.refresh_expires_at) == (NOW + 3_599 * SECOND, None)
    assert grant.refresh_token is not None
    assert grant.extra["name"] == "Ada Lark"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": NOW // SECOND - 301},
        {"nonce": challenge("another sign-in's")},
        {"nonce": ""},
    ],
)
async def test_an_id_token_of_another_app_issuer_sign_in_or_time_ends_the_sign_in(wrong: dict[str, Any]) -> None:
    google, _ = scripted("google_ads", ENV, {TOKEN: {**ISSUED, "id_token": id_token(**GOOD | wrong)}})
    with pytest.raises(base.Rejected):
        await google.exchange("4/code", "https://x.example/cb", "verifier")


async def test_googles_other_name_of_itself_is_taken_and_no_id_token_too() -> None:
    named = {**ISSUED, "id_token": id_token(**GOOD | {"iss": "accounts.google.com"})}
    google, _ = scripted("google_ads", ENV, {TOKEN: [named, {**ISSUED, "id_token": None}]})
    for name in ("Ada Lark", None):
        assert (await google.exchange("4/code", "https://x.example/cb", "verifier")).extra.get("name") == name


async def test_a_refresh_keeps_the_refresh_token() -> None:
    google, _ = scripted("google_ads", ENV, {TOKEN: sample("google_ads", "token_refreshed")["body"]})
    renewed = await google.renew(KNOWN)
    assert renewed.refresh_token == KNOWN.refresh_token
    assert renewed.extra["used_at"] == NOW


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


@pytest.mark.parametrize("code", ["DEVELOPER_TOKEN_NOT_APPROVED", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION"])
async def test_an_app_with_test_access_lists_the_test_accounts(code: str) -> None:
    closed = failed(403, "authorizationError", code)
    answers = {
        ROOTS: {"resourceNames": ["customers/1", "customers/2"]},
        tree("1"): closed,
        tree("2"): rows(client("2", testAccount=True)),
    }
    google, _ = scripted("google_ads", ENV, answers)
    assert [account.id for account in await google.ad_accounts(KNOWN)] == ["2"]
    google, _ = scripted("google_ads", ENV, {**answers, tree("2"): closed})
    with pytest.raises(base.Misconfigured):
        await google.ad_accounts(KNOWN)


async def test_the_shortest_way_to_an_account_is_kept() -> None:
    answers = {
        ROOTS: {"resourceNames": ["customers/11", "customers/22", "customers/3"]},
        tree("11"): rows(client("11", manager=True), client("1", level="2"), client("3", level="1")),
        tree("22"): rows(client("22", manager=True), client("1", level="1", timeZone="Europe/Rome")),
        tree("3"): rows(client("3", level="0")),
    }
    google, _ = scripted("google_ads", ENV, answers)
    found = {account.id: account for account in await google.ad_accounts(KNOWN)}
    assert {id: one.extra["loginCustomerId"] for id, one in found.items()} == {"1": "22", "3": "3"}
    assert (found["1"].timezone, found["3"].timezone) == ("Europe/Rome", None)


async def test_a_revocation_ends_the_whole_grant_and_may_come_late() -> None:
    google, script = scripted("google_ads", ENV, {REVOKE: [{}, refused(400, "invalid_token")]})
    await google.revoke(KNOWN)
    await google.revoke(KNOWN)
    assert [one["token"] for one in script.asked("/revoke")] == ["1//refresh"] * 2


def test_who_is_told_of_a_failed_sign_in() -> None:
    google, _ = scripted("google_ads", ENV, {})
    for query, kind in (
        ({"error": "access_denied"}, base.Denied),
        ({"error": "admin_policy_enforced"}, base.Denied),
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


async def test_without_a_developer_token_no_header_is_sent() -> None:
    """An empty one is refused; new apps have none."""
    without = {key: ENV[key] for key in ENV if "DEVELOPER" not in key}
    google, script = scripted("google_ads", without, {ROOTS: {"resourceNames": []}})
    assert (google.missing_settings, google.app_headers()) == ((), {})
    assert await google.ad_accounts(KNOWN) == []
    assert "developer-token" not in script.requests[0].headers
