"""What the service makes of LinkedIn's answers, from a script."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2
import pytest

from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base
from tests.platforms.scripted import NOW, sample, scripted

APP = "78a1b2c3d4e5f6"
ENV = {"SYMPHONY_LINKEDIN_APP_ID": APP, "SYMPHONY_LINKEDIN_APP_SECRET": "secret-1"}
KNOWN = Grant(Secret("token-1"), Secret("refresh-1"), extra={"sub": "abc", "name": "Ada Lark"})
TOKEN, INSPECT = "POST /oauth/v2/accessToken", "POST /oauth/v2/introspectToken"
USER, ROLES, ACCOUNTS = "GET /v2/userinfo", "GET /rest/adAccountUsers", "GET /rest/adAccounts"
LIVE = {**sample("linkedin", "introspect_token")["body"], "client_id": APP, "expires_at": NOW // SECOND + 1000}


def refused(status: int, **body: Any) -> httpx2.Response:
    return httpx2.Response(status, json=body)


def id_token(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{payload}.signature"


async def test_the_id_token_says_who_signed_in() -> None:
    body = {**sample("linkedin", "access_token")["body"], "id_token": id_token(aud=APP, sub="abc", name="Ada Lark")}
    linkedin, script = scripted("linkedin", ENV, {TOKEN: body, INSPECT: LIVE})
    grant = await linkedin.exchange("code-1", "https://x.example/cb", "")
    assert (grant.expires_at, grant.refresh_expires_at) == (NOW + 60 * DAY, NOW + 365 * DAY)
    seen = await linkedin.inspect(grant)
    assert (seen.identity.id, seen.identity.name) == ("abc", "Ada Lark")
    assert script.asked("/accessToken")[0]["client_secret"] == "secret-1"


async def test_an_id_token_with_a_renewal_says_whose_the_new_token_is() -> None:
    body = {**sample("linkedin", "access_token")["body"], "id_token": id_token(aud=APP, sub="mallory", name="M")}
    linkedin, _ = scripted("linkedin", ENV, {TOKEN: body})
    old = Grant(Secret("t"), refresh_token=Secret("r"), extra={"sub": "abc", "name": "Ada Lark"}, holder="abc")
    assert (await linkedin.renew(old)).holder == "mallory"
    silent, _ = scripted("linkedin", ENV, {TOKEN: sample("linkedin", "access_token")["body"]})
    assert (await silent.renew(old)).holder is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.%%%.c", id_token(aud="another", sub="mallory")])
async def test_an_id_token_of_another_app_or_none_says_nothing(token: str) -> None:
    """Then the person is asked for; there is one answer, so one question."""
    answers = {
        TOKEN: {"access_token": "t", "id_token": token},
        INSPECT: LIVE,
        USER: sample("linkedin", "userinfo")["body"],
    }
    linkedin, script = scripted("linkedin", ENV, answers)
    seen = await linkedin.inspect(await linkedin.exchange("code-1", "https://x.example/cb", ""))
    assert seen.identity.id == sample("linkedin", "userinfo")["body"]["sub"]
    assert len(script.asked("/userinfo")) == 1
    again = await linkedin.inspect(seen.grant)
    assert (again.identity, len(script.asked("/userinfo"))) == (seen.identity, 1)


async def test_userinfo_that_calls_an_active_token_revoked_proves_nothing() -> None:
    linkedin, _ = scripted("linkedin", ENV, {INSPECT: LIVE, USER: refused(401, serviceErrorCode=65601, message="x")})
    with pytest.raises(base.Unavailable):
        await linkedin.inspect(Grant(Secret("token-1")))


@pytest.mark.parametrize(
    ("seen", "kind", "reason"),
    [
        ({"active": False}, base.TokenRefused, Reason.REVOKED),
        ({**LIVE, "active": False, "status": "revoked"}, base.TokenRefused, Reason.REVOKED),
        ({**LIVE, "active": False, "status": "expired"}, base.TokenRefused, Reason.EXPIRED),
        ({**LIVE, "client_id": "78another00000"}, base.Rejected, None),
        (
            refused(401, error="invalid_client", error_description="Client authentication failed"),
            base.Misconfigured,
            None,
        ),
        (refused(500, message="x"), base.Unavailable, None),
        (refused(429, message="x"), base.RateLimited, None),
        (
            refused(400, error="invalid_request", error_description="This application has been disabled"),
            base.Misconfigured,
            None,
        ),
    ],
)
async def test_what_introspection_answers(seen: Any, kind: type[base.PlatformError], reason: Reason | None) -> None:
    linkedin, _ = scripted("linkedin", ENV, {INSPECT: seen})
    with pytest.raises(base.PlatformError) as caught:
        await linkedin.inspect(KNOWN)
    assert type(caught.value) is kind
    assert getattr(caught.value, "reason", None) == reason
    assert "token-1" not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (refused(400, error="invalid_grant", error_description="revoked"), base.TokenRefused, Reason.REVOKED),
        (refused(400, error="invalid_grant", error_description="It has expired"), base.TokenRefused, Reason.EXPIRED),
        (refused(401, error="invalid_client", error_description="x"), base.Misconfigured, None),
        (refused(503, error="temporarily_unavailable"), base.Unavailable, None),
        (httpx2.ReadTimeout("late"), base.Unavailable, None),
        ({"expires_in": 1}, base.OutcomeUnknown, None),
    ],
)
async def test_what_a_refresh_answers(answer: Any, kind: type[base.PlatformError], reason: Reason | None) -> None:
    linkedin, _ = scripted("linkedin", ENV, {TOKEN: answer})
    with pytest.raises(base.PlatformError) as caught:
        await linkedin.renew(KNOWN)
    assert (type(caught.value), getattr(caught.value, "reason", None)) == (kind, reason)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"error": "user_cancelled_login"}, base.Denied),
        ({"error": "user_cancelled_authorize", "error_description": "no"}, base.Denied),
        ({}, base.Denied),
        ({"error": "unauthorized_scope_error"}, base.Misconfigured),
        ({"error": "server_error"}, base.Unavailable),
    ],
)
def test_who_is_told_of_a_failed_sign_in(query: dict[str, str], kind: type[Exception]) -> None:
    linkedin, _ = scripted("linkedin", ENV, {})
    with pytest.raises(kind):
        linkedin.code_from_callback(query)
    assert linkedin.code_from_callback({"code": "c", "state": "s"}) == "c"


def row(id: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": f"Account {id}", "currency": "EUR", "status": "ACTIVE", "type": "BUSINESS", **more}


def role(id: int) -> dict[str, str]:
    return {"account": f"urn:li:sponsoredAccount:{id}", "role": "VIEWER", "user": "urn:li:person:abc"}


async def test_accounts_are_those_with_a_role_over_all_pages() -> None:
    roles = [{"elements": [role(n) for n in range(100)]}, {"elements": [role(100)]}]
    pages = [
        {"elements": [row(n) for n in range(60)], "metadata": {"nextPageToken": "two"}},
        {"elements": [row(n, status="CANCELED") for n in range(60, 101)] + [row(999)], "metadata": {}},
    ]
    linkedin, script = scripted("linkedin", ENV, {ROLES: roles, ACCOUNTS: pages})
    found = await linkedin.ad_accounts(KNOWN)
    assert [account.id for account in found] == [str(n) for n in range(101)]
    assert (found[0].status, found[100].status) == ("active", "disabled")
    assert found[0].extra == {"role": "VIEWER", "type": "BUSINESS"}
    assert [one.get("pageToken") for one in script.asked("/adAccounts")] == [None, "two"]
    assert {one.headers["linkedin-version"] for one in script.requests} == {"202607"}


async def test_a_cursor_that_repeats_ends_the_list() -> None:
    page = {"elements": [row(1)], "metadata": {"nextPageToken": "one"}}
    linkedin, script = scripted("linkedin", ENV, {ROLES: {"elements": [role(1)]}, ACCOUNTS: page})
    assert len(await linkedin.ad_accounts(KNOWN)) == 1
    assert len(script.asked("/adAccounts")) == 2


async def test_accounts_whose_names_cannot_be_had_are_kept_by_their_ids() -> None:
    answers = {ROLES: {"elements": [role(7)]}, ACCOUNTS: refused(403, serviceErrorCode=100, message="no")}
    linkedin, _ = scripted("linkedin", ENV, answers)
    with pytest.raises(base.PartlyListed) as caught:
        await linkedin.ad_accounts(KNOWN)
    assert [(account.id, account.name) for account in caught.value.accounts] == [("7", "7")]


async def test_an_ended_version_is_the_operators_to_change() -> None:
    answer = refused(426, code="NONEXISTENT_VERSION", message="Requested version 202301 is not active")
    linkedin, _ = scripted("linkedin", {**ENV, "SYMPHONY_LINKEDIN_API_VERSION": "202301"}, {ROLES: answer})
    with pytest.raises(base.Misconfigured):
        await linkedin.ad_accounts(KNOWN)
    version = linkedin.api_version()
    assert version is not None
    assert (version.known, version.setting) == (True, "SYMPHONY_LINKEDIN_API_VERSION")
    assert version.ends_at is not None
    assert version.ends_at < NOW


@pytest.mark.parametrize(
    ("name", "value"),
    [("APP_ID", "Not-An-Id"), ("API_VERSION", "2026-07"), ("API_VERSION", "202613"), ("SCOPES", "R-ADS")],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"SYMPHONY_LINKEDIN_{name}"):
        scripted("linkedin", {**ENV, f"SYMPHONY_LINKEDIN_{name}": value}, {})


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        ("r_ads,openid,profile,r_ads_reportng", "did you mean r_ads_reporting"),
        ("r_ads,openid", "must hold profile"),
    ],
)
def test_scopes_that_would_connect_nobody(scopes: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"SYMPHONY_LINKEDIN_SCOPES .*{says}"):
        scripted("linkedin", {**ENV, "SYMPHONY_LINKEDIN_SCOPES": scopes}, {})


def test_scopes_that_only_look_alike_are_taken() -> None:
    """LinkedIn adds scopes: one that is not known here is not refused for that."""
    scopes = ("r_ads", "openid", "profile", "rw_conversions", "r_events", "r_organization_social")
    linkedin, _ = scripted("linkedin", {**ENV, "SYMPHONY_LINKEDIN_SCOPES": " ".join(scopes)}, {})
    assert linkedin.scopes == scopes


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Evil: 1", "tökén"])
async def test_what_no_header_can_carry_is_no_token(token: str) -> None:
    linkedin, script = scripted("linkedin", ENV, {})
    with pytest.raises(base.Rejected):
        await linkedin.ad_accounts(Grant(Secret(token)))
    assert script.requests == []
