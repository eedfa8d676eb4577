"""TikTok's settings, consent page, exchange and renewal, as our side uses them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.http import Upstream
from symphony_connect.platforms.tiktok import platform
from tests.platforms.scripted import NOW, scripted
from tests.platforms.tiktok.answers import APP, ENV, PAIR, body, no, ok

SIGN_IN = base.SignIn("state-1", "https://app.example/cb", ("2", "4"), "challenge-1")
EXCHANGE, REFRESH = "POST /oauth2/access_token/", "POST /oauth2/refresh_token/"


def made(production: bool = False, **settings: str) -> base.Platform:
    env = {f"SYMPHONY_TIKTOK_{key}": value for key, value in settings.items()}
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda request: httpx2.Response(500)))
    return platform.create(Env(env).under("TIKTOK"), Upstream(client), lambda: NOW, production)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"APP_ID": "awx1234567"}, "SYMPHONY_TIKTOK_APP_ID must be"),
        ({"SCOPES": "ads"}, "SYMPHONY_TIKTOK_SCOPES lists"),
        ({"AUTH_URL": "/portal/auth"}, "SYMPHONY_TIKTOK_AUTH_URL must be"),
        ({"API_URL": "ftp://x"}, "SYMPHONY_TIKTOK_API_URL must be"),
    ],
)
def test_a_malformed_setting_ends_the_start(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        made(**settings)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"APP_ID": "7000000000000000001", "APP_SECRET": "s"}, "SYMPHONY_TIKTOK_APP_ID is the sandbox's"),
        ({"APP_ID": "7000000000000000002", "APP_SECRET": "s"}, "SYMPHONY_TIKTOK_APP_ID is the sandbox's"),
        ({"AUTH_URL": "http://auth.example"}, "SYMPHONY_TIKTOK_AUTH_URL must start with https"),
        ({"API_URL": "http://api.example"}, "SYMPHONY_TIKTOK_API_URL must start with https"),
    ],
)
def test_production_wants_its_own_app_and_https(settings: dict[str, str], named: str) -> None:
    made(**settings)
    with pytest.raises(ConfigError, match=named):
        made(production=True, **settings)


# Sign-in


def consent(**more: str) -> tuple[str, dict[str, str]]:
    tiktok, _ = scripted("tiktok", ENV | more, {})
    address, _, query = tiktok.authorization_url(SIGN_IN).partition("?")
    return address, {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}


def test_the_consent_page_is_asked_without_pkce() -> None:
    address, query = consent()
    assert address == "https://business-api.tiktok.com/portal/auth"
    assert query == {"app_id": APP["app_id"], "state": "state-1", "redirect_uri": "https://app.example/cb"}


def test_only_configured_scopes_are_asked_for() -> None:
    assert consent(SYMPHONY_TIKTOK_SCOPES="1 4")[1]["scope"] == "[4]"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"auth_code": "a"}, "a"),
        ({"code": "c"}, "c"),
        ({"auth_code": "a", "code": "c"}, "a"),
        ({"auth_code": "", "code": "c"}, "c"),
    ],
)
def test_the_code_goes_by_two_names(query: dict[str, str], code: str) -> None:
    assert made().code_from_callback(query) == code


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({}, base.Denied),
        ({"state": "s"}, base.Denied),
        ({"error": "access_denied"}, base.Denied),
        ({"error_description": "The user said no"}, base.Denied),
        ({"error": "invalid_scope"}, base.Misconfigured),
        ({"error": "x", "auth_code": "a"}, base.Misconfigured),
        ({"error_code": "40113", "error_description": "no app"}, base.Misconfigured),
        ({"error": "server_error"}, base.Unavailable),
        ({"error_code": "50000"}, base.Unavailable),
        ({"error_code": "40100"}, base.Unavailable),
    ],
)
def test_an_error_is_the_owners_the_operators_or_passing(query: dict[str, str], kind: type[base.PlatformError]) -> None:
    with pytest.raises(base.PlatformError) as caught:
        made().code_from_callback(query)
    assert type(caught.value) is kind


async def test_a_long_term_token_has_neither_refresh_token_nor_end() -> None:
    tiktok, script = scripted("tiktok", ENV, {EXCHANGE: body("access_token")})
    grant = await tiktok.exchange("code-1", "https://app.example/cb", "verifier")
    assert (grant.refresh_token, grant.expires_at, grant.refresh_expires_at) == (None, None, None)
    assert grant.scopes == ("1", "2", "4", "18000000", "7043626160646946818")
    assert (tiktok.renew_at(grant, NOW), grant.refresh_token) == (None, None)
    assert await tiktok.extend(grant) is grant
    said = {"auth_code": "code-1", "grant_type": "authorization_code", "return_advertiser_ids": False}
    assert script.asked("/access_token/") == [APP | said]
    with pytest.raises(base.Rejected):
        await tiktok.renew(grant)


async def test_a_short_term_pair_has_both_ends() -> None:
    tiktok, _ = scripted("tiktok", ENV, {EXCHANGE: body("access_token_short_term")})
    grant = await tiktok.exchange("code-1", "https://app.example/cb", "verifier")
    assert grant.refresh_token == Secret(body("access_token_short_term")["data"]["refresh_token"])
    assert (grant.expires_at, grant.refresh_expires_at) == (NOW + DAY, NOW + 365 * DAY)
    assert tiktok.refresh_tokens_work_once
    assert tiktok.renew_at(grant, NOW) == NOW + 16 * HOUR


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(40110, "Auth_code is used"), base.Rejected),
        (no(40113), base.Misconfigured),
        (no(50000), base.Unavailable),
        (ok(), base.OutcomeUnknown),
        (ok(access_token=""), base.OutcomeUnknown),
        ({"data": {"access_token": "t"}}, base.OutcomeUnknown),
        (b"[]", base.OutcomeUnknown),
        (b"<html>", base.OutcomeUnknown),
        (b'{"code":0,"data":{"acc', base.OutcomeUnknown),
        (httpx2.Response(502, json={"message": "bad gateway"}), base.OutcomeUnknown),
        (httpx2.Response(503, json={"message": "busy"}), base.Unavailable),
        (httpx2.ReadError("cut"), base.OutcomeUnknown),
    ],
)
async def test_an_exchange_or_renewal_that_fails_is_sent_once(answer: Any, kind: type[Exception]) -> None:
    tiktok, script = scripted("tiktok", ENV, {EXCHANGE: answer, REFRESH: answer})
    for call in (tiktok.exchange("code-1", "https://app.example/cb", "v"), tiktok.renew(PAIR)):
        script.requests.clear()
        with pytest.raises(base.PlatformError) as caught:
            await call
        assert type(caught.value) is kind
        assert len(script.requests) == 1


# Renewal


async def test_renewing_spends_the_refresh_token_and_keeps_the_new_one() -> None:
    tiktok, script = scripted("tiktok", ENV, {REFRESH: body("refresh_token")})
    renewed = await tiktok.renew(PAIR)
    data = body("refresh_token")["data"]
    assert renewed.access_token.reveal() == data["access_token"]
    assert renewed.refresh_token == Secret(data["refresh_token"])
    assert (renewed.expires_at, renewed.refresh_expires_at) == (NOW + DAY, NOW + 365 * DAY)
    assert script.asked("/refresh_token/") == [APP | {"refresh_token": "refresh-1", "grant_type": "refresh_token"}]


async def test_what_a_renewal_leaves_out_stays_as_it_was() -> None:
    tiktok, _ = scripted("tiktok", ENV, {REFRESH: ok(access_token="token-2")})
    renewed = await tiktok.renew(PAIR)
    assert renewed == Grant(
        Secret("token-2"), PAIR.refresh_token, PAIR.expires_at, PAIR.refresh_expires_at, scopes=("1", "2")
    )


async def test_a_lifetime_left_out_is_the_last_one() -> None:
    """Else the new token would be due at once, again and again."""
    replies = {EXCHANGE: body("access_token_short_term"), REFRESH: ok(access_token="token-2", expires_in=None)}
    tiktok, _ = scripted("tiktok", ENV, replies)
    first = await tiktok.exchange("code-1", "https://app.example/cb", "v")
    renewed = await tiktok.renew(Grant(first.access_token, first.refresh_token, NOW - DAY, extra=first.extra))
    assert renewed.expires_at == NOW + DAY


@pytest.mark.parametrize(("code", "reason"), [(40103, "expired"), (40107, "revoked")])
async def test_a_dead_refresh_token_needs_the_owner(code: int, reason: str) -> None:
    tiktok, _ = scripted("tiktok", ENV, {REFRESH: no(code)})
    with pytest.raises(base.TokenRefused) as caught:
        await tiktok.renew(PAIR)
    assert caught.value.reason == reason
