"""Brands by status and platform; ad accounts chosen, none, and all again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.platforms.chosen import ANY, OTHER


def listed(api: Api, key: str, query: str) -> Iterator[int]:
    """The ids of all pages."""
    cursor = ""
    while cursor is not None:
        answer = api.send("GET", f"/brands?limit=2&{query}&cursor={cursor}", key=key).json()
        yield from (brand["id"] for brand in answer["data"])
        cursor = answer["nextCursor"]


def test_brands_are_filtered_by_status_and_platform(stored_api: Api) -> None:
    api, key = stored_api, stored_api.new_key(workspace="filtered")
    person = api.sandbox.newcomer()
    lost = api.connected(ANY, person, key)
    good = [api.connected(ANY, api.sandbox.newcomer(), key) for _ in range(3)]
    other = api.connected(OTHER, api.sandbox.newcomer(), key)
    body = {"brandId": lost, "adPlatform": OTHER, **api.token(OTHER, api.sandbox.newcomer())}
    assert api.send("PUT", "/brands", key=key, json=body).status_code == 200
    api.sandbox.person(person, "revoke", platform=ANY)
    api.send("POST", f"/brands/{lost}/connections/{ANY}/verify", key=key)
    gone = api.connected(ANY, api.sandbox.newcomer(), key)
    api.send("DELETE", f"/brands/{gone}/connections/{ANY}", key=key)
    assert list(listed(api, key, "status=needs_reconnect")) == [lost]
    assert list(listed(api, key, f"platform={ANY}")) == [lost, *good]
    assert list(listed(api, key, f"platform={OTHER}")) == sorted([lost, other])
    assert list(listed(api, key, f"status=connected&platform={ANY}")) == good
    assert list(listed(api, key, f"status=needs_reconnect&platform={OTHER}")) == []
    one = api.send("GET", "/brands?status=needs_reconnect", key=key).json()["data"][0]
    assert len(one["connections"]) == 2


@pytest.mark.parametrize("query", ["status=lost", "status=disconnected", "status=", "status=connected&brandId=1"])
def test_a_filter_that_means_nothing_is_refused(api: Api, query: str) -> None:
    api.refused(api.send("GET", f"/brands?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("path", ["/brands?platform=nowhere", "/events?platform=nowhere", "/brands/1/connections/no"])
def test_an_unknown_platform_is_said_by_the_name_that_was_sent(api: Api, path: str) -> None:
    assert api.refused(api.send("GET", path), 404, "unknown_platform")["field"] == "platform"
    body = {"brandId": 1, "adPlatforms": ["nowhere"]}
    assert (
        api.refused(api.send("POST", "/connect-sessions", json=body), 404, "unknown_platform")["field"] == "adPlatforms"
    )


@pytest.mark.parametrize("path", ["/brands?platform=", "/events?platform="])
def test_an_empty_platform_is_not_every_platform(api: Api, path: str) -> None:
    assert api.refused(api.send("GET", path), 400, "invalid_request")["field"] == "platform"


def test_a_time_after_the_last_one_is_refused(api: Api) -> None:
    path = "/events?after=2027-01-01T00:00:00Z&before=2026-01-01T00:00:00Z"
    assert api.refused(api.send("GET", path), 400, "invalid_request")["field"] == "after"


def test_an_empty_list_says_how_much_it_must_hold(api: Api) -> None:
    body = {"brandId": 1, "adPlatforms": []}
    error = api.refused(api.send("POST", "/connect-sessions", json=body), 400, "invalid_request")
    assert error["message"] == "adPlatforms: list should have at least 1 item."


def test_a_key_that_only_reads_is_told_so(api: Api) -> None:
    body = {"name": "reads", "scopes": ["brands:write"], "readOnly": True}
    assert "read only" in api.refused(api.send("POST", "/keys", json=body), 400, "invalid_request")["message"]


def choose(api: Api, brand: int, selected: Any) -> Any:
    return api.send("PUT", f"/brands/{brand}/connections/{ANY}/ad-accounts", json={"selected": selected})


def test_none_is_chosen_and_then_all_again(api: Api) -> None:
    brand = api.connected(ANY)
    at = f"/brands/{brand}/connections/{ANY}"
    every = [account["id"] for account in api.send("GET", f"{at}/ad-accounts").json()["data"]]
    assert len(every) > 1

    def used() -> list[str]:
        return [account["id"] for account in api.send("GET", f"{at}/token").json()["data"]["adAccounts"]]

    assert choose(api, brand, []).json()["data"] == []
    assert used() == []
    assert api.send("GET", at).json()["data"]["selectedAdAccounts"] == 0
    assert [one["id"] for one in choose(api, brand, None).json()["data"]] == every
    assert used() == every
    assert choose(api, brand, every[:1]).status_code == 200
    assert used() == every[:1]


def test_selected_cannot_be_left_out(api: Api) -> None:
    brand = api.connected(ANY)
    answer = api.send("PUT", f"/brands/{brand}/connections/{ANY}/ad-accounts", json={})
    assert api.refused(answer, 400, "invalid_request")["field"] == "selected"


def test_a_publishable_key_that_names_a_brand_is_refused(api: Api) -> None:
    origin = "http://shop.example"
    key = api.new_key(publishable=True, origins=[origin])
    body = {"brandId": api.brand(), "adPlatform": ANY, "name": "Mine", **api.token(ANY)}
    answer = api.send("PUT", "/brands", key=key, json=body, headers={"origin": origin})
    assert api.refused(answer, 403, "missing_scope")["field"] == "name"
