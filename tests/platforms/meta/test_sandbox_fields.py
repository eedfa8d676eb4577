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
        ("ACCOUNT", "business{nope}", "nope", "Business"),
        ("ACCOUNT/campaigns", "nope", "nope", "Campaign"),
        ("me", "adaccounts{campaigns{nope}}", "nope", "Campaign"),
        ("me", "picture{nope}", "nope", "ProfilePictureSource"),
        ("me/accounts", "instagram_business_account{nope}", "nope", "IGUser"),
        ("me/permissions", "nope", "nope", "Permission"),
        ("app", "nope", "nope", "Application"),
        ("app/nothing", "", "nothing", "Application"),
        ("INSTAGRAM", "nope", "nope", "IGUser"),
        ("INSTAGRAM/nothing", "", "nothing", "IGUser"),
    ],
)
def test_what_a_node_does_not_have_is_named(client: Client, path: str, fields: str, name: str, kind: str) -> None:
    token = client.issue("business")
    account = client.get("me", token, fields="businesses{owned_ad_accounts{id}}").json()
    path = path.replace("ACCOUNT", account["businesses"]["data"][0]["owned_ad_accounts"]["data"][0]["id"])
    if path == "me/adaccounts":
        token = client.issue()
    if path.startswith("INSTAGRAM"):
        page = client.get("me/accounts", token, fields="instagram_business_account").json()["data"][0]
        path = path.replace("INSTAGRAM", page["instagram_business_account"]["id"])
    answer = client.get(path, token, fields=fields)
    assert refused(answer) == (400, 100, None)
    words = f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})"
    assert answer.json()["error"]["message"] == words


@pytest.mark.parametrize(("path", "fields"), [("me/accounts", "id,tasks"), ("me", "accounts{id,tasks}")])
def test_a_page_has_tasks_where_it_is_listed_for_somebody(client: Client, path: str, fields: str) -> None:
    token = client.issue()
    answer = client.get(path, token, fields=fields).json()
    (page,) = answer.get("accounts", answer)["data"]
    assert "ADVERTISE" in page["tasks"]
    assert refused(client.get(page["id"], token, fields="tasks")) == (400, 100, None)


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


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("id,adaccounts{id", 'Expected "}" instead of end of string." at character 16'),
        ("adaccounts{id}}", 'Expected end of string instead of "}"." at character 14'),
        ("adaccounts.limit(2", 'Expected ")" instead of end of string." at character 18'),
        ("adaccounts{id}.limit(2)", 'Expected end of string instead of "."." at character 14'),
        ("name?access_token=x", 'Expected end of string instead of "?"." at character 4'),
        (
            "id,name,name",
            'Field name specified more than once. This is only possible before version 2.1" at character 12',
        ),
        ("adaccounts{id,id}", "Field id specified more than once"),
    ],
)
def test_fields_that_are_not_well_written_are_refused(client: Client, fields: str, words: str) -> None:
    answer = client.get("me", client.issue(), fields=fields)
    assert refused(answer) == (400, 2500, None)
    assert f'Syntax error "{words}' in answer.json()["error"]["message"]


def test_insights_name_an_unknown_field_in_their_own_words(client: Client) -> None:
    answer = client.get("act_210000000100001/insights", client.issue(), fields="spend,nope")
    assert refused(answer) == (400, 100, None)
    assert "(#100) nope is not valid for fields param" in answer.json()["error"]["message"]
    assert client.get("act_210000000100001/insights", client.issue(), fields="spend").json() == {"data": []}


@pytest.mark.parametrize("node", ["act_210000000100001/users", "300000000000001/feed", "17841400000000001/media"])
def test_an_edge_that_meta_has_is_an_empty_list(client: Client, node: str) -> None:
    assert client.get(node, client.issue()).json() == {"data": []}


def test_modifiers_nest_and_give_other_names(client: Client) -> None:
    asked = "name.as(who),adaccounts.limit(1).fields(id,campaigns.limit(2){id})"
    body = client.get("me", client.issue(), fields=asked).json()
    assert body["who"] == "Ada Lark"
    assert body["adaccounts"]["data"] == [{"id": "act_210000000100001", "campaigns": {"data": []}}]


def test_a_picture_has_the_size_and_the_fields_asked_for(client: Client) -> None:
    body = client.get("me", client.issue(), fields="short_name,picture.width(200).height(100){url,width}").json()
    assert body["short_name"] == "Ada"
    assert body["picture"] == {"data": {"url": f"{client.sandbox.url}/_sandbox/static/icon.svg", "width": 200}}
    assert client.get("me", client.issue(), fields="picture.type(large)").json()["picture"]["data"]["height"] == 200
    [page] = client.get("me/accounts", client.issue(), fields="picture{height}").json()["data"]
    assert page["picture"] == {"data": {"height": 50}}


def test_a_node_inside_a_row_has_fields_of_its_own(client: Client) -> None:
    [page] = client.get("me/accounts", client.issue(), fields="instagram_business_account{username}").json()["data"]
    assert page["instagram_business_account"] == {"username": "ada.lark.page", "id": "17841400000000001"}
