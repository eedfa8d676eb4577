"""The look-alike: the shapes of documented answers, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect.base.clock import SECOND
from tests.platforms.linkedin.contract import APP, SCOPE, exchanged, issue, works
from tests.platforms.scripted import sample
from tests.tools.sandbox import CALLBACK, Sandbox

OAUTH, API = "/linkedin/oauth/v2", "/linkedin"
VERSION = {"LinkedIn-Version": "202607"}
PAIR = {"client_id": APP[0], "client_secret": APP[1]}


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def get(sandbox: Sandbox, path: str, token: str, **params: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", **VERSION}
    return sandbox.client.get(f"{API}/{path}", params=params, headers=headers)


def post(sandbox: Sandbox, path: str, **form: str) -> Any:
    return sandbox.client.post(f"{OAUTH}/{path}", data={**PAIR, **form})


def test_answers_have_the_documented_shapes(sandbox: Sandbox) -> None:
    granted = exchanged(sandbox, "ada", None, "")
    token = granted["access_token"]
    seen = {
        "access_token": granted,
        "introspect_token": post(sandbox, "introspectToken", token=token).json(),
        "userinfo": get(sandbox, "v2/userinfo", token).json(),
        "ad_account_users": get(sandbox, "rest/adAccountUsers", token, q="authenticatedUser").json(),
        "ad_accounts": get(sandbox, "rest/adAccounts", token, q="search").json(),
    }
    assert {name: shape(body) for name, body in seen.items()} == {
        name: shape(sample("linkedin", name)["body"]) for name in seen
    }


@pytest.mark.parametrize(
    "name", ["access_token", "introspect_token", "userinfo", "ad_account_users", "ad_accounts", "errors"]
)
def test_a_sample_names_its_source_and_date(name: str) -> None:
    assert sample("linkedin", name)["source"]
    assert sample("linkedin", name)["date"].startswith("2026-")


def test_a_code_works_once_and_for_its_own_address(sandbox: Sandbox) -> None:
    asked = {"client_id": APP[0], "redirect_uri": CALLBACK, "response_type": "code", "scope": SCOPE}
    code = sandbox.consent(f"{OAUTH}/authorization", asked, "ada")["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    assert post(sandbox, "accessToken", **form).status_code == 200
    assert post(sandbox, "accessToken", **form).json()["error"] == "invalid_request"
    code = sandbox.consent(f"{OAUTH}/authorization", asked, "ada")["code"]
    elsewhere = {**form, "code": code, "redirect_uri": f"{CALLBACK}/else"}
    assert post(sandbox, "accessToken", **elsewhere).json()["error"] == "invalid_redirect_uri"


def test_all_or_nothing_is_asked_and_no_unknown_scope(sandbox: Sandbox) -> None:
    asked = {"client_id": APP[0], "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}
    page = sandbox.client.get(f"{OAUTH}/authorization", params={**asked, "scope": SCOPE})
    assert "asks for all of these or nothing" in page.text
    answer = sandbox.client.get(f"{OAUTH}/authorization", params={**asked, "scope": "r_ads nonsense"})
    assert "error=unauthorized_scope_error" in answer.headers["location"]
    denied = sandbox.client.get(f"{OAUTH}/authorization", params={**asked, "scope": SCOPE, "_sandbox": "deny"})
    assert "error=user_cancelled_authorize" in denied.headers["location"]


def test_another_set_of_scopes_ends_the_members_tokens(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    first = exchanged(sandbox, who, None, "")["access_token"]
    assert works(sandbox, exchanged(sandbox, who, None, "")["access_token"])
    assert works(sandbox, first)
    exchanged(sandbox, who, None, "openid profile")
    assert not works(sandbox, first)


def test_a_refresh_keeps_the_refresh_token_and_its_end(sandbox: Sandbox) -> None:
    granted = exchanged(sandbox, sandbox.newcomer(), None, "")
    sandbox.advance("350d")
    again = post(sandbox, "accessToken", grant_type="refresh_token", refresh_token=granted["refresh_token"]).json()
    assert again["refresh_token"] == granted["refresh_token"]
    assert 14 * 86_400 < again["refresh_token_expires_in"] <= 15 * 86_400
    assert again["expires_in"] == again["refresh_token_expires_in"]
    sandbox.advance("16d")
    over = post(sandbox, "accessToken", grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert (over.status_code, over.json()["error"]) == (400, "invalid_grant")


def test_introspection_tells_whose_app_a_token_is(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    other = issue(sandbox, who, app="78sandboxother")["accessToken"]
    seen = post(sandbox, "introspectToken", token=other).json()
    assert (seen["active"], seen["client_id"]) == (True, "78sandboxother")
    assert post(sandbox, "introspectToken", token="none").json() == {"active": False}
    ended = issue(sandbox, who, expiresIn=-60)["accessToken"]
    assert post(sandbox, "introspectToken", token=ended).json()["status"] == "expired"
    assert seen["expires_at"] - seen["created_at"] == 60 * 86_400
    assert seen["created_at"] * SECOND <= sandbox.client.get("/_sandbox/clock").json()["timeMs"]


def test_only_partners_are_issued_refresh_tokens(sandbox: Sandbox) -> None:
    usual = exchanged(sandbox, sandbox.newcomer(), ("78sandboxusual", "sandbox-linkedin-secret"), "")
    assert "refresh_token" not in usual


def test_what_the_api_refuses(sandbox: Sandbox) -> None:
    who = sandbox.newcomer()
    token = issue(sandbox, who)["accessToken"]
    url, bearer = f"{API}/rest/adAccounts?q=search", {"Authorization": f"Bearer {token}"}
    assert sandbox.client.get(url, headers=bearer).json()["code"] == "VERSION_MISSING"
    sandbox.control("settings", {"linkedin.endsVersions": True})
    old = {**bearer, "LinkedIn-Version": "202401"}
    assert sandbox.client.get(url, headers=old).status_code == 426
    sandbox.control("settings", {"linkedin.endsVersions": False})
    assert get(sandbox, "rest/adAccounts", token, q="all").status_code == 400
    assert get(sandbox, "rest/adAccounts/1", token).status_code == 404
    assert get(sandbox, "rest/nothing", token).json()["code"] == "RESOURCE_NOT_FOUND"
    assert get(sandbox, "rest/adAccountUsers", token, q="authenticatedUser", start="-1").status_code == 400
    assert get(sandbox, "rest/adAccounts", "AQXnone", q="search").json()["serviceErrorCode"] == 65600
    some = issue(sandbox, sandbox.newcomer(), scopes=["openid"])["accessToken"]
    assert get(sandbox, "rest/adAccounts", some, q="search").json()["serviceErrorCode"] == 100
    sandbox.person(who, "revoke", platform="linkedin")
    assert get(sandbox, "rest/adAccounts", token, q="search").json()["serviceErrorCode"] == 65601


def test_pages_of_accounts(sandbox: Sandbox) -> None:
    token = issue(sandbox, sandbox.newcomer(adAccounts=130))["accessToken"]
    first = get(sandbox, "rest/adAccounts", token, q="search", pageSize="100").json()
    following = first["metadata"]["nextPageToken"]
    second = get(sandbox, "rest/adAccounts", token, q="search", pageSize="100", pageToken=following).json()
    assert [len(first["elements"]), len(second["elements"]), second["metadata"]] == [100, 30, {}]


@pytest.mark.parametrize("wishes", [{"app": "none"}, {"scopes": ["none"]}, {"expiresIn": "soon"}, {"kind": "long"}])
def test_a_wish_that_makes_no_sense_is_refused(sandbox: Sandbox, wishes: dict[str, Any]) -> None:
    answer = sandbox.client.post("/_sandbox/tokens", json={"platform": "linkedin", "person": "ada", **wishes})
    assert answer.status_code == 400
