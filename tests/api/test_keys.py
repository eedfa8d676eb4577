"""Who may call what."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect.access import api_keys
from symphony_connect.base.ids import Ids
from symphony_connect.proxy.proxy import METHODS
from tests.api.conftest import Api
from tests.platforms.chosen import ANY
from tests.tools.wait import wait_until

CALLS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "PUT /brands": ("PUT", "/brands", {"brandId": 5, "adPlatform": ANY, "accessToken": "EAAB" + "q" * 50}),
    "GET /brands": ("GET", "/brands", None),
    "GET /brands?brandId": ("GET", "/brands?brandId=5", None),
    "DELETE /brands": ("DELETE", "/brands?brandId=5", None),
    "GET connections": ("GET", "/brands/5/connections", None),
    "GET connection": ("GET", f"/brands/5/connections/{ANY}", None),
    "DELETE connection": ("DELETE", f"/brands/5/connections/{ANY}", None),
    "GET token": ("GET", f"/brands/5/connections/{ANY}/token", None),
    "report token": ("POST", f"/brands/5/connections/{ANY}/token/report", {"code": "190"}),
    "verify": ("POST", f"/brands/5/connections/{ANY}/verify", None),
    "renew": ("POST", f"/brands/5/connections/{ANY}/renew", None),
    "GET ad-accounts": ("GET", f"/brands/5/connections/{ANY}/ad-accounts", None),
    "PUT ad-accounts": ("PUT", f"/brands/5/connections/{ANY}/ad-accounts", {"selected": []}),
    "GET assets": ("GET", f"/brands/5/connections/{ANY}/assets", None),
    "PUT assets": ("PUT", f"/brands/5/connections/{ANY}/assets", {"selected": []}),
    **{f"{verb} proxy": (verb, f"/brands/5/connections/{ANY}/proxy/a", None) for verb in METHODS if verb != "HEAD"},
    "POST connect-sessions": ("POST", "/connect-sessions", {"brandId": 5}),
    "DELETE connect-session": ("DELETE", "/connect-sessions/sess_5", None),
    "GET platforms": ("GET", "/platforms", None),
    "GET events": ("GET", "/events", None),
    "GET webhooks": ("GET", "/webhooks", None),
    "POST webhooks": ("POST", "/webhooks", {"url": "http://127.0.0.1:9/hooks"}),
    "PATCH webhook": ("PATCH", "/webhooks/sess_5", {"enabled": True}),
    "DELETE webhook": ("DELETE", "/webhooks/sess_5", None),
    "rotate webhook": ("POST", "/webhooks/sess_5/rotate", None),
    "test webhook": ("POST", "/webhooks/sess_5/test", None),
    "GET deliveries": ("GET", "/webhooks/sess_5/deliveries", None),
    "replay delivery": ("POST", "/webhooks/sess_5/deliveries/evt_5/replay", None),
    "replay failed deliveries": ("POST", "/webhooks/sess_5/replay", None),
    "GET keys": ("GET", "/keys", None),
    "POST keys": ("POST", "/keys", {"scopes": ["keys:write"]}),
    "DELETE key": ("DELETE", "/keys/sess_5", None),
}
NEEDS = {
    "PUT /brands": "brands:write",
    "DELETE /brands": "brands:write",
    "DELETE connection": "brands:write",
    "verify": "brands:write",
    "renew": "brands:write",
    "PUT ad-accounts": "brands:write",
    "GET token": "tokens:read",
    "report token": "tokens:read",
    "PUT assets": "brands:write",
    **{name: "proxy:use" for name in CALLS if "proxy" in name},
    "POST connect-sessions": "connect:write",
    "DELETE connect-session": "connect:write",
    "GET events": "events:read",
    **{name: "webhooks:write" for name in CALLS if "webhook" in name or "deliver" in name},
    "GET keys": "keys:write",
    "POST keys": "keys:write",
    "DELETE key": "keys:write",
}
"""Every other call needs brands:read."""


def call(api: Api, name: str, key: str | None) -> Any:
    method, path, body = CALLS[name]
    return api.send(method, path, key=key, json=body)


def test_these_are_all_the_calls_there_are(api: Api) -> None:
    there = {
        (
            method.upper(),
            path.replace("{brandId}", "5")
            .replace("{platform}", ANY)
            .replace("{id}", "sess_5")
            .replace("{deliveryId}", "evt_5")
            .replace("{path}", "a"),
        )
        for path, methods in api.spec["paths"].items()
        for method in methods
        if method != "head"  # answers as GET, without the body that is looked at here
    }
    called = {(method, "/api/sym/v2" + path.partition("?")[0]) for method, path, _ in CALLS.values()}
    assert called == there


@pytest.fixture(scope="module")
def by_scope(api: Api) -> dict[str, str]:
    """A key with only this scope, and one with all but it."""
    only = {scope: api.new_key(scope) for scope in api_keys.SCOPES}
    all_but = {
        f"not {scope}": api.new_key(*(one for one in api_keys.SCOPES if one != scope)) for scope in api_keys.SCOPES
    }
    return only | all_but


@pytest.mark.parametrize("name", CALLS)
def test_each_call_needs_its_scope_and_no_other(api: Api, by_scope: dict[str, str], name: str) -> None:
    needed = NEEDS.get(name, "brands:read")
    for scope in api_keys.SCOPES:
        answer = call(api, name, by_scope[scope])
        if scope == needed:
            assert answer.status_code in (200, 404, 422), answer.text
        else:
            assert needed in api.refused(answer, 403, "missing_scope")["message"]
    api.refused(call(api, name, by_scope[f"not {needed}"]), 403, "missing_scope")


def wrong_keys() -> dict[str, str]:
    good = api_keys.make("secret", Ids(lambda: 0))
    swapped = "a" if good[20] != "a" else "b"
    return {
        "unknown": good,
        "of another kind": good.replace("sym_sk_", "sym_xk_"),
        "called publishable": good.replace("sym_sk_", "sym_pk_"),
        "mistyped": good[:20] + swapped + good[21:],
        "cut off": good[:-1],
        "too long": good + "a",
        "a placeholder": "YOUR_API_KEY",
        "SQL": "' OR '1'='1",
        "very long": "sym_sk_" + "a" * 6000,
    }


@pytest.mark.parametrize("name", CALLS)
def test_without_a_good_key_nothing_is_told(api: Api, name: str) -> None:
    before = api.stored()
    for key in wrong_keys().values():
        error = api.refused(call(api, name, key), 401, "invalid_key")
        assert key not in str(error)
    answer = call(api, name, None)
    api.refused(answer, 401, "key_required")
    assert answer.headers["www-authenticate"] == "x-api-key"
    assert api.stored() == before


def test_a_malformed_key_is_refused_without_asking_the_store(api: Api) -> None:
    good = api_keys.make("secret", Ids(lambda: 0))
    reply = {api.send("GET", "/brands", key=key).json()["error"]["message"] for key in (good, good[:-1])}
    assert len(reply) == 2


def test_an_ended_key_stops(api: Api) -> None:
    key = api.new_key(days=1)
    assert api.send("GET", "/brands", key=key).status_code == 200
    api.sandbox.advance("25h")
    api.refused(api.send("GET", "/brands", key=key), 401, "invalid_key")
    api.refused(api.send("GET", f"/brands/5/connections/{ANY}/token", key=key), 401, "invalid_key")


def test_a_revoked_key_stops_at_once_and_the_other_goes_on(api: Api) -> None:
    made, other = api.service.new_key(), api.new_key()
    assert api.send("GET", "/brands", key=made["key"]).status_code == 200
    api.service.cli("keys", "revoke", made["id"])
    for path in ("/brands", f"/brands/5/connections/{ANY}/token"):
        api.refused(api.send("GET", path, key=made["key"]), 401, "invalid_key")
    assert api.send("GET", "/brands", key=other).status_code == 200


def test_a_key_is_shown_once_and_stored_as_a_hash(api: Api) -> None:
    made = api.service.new_key("--name", "campaigns", "--scopes", "brands:read,tokens:read")
    assert made["scopes"] == ["brands:read", "tokens:read"]
    listed = api.service.cli("keys", "list", "--json").stdout
    assert made["id"] in listed
    assert made["key"] not in listed
    assert made["key"][7:] not in api.service.log_text()
    assert wait_until(lambda: made["key"] not in str(api.stored()))


def test_metrics_need_a_key(api: Api) -> None:
    key = api.new_key("brands:read")
    assert api.http.get("/metrics").status_code == 401
    assert api.http.get("/metrics", headers={"x-api-key": api.new_key("tokens:read")}).status_code == 403
    text = api.http.get("/metrics", headers={"x-api-key": key}).text
    assert "symphony_requests_total" in text
