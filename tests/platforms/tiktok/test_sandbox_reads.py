"""Who may read what with a token, and how paths and verbs are told apart."""

from __future__ import annotations

import json

import pytest

from tests.platforms.tiktok.client import ADA, API, LONG_TERM, OTHER_APP, SHORT_TERM, Client, answer, ok, refusal

NO_TOKEN = (40104, "Access token is null, you should set it in http header with key Access-Token.")
OTHER_APPS_TOKEN = (
    40000,
    "The app_id is inconsistent with the token's app information. Please retry after correcting it.",
)
READS = ["/oauth2/advertiser/get/", "/user/info/", "/advertiser/info/"]
BUSINESS = "7300000000000030001"


@pytest.mark.parametrize("path", READS)
def test_only_the_header_carries_a_token(client: Client, path: str) -> None:
    token = client.token()
    assert refusal(client.get(path, **LONG_TERM)) == NO_TOKEN
    bearer = {"Authorization": f"Bearer {token}"}
    assert refusal(answer(client.http.get(API + path, params=LONG_TERM, headers=bearer))) == NO_TOKEN
    assert refusal(client.get(path, **LONG_TERM, access_token=token)) == NO_TOKEN


@pytest.mark.parametrize("path", READS)
def test_a_token_that_nobody_issued(client: Client, path: str) -> None:
    code, words = refusal(client.get(path, "x", **LONG_TERM, advertiser_ids=json.dumps(ADA)))
    assert (code, words) == (40105, "Access token is incorrect or has been revoked.")


@pytest.mark.parametrize("app", [OTHER_APP, SHORT_TERM])
def test_advertisers_of_another_apps_token(client: Client, app: dict[str, str]) -> None:
    assert refusal(client.advertisers(client.token(app))) == OTHER_APPS_TOKEN
    ok(client.advertisers(client.token(app), app))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret": "wrong"}, 40101),
        ({"app_id": "7000000000000000009"}, 40113),
        ({"app_id": "abc"}, 40002),
        ({"app_id": ""}, 40002),
        ({"secret": ""}, 40002),
    ],
)
def test_advertisers_want_the_app_proven(client: Client, wrong: dict[str, str], code: int) -> None:
    assert client.advertisers(client.token(), {**LONG_TERM, **wrong})["code"] == code


def test_advertisers_have_string_ids_and_names(client: Client) -> None:
    assert ok(client.advertisers(client.token())) == {
        "list": [
            {"advertiser_id": ADA[0], "advertiser_name": "Ada Lark Ads 1"},
            {"advertiser_id": ADA[1], "advertiser_name": "Ada Lark Ads 2"},
        ]
    }


@pytest.mark.parametrize(
    ("person", "accounts", "status", "owned", "scopes"),
    [
        ("ada", 2, "STATUS_ENABLE", False, 10),
        ("noaccounts", 0, "", False, 10),
        ("business", 2, "STATUS_ENABLE", True, 10),
        ("disabled", 1, "STATUS_DISABLE", False, 10),
        ("partial", 2, "STATUS_ENABLE", False, 2),
    ],
)
def test_the_ready_made_people(
    client: Client, person: str, accounts: int, status: str, owned: bool, scopes: int
) -> None:
    tokens = client.tokens(_sandbox_person=person)
    assert (len(tokens["advertiser_ids"]), len(tokens["scope"])) == (accounts, scopes)
    if accounts:
        details = ok(client.info(tokens["access_token"], tokens["advertiser_ids"]))["list"]
        assert {(each["status"], each["owner_bc_id"] is not None) for each in details} == {(status, owned)}


def test_user_info_masks_the_address(client: Client) -> None:
    data = ok(client.get("/user/info/", client.token()))
    assert data.keys() == {"display_name", "email", "core_user_id", "create_time", "avatar_url"}
    assert (data["display_name"], data["email"]) == ("Ada Lark", "a***a@example.com")
    assert int(data["core_user_id"]) > 2**53
    posted = client.http.post(f"{API}/user/info/", headers={"Access-Token": client.token()})
    assert ok(answer(posted)) == data


def test_advertiser_info_narrows_to_fields(client: Client) -> None:
    token = client.token()
    assert ok(client.info(token, ADA[1:], ["name", "currency"]))["list"] == [
        {"advertiser_id": ADA[1], "name": "Ada Lark Ads 2", "currency": "EUR"}
    ]
    assert client.info(token, ADA, ["name", "nonsense"])["code"] == 40002


def test_advertiser_info_takes_a_hundred_ids_and_no_more(client: Client) -> None:
    client.sandbox.control("people", {"name": "agency", "adAccounts": 101})
    tokens = client.tokens(_sandbox_person="agency")
    ids = tokens["advertiser_ids"]
    assert len(ok(client.info(tokens["access_token"], ids[:100]))["list"]) == 100
    assert client.info(tokens["access_token"], ids)["code"] == 40011


def test_advertiser_info_of_others(client: Client) -> None:
    token = client.token(account=ADA[0])
    assert client.info(token, ADA)["code"] == 40001
    assert client.info(token, [ADA[0], BUSINESS])["code"] == 40001
    assert client.info(token, ["7399999999999999999"])["code"] == 40301


@pytest.mark.parametrize("ids", ["", "[]", ADA[0], ",".join(ADA), '{"a":1}', "[[]]", "[null]"])
def test_advertiser_ids_are_a_json_array(client: Client, ids: str) -> None:
    assert client.get("/advertiser/info/", client.token(), advertiser_ids=ids)["code"] == 40002


def test_a_get_may_leave_the_slash_out_and_a_post_may_not(client: Client) -> None:
    token = client.token()
    assert ok(client.get("/user/info", token))["display_name"] == "Ada Lark"
    assert ok(client.get("/oauth2/advertiser/get", token, **LONG_TERM))["list"]
    missed = client.http.post(f"{API}/oauth2/access_token", json={**LONG_TERM, "auth_code": client.code()})
    assert (missed.status_code, missed.text) == (404, "404 page not found")
    assert missed.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/oauth2/access_token/"),
        ("GET", "/oauth2/access_token"),
        ("PUT", "/oauth2/access_token/"),
        ("GET", "/oauth2/refresh_token/"),
        ("DELETE", "/oauth2/revoke_token/"),
        ("POST", "/oauth2/advertiser/get/"),
        ("POST", "/advertiser/info/"),
        ("GET", "/tt_user/oauth2/token/"),
    ],
)
def test_a_wrong_verb_meets_an_html_page(client: Client, verb: str, path: str) -> None:
    response = client.http.request(verb, API + path)
    assert response.status_code == 405
    assert response.headers["content-type"].startswith("text/html")
    assert "<html>" in response.text


@pytest.mark.parametrize(
    "path", ["/open_api/v1.3/nothing/", "/open_api/v2.0/user/info/", "/open_api/v1.3", "/open_api/"]
)
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    response = client.http.get(path)
    assert (response.status_code, response.text) == (404, "404 page not found")


@pytest.mark.parametrize("version", ["/v1.3", "/v1.2", "/v1.1", ""])
def test_other_versions_answer_alike(client: Client, version: str) -> None:
    body = {**LONG_TERM, "auth_code": client.code()}
    ok(answer(client.http.post(f"/open_api{version}/oauth2/access_token/", json=body)))


def test_a_request_id_begins_with_the_time(client: Client) -> None:
    client.sandbox.advance("400d")
    now = client.http.get("/_sandbox/clock").json()["time"]
    assert client.get("/user/info/")["request_id"].startswith(now[:10].replace("-", ""))
