"""Codes, tokens, refresh and revocation, with the refusals that each can meet."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from tests.platforms.tiktok.client import ADA, API, LONG_TERM, OTHER_APP, SHORT_TERM, Client, ok, refusal
from tests.tools.sandbox import CALLBACK

CANCELED = (40110, "The auth_code is canceled. Please re-authorize and try again with a new auth_code.")
WRONG_TOKEN = (40105, "Access token is incorrect or has been revoked.")


def exchange(client: Client, code: str, app: dict[str, Any] = LONG_TERM, **more: Any) -> Any:
    return client.post("/oauth2/access_token/", {**app, "auth_code": code, **more})


def test_a_long_term_token_has_no_end_and_no_refresh_token(client: Client) -> None:
    data = client.tokens()
    assert data.keys() == {"access_token", "advertiser_ids", "scope"}
    assert data["advertiser_ids"] == ADA
    assert all(isinstance(each, int) for each in data["scope"])
    assert max(data["scope"]) > 2**53
    client.sandbox.advance("3650d")
    assert ok(client.advertisers(data["access_token"]))["list"]


def test_a_short_term_token_ends_after_a_day(client: Client) -> None:
    data = client.tokens(SHORT_TERM)
    assert (data["expires_in"], data["refresh_token_expires_in"]) == (86400, 31536000)
    client.sandbox.advance("23h59m")
    ok(client.advertisers(data["access_token"], SHORT_TERM))
    client.sandbox.advance("1m")
    assert client.advertisers(data["access_token"], SHORT_TERM)["code"] == 40102
    assert client.get("/user/info/", data["access_token"])["code"] == 40102


def test_the_app_id_may_be_a_number_and_the_list_left_out(client: Client) -> None:
    app = {**LONG_TERM, "app_id": int(LONG_TERM["app_id"])}
    assert ok(exchange(client, client.code(), app, return_advertiser_ids=False))["advertiser_ids"] == []
    assert ok(exchange(client, client.code(), app, return_advertiser_ids=True))["advertiser_ids"] == ADA


@pytest.mark.parametrize("grant_type", ["authorization_code", "auth_code", "", 7])
def test_grant_type_is_ignored(client: Client, grant_type: Any) -> None:
    ok(exchange(client, client.code(), grant_type=grant_type))


def test_a_code_works_once(client: Client) -> None:
    code = client.code()
    ok(exchange(client, code))
    assert refusal(exchange(client, code)) == (40110, "Auth_code is used，please re-authorize.")


def test_a_code_lives_for_an_hour(client: Client) -> None:
    early, late = client.code(), client.code()
    client.sandbox.advance("59m")
    ok(exchange(client, early))
    client.sandbox.advance("1m")
    code, words = refusal(exchange(client, late))
    assert (code, "expired" in words) == (40110, True)


def test_a_code_is_canceled_with_its_approval_and_when_unknown(client: Client) -> None:
    code = client.code()
    client.sandbox.person("ada", "revoke")
    assert refusal(exchange(client, code)) == CANCELED
    assert refusal(exchange(client, "f" * 40)) == CANCELED


def test_a_code_of_another_app_is_not_spent(client: Client) -> None:
    code = client.code()
    assert exchange(client, code, SHORT_TERM)["code"] == 40101
    ok(exchange(client, code))


@pytest.mark.parametrize(
    ("app", "code"),
    [
        ({"secret": "wrong"}, 40101),
        ({"app_id": "7000000000000000009"}, 40113),
        ({"app_id": "abc"}, 40002),
        ({"app_id": "9" * 30}, 40002),
        ({"app_id": None}, 40002),
        ({"secret": None}, 40002),
        ({"auth_code": ""}, 40002),
    ],
)
def test_a_wrong_app_is_refused_and_spends_nothing(client: Client, app: dict[str, Any], code: int) -> None:
    fresh = client.code()
    assert client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": fresh, **app})["code"] == code
    ok(exchange(client, fresh))


def test_a_word_for_an_app_id_meets_the_parser(client: Client) -> None:
    answer = exchange(client, "x", {**LONG_TERM, "app_id": "abc"})
    assert 'strconv.ParseInt: parsing "abc": invalid syntax' in answer["message"]


@pytest.mark.parametrize("body", ["", "no json", "[]", "7", "app_id=7000000000000000001&secret=s&auth_code=c"])
def test_a_body_that_is_no_object_is_refused(client: Client, body: str) -> None:
    response = client.http.post(f"{API}/oauth2/access_token/", content=body)
    assert response.status_code == 200
    assert response.json()["code"] == 40002


def test_the_usual_exchange_reads_no_form(client: Client) -> None:
    code = client.code()
    posted = client.http.post(f"{API}/oauth2/access_token/", data={**LONG_TERM, "auth_code": code})
    assert posted.json()["code"] == 40002
    ok(exchange(client, code))


@pytest.mark.parametrize("path", ["/oauth/token/", "/oauth2/token/"])
@pytest.mark.parametrize("way", ["data", "json"])
def test_the_flat_exchange(client: Client, path: str, way: str) -> None:
    fields = {
        "client_id": LONG_TERM["app_id"],
        "client_secret": LONG_TERM["secret"],
        "code": client.code(),
        "grant_type": "authorization_code",
    }
    body = client.http.post(API + path, **{way: fields}).json()
    assert body.keys() == {"code", "message", "request_id", "access_token", "token_type", "scope", "advertiser_ids"}
    assert body["code"] == 0
    ok(client.advertisers(body["access_token"]))
    again = client.http.post(API + path, **{way: fields}).json()
    assert (again["code"], "data" in again) == (40110, False)
    assert client.http.post(API + path, **{way: {**fields, "grant_type": "password"}}).json()["code"] == 40108


def test_refreshing_rotates_and_the_old_access_token_lives_on(client: Client) -> None:
    first = client.tokens(SHORT_TERM)
    second = ok(client.refresh(first["refresh_token"]))
    assert second.keys() == first.keys()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    ok(client.advertisers(first["access_token"], SHORT_TERM))
    ok(client.advertisers(second["access_token"], SHORT_TERM))
    assert client.refresh(first["refresh_token"])["code"] == 40107
    ok(client.refresh(second["refresh_token"]))


def test_refreshing_can_end_the_old_access_token(client: Client) -> None:
    client.sandbox.control("settings", {"tiktok.refreshEndsOldToken": True})
    first = client.tokens(SHORT_TERM)
    second = ok(client.refresh(first["refresh_token"]))
    assert refusal(client.advertisers(first["access_token"], SHORT_TERM)) == WRONG_TOKEN
    ok(client.advertisers(second["access_token"], SHORT_TERM))


def test_an_aged_refresh_token_has_expired(client: Client) -> None:
    tokens = client.tokens(SHORT_TERM)
    client.sandbox.advance("364d23h")
    renewed = ok(client.refresh(tokens["refresh_token"]))
    client.sandbox.advance("365d")
    assert client.refresh(renewed["refresh_token"])["code"] == 40103


def test_a_long_term_app_refreshes_nothing(client: Client) -> None:
    token = client.token()
    assert client.refresh(token, LONG_TERM)["code"] == 40107
    short = client.tokens(SHORT_TERM)
    assert client.refresh(short["refresh_token"], LONG_TERM)["code"] == 40107
    ok(client.refresh(short["refresh_token"]))


def test_revoking_ends_the_access_and_its_refresh_token(client: Client) -> None:
    tokens = client.tokens(SHORT_TERM)
    body = {**SHORT_TERM, "access_token": tokens["access_token"]}
    assert ok(client.post("/oauth2/revoke_token/", body)) == {"app_id": SHORT_TERM["app_id"], "advertiser_ids": ADA}
    assert refusal(client.advertisers(tokens["access_token"], SHORT_TERM)) == WRONG_TOKEN
    assert client.refresh(tokens["refresh_token"])["code"] == 40107
    assert refusal(client.post("/oauth2/revoke_token/", body)) == WRONG_TOKEN


def test_one_app_does_not_revoke_another_ones_token(client: Client) -> None:
    token = client.token()
    assert client.post("/oauth2/revoke_token/", {**OTHER_APP, "access_token": token})["code"] == 40000
    ok(client.advertisers(token))


@pytest.mark.parametrize("strict", [False, True])
def test_a_challenge_counts_only_when_switched_on(client: Client, strict: bool) -> None:
    client.sandbox.control("settings", {"tiktok.strictPkce": strict})
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    standard = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    wrong = exchange(client, client.code(code_challenge=standard), code_verifier="w" * 43)
    assert wrong["code"] == (40002 if strict else 0)
    for challenge in (standard, digest.hex()):
        ok(exchange(client, client.code(code_challenge=challenge), code_verifier=verifier))
    ok(exchange(client, client.code(code_challenge=standard)))


def creator_code(client: Client) -> str:
    query = {"client_key": LONG_TERM["app_id"], "redirect_uri": CALLBACK, "_sandbox": "approve"}
    location: str = client.http.get("/v2/auth/authorize", params=query).headers["location"]
    return location.partition("&code=")[2]


def test_accounts_have_tokens_of_their_own(client: Client) -> None:
    proof = {"client_id": LONG_TERM["app_id"], "client_secret": LONG_TERM["secret"]}
    body = {**proof, "grant_type": "authorization_code", "redirect_uri": CALLBACK}
    first = ok(client.post("/tt_user/oauth2/token/", {**body, "auth_code": creator_code(client)}))
    assert (first["expires_in"], first["refresh_token_expires_in"]) == (86400, 31536000)
    about = {"app_id": LONG_TERM["app_id"], "access_token": first["access_token"]}
    assert ok(client.post("/tt_user/token_info/get/", about)).keys() == {"app_id", "scope", "creator_id"}
    assert client.advertisers(first["access_token"])["code"] == 40105

    renew = {**proof, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = ok(client.post("/tt_user/oauth2/refresh_token/", renew))
    assert client.post("/tt_user/oauth2/refresh_token/", renew)["code"] == 40107
    assert client.post("/tt_user/oauth2/refresh_token/", {**renew, "grant_type": "x"})["code"] == 40108
    assert ok(client.post("/tt_user/oauth2/revoke/", {**proof, "access_token": second["access_token"]})) == {}
    assert client.post("/tt_user/token_info/get/", about)["code"] == 40105


def test_a_code_of_the_other_family_is_refused(client: Client) -> None:
    assert exchange(client, creator_code(client))["code"] == 40115
