"""People who are not as tutorials have them, and tokens minted for them."""

from __future__ import annotations

from typing import Any

from tests.platforms.meta.client import Client

ODD = ("", "‮Ads‬ 🛍️ «Ünï»", "x" * 400, "  spaces  ", "<script>")


def newcomer(client: Client, **traits: Any) -> str:
    """The token of a new person with these traits."""
    client.sandbox.control("people", {"name": "odd", **traits})
    return client.issue("odd")


def test_a_person_with_many_businesses(client: Client) -> None:
    token = newcomer(client, businesses=60, adAccounts=150, businessOnly=True)
    rows = client.get("me/businesses", token, fields="id,name,owned_ad_accounts{id}", limit="100").json()["data"]
    owned = [account["id"] for row in rows for account in row["owned_ad_accounts"]["data"]]
    assert len({row["id"] for row in rows}) == len({row["name"] for row in rows}) == 60
    assert len(set(owned)) == len(owned) == 150
    assert client.get("me/adaccounts", token).json() == {"data": []}
    users = client.get("me/business_users", token, limit="100").json()["data"]
    assert len({user["id"] for user in users}) == 60


def test_accounts_that_hang_from_person_and_business_are_one(client: Client) -> None:
    token = newcomer(client, businesses=2, adAccounts=4)
    assert len(client.get("me/adaccounts", token).json()["data"]) == 4
    person = next(each for each in client.sandbox.state()["people"] if each["name"] == "odd")
    assert len(person["platforms"]["meta"]["adAccounts"]) == 4


def test_names_are_as_odd_as_they_were_given(client: Client) -> None:
    token = newcomer(client, title="Ö“<b>", adAccounts=6, accountNames=list(ODD))
    names = [row["name"] for row in client.get("me/adaccounts", token, fields="name").json()["data"]]
    assert names == [*ODD, "Ö“<b> 6"]
    assert client.get("me", token).json()["name"] == "Ö“<b>"


def test_fields_may_be_missing(client: Client) -> None:
    token = newcomer(client, missingFields=["currency", "name"])
    row = client.get("me/adaccounts", token, fields="id,name,currency,timezone_name").json()["data"][0]
    assert set(row) == {"id", "timezone_name"}


def test_the_second_page_may_lead_to_itself(client: Client) -> None:
    token = newcomer(client, adAccounts=3, paging="repeats")
    first = client.get("me/adaccounts", token, limit="1").json()
    second = client.http.get(first["paging"]["next"]).json()
    third = client.http.get(second["paging"]["next"]).json()
    assert first["data"] != second["data"] == third["data"]
    assert second["paging"]["cursors"]["after"] == third["paging"]["cursors"]["after"]


def test_a_cursor_may_be_missing_though_there_is_more(client: Client) -> None:
    token = newcomer(client, adAccounts=3, paging="without-after")
    paging = client.get("me/adaccounts", token, limit="1").json()["paging"]
    assert set(paging) == {"cursors", "next"}
    assert set(paging["cursors"]) == {"before"}


def test_a_token_minted_for_partial_has_what_partial_ticks(client: Client) -> None:
    by_dialog = client.debug(client.signed_in("partial"))["scopes"]
    minted = client.issue("partial")
    assert set(client.debug(minted)["scopes"]) == set(by_dialog) == {"public_profile", "ads_read", "pages_show_list"}
    rows = client.get("me/permissions", minted).json()["data"]
    assert {"permission": "ads_management", "status": "declined"} in rows
    named = client.issue("partial", scopes=["ads_management"])
    assert "ads_management" in client.debug(named)["scopes"]
