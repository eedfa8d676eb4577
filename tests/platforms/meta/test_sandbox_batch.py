"""Batches: one call takes from another, and one of them meets a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.platforms.meta.client import Client

NAMED = {"method": "GET", "name": "own", "relative_url": "me/adaccounts?fields=id"}
ME = {"method": "GET", "relative_url": "me?fields=id"}


def batch(client: Client, *calls: dict[str, Any]) -> list[Any]:
    answer = client.http.post("/v26.0/", data={"access_token": client.issue(), "batch": json.dumps(calls)})
    assert answer.status_code == 200, answer.text
    return [one and {**one, "body": json.loads(one["body"])} for one in answer.json()]


@pytest.mark.parametrize(
    "address", ["?ids={result=own:$.data.*.id}&fields=name", "v26.0/?ids={result=own:$.data[*].id}&fields=name"]
)
def test_a_call_takes_values_from_one_before_it(client: Client, address: str) -> None:
    first, second = batch(client, NAMED, {"method": "GET", "relative_url": address})
    assert first is None
    assert [row["name"] for row in second["body"].values()] == ["Ada Lark 1", "Ada Lark 2"]


def test_what_was_used_is_answered_too_when_asked_for(client: Client) -> None:
    second = {"method": "GET", "relative_url": "{result=own:$.data[0].id}?fields=name"}
    first, one = batch(client, {**NAMED, "omit_response_on_success": False}, second)
    assert one["body"]["id"] == first["body"]["data"][0]["id"]


def test_a_call_that_takes_from_nothing_is_refused(client: Client) -> None:
    [answer] = batch(client, {"method": "GET", "relative_url": "{result=own:$.id}"})
    assert (answer["code"], answer["body"]["error"]["code"]) == (400, 100)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"error": "meta:190/460"}, 400),
        ({"error": "http:503"}, 503),
        ({"error": "timeout"}, None),
        ({"answer": {"status": 418, "body": {"tea": True}}}, 418),
    ],
)
def test_the_nth_call_of_a_batch_meets_a_fault(client: Client, fault: dict[str, Any], code: int | None) -> None:
    client.sandbox.control("faults", {"platform": "meta", **fault, "part": 2})
    assert client.get("me", client.issue()).status_code == 200
    answers = batch(client, ME, ME, ME)
    assert [one and one["code"] for one in answers] == [200, code, 200]
    assert [one["code"] for one in batch(client, ME, ME)] == [200, 200]


@pytest.mark.parametrize("path", ["$.data..id", "$..id", "$.data.*.id"])
def test_values_are_found_at_any_depth(client: Client, path: str) -> None:
    second = {"method": "GET", "relative_url": f"?ids={{result=own:{path}}}"}
    rows = batch(client, NAMED, second)[1]["body"]
    assert sorted(rows) == ["act_210000000100001", "act_210000000100002"]


@pytest.mark.parametrize(("first", "codes"), [("me", [None, 200]), ("me/nothing", [400, 400]), ("", [400, 400])])
def test_a_call_waits_for_the_one_it_depends_on(client: Client, first: str, codes: list[int | None]) -> None:
    answers = batch(client, {"name": "own", "relative_url": first}, {**ME, "depends_on": "own"})
    assert [one and one["code"] for one in answers] == codes


def test_a_batch_is_taken_at_any_path(client: Client) -> None:
    form = {"access_token": client.issue(), "batch": json.dumps([ME]), "include_headers": "false"}
    [one] = client.http.post("/v26.0/me", data=form).json()
    assert set(one) == {"code", "body"}


@pytest.mark.parametrize("call", [{"method": "GET"}, {"relative_url": 1}, {"relative_url": "me", "body": {"a": 1}}])
def test_a_malformed_call_is_told_what_it_needs(client: Client, call: dict[str, Any]) -> None:
    [answer] = batch(client, call)
    assert "relative_url" in answer["body"]["error"]["message"]
