"""Meta's settings, dialog, callback and token endpoint, as our side uses them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.http import Upstream
from symphony_connect.platforms.meta import platform
from tests.platforms.scripted import NOW, scripted

ENV = {
    "SYMPHONY_META_APP_ID": "100000000000001",
    "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret",
    "SYMPHONY_META_SCOPES": "ads_read, business_management",
}
SIGN_IN = base.SignIn("state-1", "https://app.example/cb?a=b", ("ads_read", "email"), "challenge-1", "rerequest")
ISSUED = {"access_token": "EAAnew", "token_type": "bearer", "expires_in": 5183944}
TOKEN_ENDPOINT = "POST /v26.0/oauth/access_token"


def made(production: bool = False, **settings: str) -> base.Platform:
    env = {f"SYMPHONY_META_{key}": value for key, value in settings.items()}
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda request: httpx2.Response(500)))
    return platform.create(Env(env).under("META"), Upstream(client), lambda: NOW, production)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"APP_ID": "my app"}, "SYMPHONY_META_APP_ID must be"),
        ({"APP_SECRET": "two words"}, "SYMPHONY_META_APP_SECRET holds"),
        ({"CONFIG_ID": "x"}, "SYMPHONY_META_CONFIG_ID must be"),
        ({"SCOPES": "ads_read,Ads Read"}, "SYMPHONY_META_SCOPES lists"),
        ({"API_VERSION": "26"}, "SYMPHONY_META_API_VERSION must look like v26.0"),
        ({"API_VERSION": "v26.0/../x"}, "SYMPHONY_META_API_VERSION must look like v26.0"),
        ({"GRAPH_URL": "graph.facebook.com"}, "SYMPHONY_META_GRAPH_URL must be"),
        ({"APP_SECRET_FILE": "/nowhere/secret"}, "SYMPHONY_META_APP_SECRET_FILE names"),
    ],
)
def test_a_malformed_setting_ends_the_start(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        made(**settings)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"APP_ID": "100000000000001", "APP_SECRET": "s"}, "SYMPHONY_META_APP_ID is the sandbox's"),
        ({"GRAPH_URL": "http://graph.example"}, "SYMPHONY_META_GRAPH_URL must start with https"),
        ({"DIALOG_URL": "http://dialog.example"}, "SYMPHONY_META_DIALOG_URL must start with https"),
    ],
)
def test_production_wants_its_own_app_and_https(settings: dict[str, str], named: str) -> None:
    made(**settings)
    with pytest.raises(ConfigError, match=named):
        made(production=True, **settings)


def test_missing_settings_are_named() -> None:
    assert made().missing_settings == ("SYMPHONY_META_APP_ID", "SYMPHONY_META_APP_SECRET")
    with pytest.raises(ConfigError, match="SYMPHONY_META_APP_SECRET is missing"):
        made(APP_ID="100000000000001")
    assert made(APP_ID="100000000000001", APP_SECRET="s").missing_settings == ()


def dialog(env: dict[str, str], sign_in: base.SignIn = SIGN_IN) -> tuple[str, dict[str, str]]:
    meta, _ = scripted("meta", env, {})
    address, _, query = meta.authorization_url(sign_in).partition("?")
    return address, {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}


def test_the_dialog_asks_for_a_code_with_pkce_and_for_configured_scopes_only() -> None:
    address, query = dialog(ENV)
    assert address == "https://www.facebook.com/v26.0/dialog/oauth"
    assert query == {
        "client_id": "100000000000001",
        "redirect_uri": "https://app.example/cb?a=b",
        "response_type": "code",
        "state": "state-1",
        "scope": "ads_read",
        "code_challenge": "challenge-1",
        "code_challenge_method": "S256",
        "auth_type": "rerequest",
    }


def test_a_configuration_of_facebook_login_for_business_replaces_scopes() -> None:
    _, query = dialog(ENV | {"SYMPHONY_META_CONFIG_ID": "77"})
    assert query["config_id"] == "77"
    assert query["override_default_response_type"] == "true"
    assert "scope" not in query


def test_an_unknown_auth_type_goes_nowhere() -> None:
    _, query = dialog(ENV, base.SignIn("s", "https://app.example/cb", ("ads_read",), "c", "evil&scope=x"))
    assert "auth_type" not in query


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"error": "access_denied", "error_code": "200", "error_reason": "user_denied"}, base.Denied),
        ({"error": "access_denied", "code": "stray"}, base.Denied),
        ({"error_code": "200", "error_message": "Permissions error"}, base.Denied),
        ({}, base.Denied),
        ({"code": ""}, base.Denied),
        ({"error": "server_error"}, base.Unavailable),
        ({"error_code": "2", "error_message": "Service temporarily unavailable"}, base.Unavailable),
        ({"error_code": "1349126", "error_message": "App not active"}, base.Misconfigured),
        ({"error": "invalid_scope"}, base.Misconfigured),
        ({"error_code": "not a number"}, base.Misconfigured),
    ],
)
def test_a_callback_without_a_code(query: dict[str, str], kind: type[base.PlatformError]) -> None:
    meta, _ = scripted("meta", ENV, {})
    with pytest.raises(base.PlatformError) as caught:
        meta.code_from_callback(query | {"state": "state-1"})
    assert type(caught.value) is kind
    assert caught.value.message


def test_a_callback_with_a_code() -> None:
    meta, _ = scripted("meta", ENV, {})
    assert meta.code_from_callback({"code": "AQabc", "state": "state-1"}) == "AQabc"


async def test_the_exchange_keeps_secret_and_code_out_of_the_address() -> None:
    meta, script = scripted("meta", ENV, {TOKEN_ENDPOINT: ISSUED})
    grant = await meta.exchange("AQcode", "https://app.example/cb", "verifier-1")
    assert (grant.access_token.reveal(), grant.expires_at) == ("EAAnew", NOW + 5_183_944_000)
    assert (grant.refresh_token, grant.scopes) == (None, None)
    assert script.asked("/oauth/access_token") == [
        {
            "grant_type": "authorization_code",
            "client_id": "100000000000001",
            "client_secret": "sandbox-meta-secret",
            "redirect_uri": "https://app.example/cb",
            "code": "AQcode",
            "code_verifier": "verifier-1",
        }
    ]
    assert urlsplit(str(script.requests[0].url)).query == ""


@pytest.mark.parametrize(
    ("left", "end"),
    [({}, None), ({"expires_in": None}, None), ({"expires_in": 0}, None), ({"expires_in": "3600"}, 3_600_000)],
)
async def test_an_end_left_out_is_no_end_known(left: dict[str, Any], end: int | None) -> None:
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: {"access_token": "EAAnew"} | left})
    grant = await meta.exchange("AQcode", "https://app.example/cb", "v")
    assert grant.expires_at == (None if end is None else NOW + end)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        b"[]",
        True,
        {"access_token": ""},
        {"access_token": {"a": 1}},
        b"<html>",
        b'{"access_to',
        httpx2.ReadError("cut"),
    ],
)
async def test_an_exchange_whose_answer_is_lost_is_never_repeated(answer: Any) -> None:
    meta, script = scripted("meta", ENV, {TOKEN_ENDPOINT: answer})
    with pytest.raises(base.OutcomeUnknown):
        await meta.exchange("AQcode", "https://app.example/cb", "v")
    assert len(script.requests) == 1


async def test_the_app_is_checked_with_its_own_credentials() -> None:
    meta, script = scripted("meta", ENV, {TOKEN_ENDPOINT: {"access_token": "1|x", "token_type": "bearer"}})
    await meta.check_app()
    assert script.asked("/oauth/access_token")[0]["grant_type"] == "client_credentials"
    wrong = httpx2.Response(400, json={"error": {"code": 1, "message": "Error validating client secret."}})
    meta, _ = scripted("meta", ENV, {TOKEN_ENDPOINT: wrong})
    with pytest.raises(base.Misconfigured):
        await meta.check_app()


async def test_every_call_with_a_persons_token_proves_the_secret() -> None:
    meta, script = scripted("meta", ENV, {"DELETE /me/permissions": b"true"})
    await meta.revoke(Grant(Secret("EAAmine")))
    proof = hmac.new(b"sandbox-meta-secret", b"EAAmine", hashlib.sha256).hexdigest()
    assert script.asked("/me/permissions") == [{"access_token": "EAAmine", "appsecret_proof": proof}]


async def test_a_revocation_that_is_not_confirmed_is_none() -> None:
    meta, _ = scripted("meta", ENV, {"DELETE /me/permissions": {"success": False}})
    with pytest.raises(base.Rejected):
        await meta.revoke(Grant(Secret("EAAmine")))
