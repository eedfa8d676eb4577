"""Reading the graph: who may see what, fields, pages, batches, headers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.platforms.meta.client import APP_ID, APP_TOKEN, OTHER_APP, Client, proof, refused

USER = "10200000000000001"


@pytest.mark.parametrize("path", ["/me", "/v26.0/me", "/v26.0/me/", "/v21.0/me", "/v3.2/me", f"/v26.0/{USER}"])
def test_a_person_is_found_by_me_and_by_id(client: Client, path: str) -> None:
    answer = client.http.get(path, params={"access_token": client.issue()})
    assert answer.json() == {"id": USER, "name": "Ada Lark"}


def test_the_token_may_be_in_header_query_or_form(client: Client) -> None:
    token = client.issue()
    assert client.http.get("/v26.0/me", headers={"Authorization": f"Bearer {token}"}).json()["id"] == USER
    form = {"access_token": token, "method": "get"}
    assert client.http.post("/v26.0/me", data=form).json()["id"] == USER


def test_no_token_and_bad_tokens(client: Client) -> None:
    assert refused(client.get("me")) == (400, 2500, None)
    assert refused(client.get("act_1")) == (400, 104, None)
    answer = client.get("me", "EAAdead")
    assert refused(answer) == (400, 190, None)
    assert '"invalid_token"' in answer.headers["www-authenticate"]
    by_header = client.http.get("/v26.0/me", headers={"Authorization": "Bearer EAAdead"})
    assert refused(by_header) == (401, 190, None)


def test_unknown_versions_paths_and_objects(client: Client) -> None:
    token = client.issue()
    for version in ("v99.0", "v26", "v26.10"):
        answer = client.http.get(f"/{version}/me", params={"access_token": token})
        assert refused(answer) == (400, 2500, None), version
        assert answer.json()["error"]["message"] == "Unknown path components: /me"
    for path in ("act_1", "12345678", f"{USER}0", "act_1/campaigns"):
        answer = client.get(path, token)
        assert refused(answer) == (400, 100, 33)
        assert answer.json()["error"]["type"] == "GraphMethodException"
    assert refused(client.get("me/adaccounts/x", token)) == (400, 2500, None)


def test_answers_carry_the_headers_of_the_real_one(client: Client) -> None:
    answer = client.get("me/adaccounts", client.issue())
    assert answer.headers["facebook-api-version"] == "v26.0"
    assert answer.headers["cache-control"] == "private, no-cache, no-store, must-revalidate"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert json.loads(answer.headers["x-app-usage"])["call_count"] < 100
    assert {"x-fb-request-id", "x-fb-trace-id", "x-fb-rev", "x-fb-debug", "x-ad-account-usage"} <= set(answer.headers)
    old = client.http.get("/v22.0/me/adaccounts", params={"access_token": client.issue()})
    assert "v22.0" in old.headers["x-ad-api-version-warning"]


def test_ad_accounts_show_id_and_account_id_unless_asked(client: Client) -> None:
    token = client.issue()
    rows = client.get("me/adaccounts", token).json()["data"]
    assert [set(row) for row in rows] == [{"id", "account_id"}] * 2
    assert all(row["id"] == f"act_{row['account_id']}" for row in rows)
    fields = "name,currency,account_status,timezone_name,user_tasks,amount_spent,tax_id"
    row = client.get("me/adaccounts", token, fields=fields).json()["data"][0]
    assert (row["account_status"], row["currency"]) == (1, "EUR")
    assert "tax_id" not in row


def walk(client: Client, url: str) -> list[dict[str, Any]]:
    """Follows `next` to the end."""
    rows: list[dict[str, Any]] = []
    while url:
        body = client.http.get(url).json()
        rows += body["data"]
        paging = body.get("paging", {})
        url = paging.get("next", "")
        if url:
            assert parse_qs(urlsplit(url).query)["after"] == [paging["cursors"]["after"]]
    return rows


@pytest.mark.parametrize(("limit", "count"), [(25, 60), (7, 21), (100, 60), (1, 3)])
def test_paging_over_many_accounts_gives_each_once(client: Client, limit: int, count: int) -> None:
    client.sandbox.control("people", {"name": "many", "adAccounts": count})
    token = client.issue("many")
    rows = walk(client, f"/v26.0/me/adaccounts?limit={limit}&fields=name&access_token={token}")
    assert len({row["id"] for row in rows}) == len(rows) == count


def test_pages_go_backward_too_and_count(client: Client) -> None:
    client.sandbox.control("people", {"name": "many", "adAccounts": 60})
    token = client.issue("many")
    first = client.get("me/adaccounts", token, summary="true", locale="de_DE").json()
    assert len(first["data"]) == 25
    assert first["summary"] == {"total_count": 60}
    assert "previous" not in first["paging"]
    assert "&locale=de_DE&" in first["paging"]["next"]
    second = client.http.get(first["paging"]["next"]).json()
    assert client.http.get(second["paging"]["previous"]).json()["data"] == first["data"]
    assert client.get("me/adaccounts", token, limit="25", offset="25").json()["data"] == second["data"]
    last = client.get("me/adaccounts", token, limit="60").json()
    assert "next" not in last["paging"]
    assert refused(client.get("me/adaccounts", token, after="garbage")) == (400, 100, None)
    assert refused(client.get("me/adaccounts", token, limit="x")) == (400, 100, None)
    counted = client.get("me", token, fields="adaccounts.limit(0).summary(true)").json()["adaccounts"]
    assert counted == {"data": [], "summary": {"total_count": 60}}


def test_nobody_without_accounts_has_a_page_of_them(client: Client) -> None:
    assert client.get("me/adaccounts", client.issue("noaccounts")).json() == {"data": []}


def test_accounts_of_a_business_are_found_through_it_only(client: Client) -> None:
    token = client.issue("business")
    assert client.get("me/adaccounts", token).json()["data"] == []
    [business] = client.get("me/businesses", token).json()["data"]
    assert set(business) == {"id", "name"}
    owned = client.get(f"{business['id']}/owned_ad_accounts", token, fields="business{id}").json()["data"]
    shared = client.get(f"{business['id']}/client_ad_accounts", token).json()["data"]
    assert len(owned) == len(shared) == 1
    assert owned[0]["business"] == {"id": business["id"]}
    assert client.get(f"{business['id']}/owned_pages", token).json()["data"]


def test_businesses_need_their_permission(client: Client) -> None:
    token = client.issue("business", scopes=["ads_read"])
    answer = client.get("me/businesses", token)
    assert refused(answer) == (403, 200, None)
    assert "business_management" in answer.json()["error"]["message"]
    assert refused(client.get("me/adaccounts", token, fields="business{id}")) == (403, 200, None)
    assert client.get("me/adaccounts", token, fields="name").status_code == 200


def test_ads_need_a_permission_and_an_account_that_lives(client: Client) -> None:
    plain = client.issue(scopes=["email"])
    answer = client.get("me/adaccounts", plain)
    assert refused(answer) == (403, 200, None)
    assert "ads_management or ads_read" in answer.json()["error"]["message"]
    token = client.issue("disabled")
    [row] = client.get("me/adaccounts", token, fields="account_status,disable_reason").json()["data"]
    assert (row["account_status"], row["disable_reason"]) == (2, 1)
    assert refused(client.get(row["id"], token)) == (403, 200, None)
    client.sandbox.person("disabled", "enable-account", platform="meta")
    assert client.get(row["id"], token, fields="account_status").json()["account_status"] == 1


def test_an_account_and_what_hangs_from_it(client: Client) -> None:
    token = client.issue()
    account = client.get("me/adaccounts", token).json()["data"][0]["id"]
    assert client.get(account, token).json() == {"account_id": account[4:], "id": account}
    assert client.get(f"{account}/campaigns", token).json() == {"data": []}
    assert refused(client.get(account, client.issue("business"))) == (400, 100, 33)


def test_pages_have_tokens_and_instagram_accounts(client: Client) -> None:
    long_lived = client.issue(kind="long")
    [page] = client.get("me/accounts", long_lived).json()["data"]
    assert set(page) == {"access_token", "category", "category_list", "name", "tasks", "id"}
    assert client.debug(page["access_token"])["expires_at"] == 0
    assert client.get("me", page["access_token"]).json() == {"name": page["name"], "id": page["id"]}
    fields = {"fields": "instagram_business_account"}
    instagram = client.get(page["id"], long_lived, **fields).json()["instagram_business_account"]["id"]
    assert client.get(instagram, long_lived).json()["username"]
    without = client.issue(scopes=["ads_read", "pages_show_list"])
    client.sandbox.person("ada", "revoke", platform="meta", permission="instagram_basic")
    assert client.get(page["id"], without, **fields).json() == {"id": page["id"]}


def test_permissions_are_listed_and_taken_back(client: Client) -> None:
    token = client.issue()
    rows = client.get("me/permissions", token).json()["data"]
    assert {"permission": "ads_read", "status": "granted"} in rows
    one = client.http.delete("/v26.0/me/permissions/ads_management", params={"access_token": token})
    assert one.json() == {"success": True}
    assert {"permission": "ads_management", "status": "declined"} in client.get("me/permissions", token).json()["data"]
    assert client.get("me", token).status_code == 200
    form = {"access_token": token, "method": "delete"}
    assert client.http.post(f"/v26.0/{USER}/permissions", data=form).json() == {"success": True}
    assert refused(client.get("me", token)) == (400, 190, 458)


def test_edges_among_the_fields_are_read_along(client: Client) -> None:
    body = client.get("me", client.issue(), fields="id,permissions,adaccounts.limit(1){name}").json()
    assert body["permissions"]["data"][0]["status"] == "granted"
    assert set(body["adaccounts"]["data"][0]) == {"id", "name"}


def test_mail_needs_its_permission(client: Client) -> None:
    assert "email" not in client.get("me", client.issue(), fields="email").json()
    assert client.get("me", client.issue(scopes=["email"]), fields="email").json()["email"] == "ada@example.com"


def test_debug_token_tells_all_of_a_living_token(client: Client) -> None:
    data = client.debug(client.issue(kind="long"))
    assert data["app_id"] == APP_ID
    assert data["user_id"] == USER
    assert (data["type"], data["is_valid"]) == ("USER", True)
    assert data["data_access_expires_at"] - data["issued_at"] == 90 * 86_400
    assert "ads_read" in data["scopes"]
    assert all("target_ids" not in row for row in data["granular_scopes"] if row["scope"] == "ads_read")
    assert "issued_at" not in client.debug(client.issue())


def test_debug_token_is_for_the_apps_own_tokens(client: Client) -> None:
    token, other = client.issue(), client.issue(app=OTHER_APP[0])
    assert refused(client.get("debug_token", APP_TOKEN, input_token=other)) == (400, 100, None)
    assert refused(client.get("debug_token", client.issue("business"), input_token=token)) == (400, 100, None)
    assert client.get("debug_token", token, input_token=token).json()["data"]["is_valid"] is True
    assert refused(client.get("debug_token", input_token=token)) == (400, 104, None)
    assert refused(client.get("debug_token", APP_TOKEN)) == (400, 100, None)
    garbage = client.debug("garbage")
    assert garbage["is_valid"] is False
    assert garbage["error"]["code"] == 190


def test_the_proof_is_checked_when_sent_and_can_be_required(client: Client) -> None:
    token = client.issue()
    assert client.get("me", token, appsecret_proof=proof(token)).status_code == 200
    answer = client.get("me", token, appsecret_proof=proof("another"))
    assert refused(answer) == (400, 100, None)
    assert answer.json()["error"]["type"] == "GraphMethodException"
    assert "Invalid appsecret_proof" in answer.json()["error"]["message"]
    client.sandbox.control("settings", {"meta.require_proof": True})
    assert "require an appsecret_proof" in client.get("me", token).json()["error"]["message"]
    assert client.get("me", token, appsecret_proof=proof(token)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v26.0", "/v26.0/"])
def test_a_batch_answers_each_call_by_itself(client: Client, path: str) -> None:
    calls = [
        {"method": "GET", "relative_url": "me?fields=name"},
        {"method": "GET", "relative_url": "v26.0/me/adaccounts?limit=1"},
        {"method": "GET", "relative_url": "act_1"},
        {"method": "DELETE", "relative_url": "me/permissions/ads_read"},
    ]
    answer = client.http.post(path, data={"batch": json.dumps(calls), "access_token": client.issue()})
    assert [row["code"] for row in answer.json()] == [200, 200, 400, 200]
    assert [set(row) for row in answer.json()] == [{"code", "headers", "body"}] * 4
    assert json.loads(answer.json()[0]["body"]) == {"id": USER, "name": "Ada Lark"}
    assert json.loads(answer.json()[2]["body"])["error"]["error_subcode"] == 33


def test_refusals_of_a_batch(client: Client) -> None:
    token = client.issue()
    one = {"method": "GET", "relative_url": "me"}
    for batch in ("no json", "{}", "[1]", json.dumps([one] * 51)):
        assert refused(client.http.post("/v26.0/", data={"batch": batch, "access_token": token})) == (400, 100, None)
    assert refused(client.http.post("/v26.0/", data={"batch": json.dumps([one])})) == (400, 104, None)
    assert len(client.http.post("/", data={"batch": json.dumps([one] * 50), "access_token": token}).json()) == 50


def test_no_edge_takes_a_post(client: Client) -> None:
    answer = client.http.post("/v26.0/me/adaccounts", data={"access_token": client.issue()})
    assert refused(answer) == (400, 100, 33)
    assert answer.json()["error"]["message"].startswith("Unsupported post request")
