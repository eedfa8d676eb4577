"""The `fields` parameter in all its forms, and what a node does not have."""

from __future__ import annotations

import json

import pytest

from tests.platforms.meta.client import Client, refused


@pytest.mark.parametrize("fields", ["id,name,account_status", json.dumps(["id", "name", "account_status"])])
def test_fields_are_a_list_or_a_json_array(client: Client, fields: str) -> None:
    row = client.get("me/adaccounts", client.issue(), fields=fields).json()["data"][0]
    assert set(row) == {"id", "name", "account_status"}


@pytest.mark.parametrize("fields", ["[1]", '["id"'])
def test_an_array_of_other_things_is_refused(client: Client, fields: str) -> None:
    assert refused(client.get("me", client.issue(), fields=fields)) == (400, 100, None)


@pytest.mark.parametrize(
    ("path", "fields", "name", "kind"),
    [
        ("me", "id,nope", "nope", "User"),
        ("me/adaccounts", "id,nope", "nope", "AdAccount"),
        ("me", "adaccounts{nope}", "nope", "AdAccount"),
        ("me/businesses", "nope", "nope", "Business"),
        ("me/accounts", '["nope"]', "nope", "Page"),
        ("me/nothing", "", "nothing", "User"),
        ("ACCOUNT/nothing", "", "nothing", "AdAccount"),
        ("ACCOUNT", "nothing.limit(2){id}", "nothing", "AdAccount"),
    ],
)
def test_what_a_node_does_not_have_is_named(client: Client, path: str, fields: str, name: str, kind: str) -> None:
    token = client.issue("business")
    account = client.get("me", token, fields="businesses{owned_ad_accounts{id}}").json()
    path = path.replace("ACCOUNT", account["businesses"]["data"][0]["owned_ad_accounts"]["data"][0]["id"])
    if path == "me/adaccounts":
        token = client.issue()
    answer = client.get(path, token, fields=fields)
    assert refused(answer) == (400, 100, None)
    words = f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})"
    assert answer.json()["error"]["message"] == words


def test_known_fields_without_a_value_are_left_out(client: Client) -> None:
    row = client.get("me/adaccounts", client.issue(), fields="name,funding_source,tax_id").json()["data"][0]
    assert set(row) == {"id", "name"}


def test_edges_among_the_fields_take_limits_and_go_deep(client: Client) -> None:
    fields = "name,adaccounts.limit(1){name,campaigns.limit(2){id}}"
    body = client.get("me", client.issue(), fields=fields).json()
    [account] = body["adaccounts"]["data"]
    assert set(account) == {"id", "name", "campaigns"}
    assert account["campaigns"] == {"data": []}
    following = client.http.get(body["adaccounts"]["paging"]["next"]).json()
    assert following["data"][0]["id"] != account["id"]


def test_an_edge_among_the_fields_needs_its_permission(client: Client) -> None:
    token = client.issue("business", scopes=["ads_read"])
    assert refused(client.get("me", token, fields="businesses{id}")) == (403, 200, None)


def test_a_picture_is_an_image_or_its_address(client: Client) -> None:
    token = client.issue()
    image = client.get("me/picture", token)
    assert image.status_code == 302
    assert client.http.get(image.headers["location"]).headers["content-type"].startswith("image/")
    data = client.get("me/picture", token, redirect="0").json()["data"]
    assert data["url"] == image.headers["location"]


def test_a_person_is_a_user_of_each_of_their_businesses(client: Client) -> None:
    token = client.issue("business")
    [row] = client.get("me/business_users", token, fields="id,name,business,role").json()["data"]
    [business] = client.get("me/businesses", token).json()["data"]
    assert row["business"] == {"id": business["id"], "name": business["name"]}
    assert refused(client.get("me/business_users", client.issue("ada", scopes=["ads_read"]))) == (403, 200, None)
