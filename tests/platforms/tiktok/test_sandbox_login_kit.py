"""Login Kit beside its dialog: tokens, their end, and the profile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.platforms.tiktok.client import LONG_TERM, Client, back
from tests.tools.sandbox import CALLBACK

APP = {"client_key": LONG_TERM["app_id"], "client_secret": LONG_TERM["secret"]}


def code(client: Client) -> str:
    query = {"client_key": APP["client_key"], "redirect_uri": CALLBACK, "scope": "user.info.basic,video.list"}
    asked = {**query, "response_type": "code", "_sandbox": "approve"}
    return back(client.http.get("/v2/auth/authorize/", params=asked))["code"]


def token(client: Client, slash: str = "/", **form: str) -> Any:
    return client.http.post(f"/v2/oauth/token{slash}", data={**APP, "redirect_uri": CALLBACK, **form})


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_code_gives_flat_tokens_that_refresh(client: Client, slash: str) -> None:
    first = token(client, slash, grant_type="authorization_code", code=code(client)).json()
    assert set(first) == {
        *("open_id", "scope", "access_token", "expires_in", "refresh_token", "refresh_expires_in", "token_type"),
    }
    assert (first["scope"], first["token_type"]) == ("user.info.basic,video.list", "Bearer")
    second = token(client, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "authorization_code", "code": "nothing"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "nothing"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": ""}, "invalid_request"),
        ({"grant_type": "authorization_code", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "authorization_code", "client_key": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_refusals_speak_oauth(client: Client, form: dict[str, str], error: str) -> None:
    answer = token(client, **form)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description", "log_id"}
    assert answer.json()["error"] == error
    assert client.sandbox.calls("tiktok")[-1]["code"] == error


def test_a_code_works_once(client: Client) -> None:
    once = code(client)
    assert token(client, grant_type="authorization_code", code=once).status_code == 200
    assert token(client, grant_type="authorization_code", code=once).json()["error"] == "invalid_grant"


def test_a_used_marketing_code_may_be_40101(client: Client) -> None:
    once = client.code()
    body = {**LONG_TERM, "auth_code": once}
    assert client.post("/oauth2/access_token/", body)["code"] == 0
    assert client.post("/oauth2/access_token/", body)["code"] == 40110
    client.sandbox.control("settings", {"tiktok.usedCodeIs40101": True})
    refused = client.post("/oauth2/access_token/", body)
    assert refused["code"] == 40101
    assert "old auth_code" in refused["message"]
    assert client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": "nothing"})["code"] == 40110


def test_advertisers_may_have_odd_names_and_miss_fields(client: Client) -> None:
    traits = {"name": "odd", "adAccounts": 2, "accountNames": ["", "🛍️"], "missingFields": ["currency"]}
    client.sandbox.control("people", traits)
    token = client.token(_sandbox_person="odd")
    rows = client.advertisers(token)["data"]["list"]
    assert [row["advertiser_name"] for row in rows] == ["", "🛍️"]
    details = client.info(token, [rows[1]["advertiser_id"]], ["name", "currency"])["data"]["list"]
    assert [(row["name"], "currency" in row) for row in details] == [("🛍️", False)]


@pytest.mark.parametrize("body", [{"json": {"client_key": "x"}}, {"content": b""}])
def test_only_a_form_is_taken(client: Client, body: dict[str, Any]) -> None:
    answer = client.http.post("/v2/oauth/token/", **body)
    assert answer.status_code == 200
    assert "Only `application/x-www-form-urlencoded`" in answer.json()["error_description"]


def test_a_token_reads_the_profile_until_it_is_revoked(client: Client) -> None:
    access = token(client, grant_type="authorization_code", code=code(client)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {access}"}
    found = client.http.get("/v2/user/info/", params={"fields": "open_id,display_name"}, headers=bearer).json()
    assert found["error"]["code"] == "ok"
    assert found["data"]["user"] == {"open_id": "open-7100000000000000001", "display_name": "Ada Lark"}
    for fields in ("", "nope"):
        answer = client.http.get("/v2/user/info/", params={"fields": fields}, headers=bearer)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")
    revoked = client.http.post("/v2/oauth/revoke/", data={**APP, "token": access})
    assert (revoked.status_code, revoked.json()) == (200, {})
    answer = client.http.get("/v2/user/info/", params={"fields": "open_id"}, headers=bearer)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_token_invalid")
    assert client.http.post("/v2/oauth/revoke/", data={**APP, "token": access}).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/v2/oauth/token/", "Unsupported path(Janus)"),
        ("POST", "/v2/video/nothing/", "Unsupported path(Janus)"),
        ("GET", "/open_api", "404 page not found"),
        ("GET", "/open_api/v1.4/user/info/", "404 page not found"),
        ("POST", "/portal/nothing", "404 page not found"),
        ("GET", "/marketing_api", "404 page not found"),
    ],
)
def test_unknown_paths_are_answered_as_tiktok_does(client: Client, method: str, path: str, words: str) -> None:
    answer = client.http.request(method, path)
    assert (answer.status_code, answer.text) == (404, words)
    assert client.sandbox.calls("tiktok")[-1]["path"] == path


def test_a_consent_page_takes_get_and_post(client: Client) -> None:
    answer = client.http.delete("/portal/auth")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    odd = client.http.post("/portal/auth", content=b"--x", headers={"Content-Type": "multipart/form-data"})
    assert odd.headers["content-type"].startswith("text/html")
