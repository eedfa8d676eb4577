"""The control API: what it can do, and how it says no."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from symphony_connect.platforms import names
from tests.tools.sandbox import Sandbox

JSON = {"Content-Type": "application/json"}
PEOPLE = ["ada", "noaccounts", "business", "disabled", "partial"]


def post(sandbox: Sandbox, path: str, body: Any) -> httpx2.Response:
    return sandbox.client.post(f"/_sandbox/{path}", json=body)


def why(answer: httpx2.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    words: str = answer.json()["error"]
    return words


def test_the_state_tells_all_there_is(sandbox: Sandbox) -> None:
    state = sandbox.state()
    assert [person["name"] for person in state["people"]] == PEOPLE
    assert sorted(state["platforms"]) == names()
    for name, platform in state["platforms"].items():
        assert all({"id", "secret", "name"} <= set(app) for app in platform["apps"])
        assert {"revoke", "change-password", "remove-app", "disable-account"} <= set(platform["actions"])
        assert platform["errors"]
        assert [len(person["platforms"][name]["adAccounts"]) for person in state["people"]] == [2, 0, 2, 1, 2]
    assert state["time"].endswith("Z")
    assert state["faults"] == []


@pytest.mark.parametrize(
    ("far", "milliseconds"),
    [("61d", 61 * 86_400_000), ("12h", 43_200_000), ("30m", 1_800_000), ("90s", 90_000), ("1d12h", 129_600_000)],
)
def test_the_clock_moves_and_says_what_time_it_is(sandbox: Sandbox, far: str, milliseconds: int) -> None:
    before = sandbox.client.get("/_sandbox/clock").json()
    after = post(sandbox, "clock", {"advance": far}).json()
    assert after["offsetMs"] - before["offsetMs"] == milliseconds
    assert 0 <= after["timeMs"] - before["timeMs"] - milliseconds < 60_000
    assert int(sandbox.clock_file.read_text()) == after["offsetMs"], "the service reads the same file"


@pytest.mark.parametrize("far", ["", "61", "d", "-1d", "1w", "1d 2h", "2h1d", "1.5d"])
def test_a_distance_that_makes_no_sense_is_refused(sandbox: Sandbox, far: str) -> None:
    assert "61d" in why(post(sandbox, "clock", {"advance": far}))


def test_the_clock_stays_where_dates_can_be_written(sandbox: Sandbox) -> None:
    far = {"advance": "99999d"}
    answers = [post(sandbox, "clock", far) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {200, 400}
    assert "9000" in why(answers[-1])
    for path in ("/_sandbox/state", "/"):
        assert sandbox.client.get(path).status_code == 200


ODD = [{}, [], [[]], {"a": 1}, None, True, 1.5, "", "x" * 100_000, 10**40, -(10**40), "\0", "\ud800", "\u0663"]
"""Values of every kind, in the place of a word or a number."""


@pytest.mark.parametrize("name", ["action", "platform", "appId", "accountId", "permission", "\ud800"])
def test_no_detail_of_an_action_ends_in_a_fault_of_ours(sandbox: Sandbox, name: str) -> None:
    for odd in ODD:
        for action in ("revoke", "disable-account"):
            body = json.dumps({"action": action, name: odd}).encode()
            answer = sandbox.client.post("/_sandbox/people/ada", content=body, headers=JSON)
            assert answer.status_code in (200, 400), (odd, answer.text)


@pytest.mark.parametrize("platform", names())
def test_no_wish_for_a_token_ends_in_a_fault_of_ours(sandbox: Sandbox, platform: str) -> None:
    for name in ("person", "platform", "app", "kind", "expiresIn", "scopes", "adAccounts"):
        for odd in [*ODD, *([odd] for odd in ODD)]:
            body = json.dumps({"platform": platform, "person": "ada", name: odd}).encode()
            answer = sandbox.client.post("/_sandbox/tokens", content=body, headers=JSON)
            assert answer.status_code in (201, 400, 404), (name, odd, answer.text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "sandbox:8081", "[::2]", ""])
@pytest.mark.parametrize("path", ["/_sandbox/state", "/_sandbox/calls", "/"])
def test_a_page_that_points_its_own_name_here_gets_nothing(sandbox: Sandbox, host: str, path: str) -> None:
    assert "127.0.0.1" in why(sandbox.client.get(path, headers={"Host": host}), 403)


@pytest.mark.parametrize("host", ["localhost:8081", "127.0.0.1", "[::1]:8081"])
def test_loopback_names_are_welcome(sandbox: Sandbox, host: str) -> None:
    assert sandbox.client.get("/_sandbox/state", headers={"Host": host}).status_code == 200


def test_a_form_of_another_page_is_refused(sandbox: Sandbox) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        answer = sandbox.client.post("/_sandbox/reset", content=b"{}", headers=headers)
        assert "application/json" in why(answer, 415)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"advance": 5}', b'{"advance": "1d", "more": 1}', b"\xff", b'"1d"'])
def test_a_body_that_makes_no_sense_is_refused(sandbox: Sandbox, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = sandbox.client.post("/_sandbox/clock", content=body, headers=headers)
    assert why(answer).startswith("The body is not what is expected here")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("faults", {"platform": "myspace", "error": "timeout"}, 400, "`platform` is one of"),
        ("faults", {"error": "timeout"}, 400, "`platform` is one of"),
        ("faults", {"platform": "PLATFORM"}, 400, "delayMs"),
        ("faults", {"platform": "PLATFORM", "error": "PLATFORM:nothing"}, 400, "`error` is one of timeout, reset"),
        ("faults", {"platform": "PLATFORM", "error": "http:200"}, 400, "`error`"),
        ("faults", {"platform": "PLATFORM", "error": "http:999"}, 400, "`error`"),
        ("faults", {"platform": "PLATFORM", "error": "timeout", "times": 0}, 400, "$.times"),
        ("faults", {"platform": "PLATFORM", "error": "timeout", "when": "now"}, 400, "$.when"),
        ("people/nobody", {"action": "revoke"}, 404, "no person 'nobody'"),
        ("people/ada", {"action": "dance"}, 400, "`action` is one of"),
        ("people/ada", {}, 400, "`action` is one of"),
        ("people/ada", {"action": "revoke", "platform": "myspace"}, 400, "`platform`"),
        ("people/ada", {"action": "revoke", "appId": "1"}, 400, "`appId`"),
        ("people/ada", {"action": "disable-account", "accountId": "1"}, 400, "`accountId`"),
        ("people", {"name": "ada"}, 400, "already"),
        ("people", {"name": "A b"}, 400, "a-z"),
        ("people", {"name": "x", "adAccounts": -1}, 400, "adAccounts"),
        ("settings", {"nothing": True}, 400, "`platform`"),
        ("settings", {"PLATFORM.nothing": True}, 400, "no switch"),
        ("settings", {"coop": "yes"}, 400, "bool"),
        ("tokens", {"platform": "PLATFORM", "person": "nobody"}, 404, "no person"),
        ("tokens", {"person": "ada"}, 400, "`platform`"),
        ("tokens", {"platform": "PLATFORM", "person": "ada", "app": "1"}, 400, "`app`"),
        ("tokens", {"platform": "PLATFORM", "person": "ada", "kind": "x"}, 400, "`kind`"),
    ],
)
@pytest.mark.parametrize("platform", names())
def test_refusals_say_what_to_do(
    sandbox: Sandbox, platform: str, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    filled = {
        key.replace("PLATFORM", platform): value.replace("PLATFORM", platform) if isinstance(value, str) else value
        for key, value in body.items()
    }
    assert words in why(post(sandbox, path, filled), status)


def test_wrong_paths_and_methods(sandbox: Sandbox) -> None:
    for method, path, status in (("GET", "nothing", 404), ("GET", "", 404), ("DELETE", "clock", 405)):
        words = why(sandbox.client.request(method, f"/_sandbox/{path}"), status)
        assert "The control API has: GET /_sandbox/state" in words


def test_a_person_is_added_with_what_they_own_everywhere(sandbox: Sandbox) -> None:
    person = sandbox.control("people", {"name": "brand-7", "title": "Brand Seven", "adAccounts": 250})
    assert person["title"] == "Brand Seven"
    for name in names():
        ids = {account["id"] for account in person["platforms"][name]["adAccounts"]}
        assert len(ids) == 250
        assert sandbox.control("tokens", {"platform": name, "person": "brand-7"})["accessToken"]


def test_ids_of_people_never_meet(sandbox: Sandbox) -> None:
    sandbox.control("people", {"name": "crowd", "adAccounts": 10_000})
    sandbox.control("people", {"name": "next", "adAccounts": 10})
    for name in names():
        ids = [one["id"] for person in sandbox.state()["people"] for one in person["platforms"][name]["adAccounts"]]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("platform", names())
def test_every_action_can_happen(sandbox: Sandbox, platform: str) -> None:
    for action in sandbox.state()["platforms"][platform]["actions"]:
        sandbox.control("tokens", {"platform": platform, "person": "ada"})
        assert post(sandbox, "people/ada", {"action": action, "platform": platform}).status_code == 200, action


def test_an_action_without_platform_happens_wherever_it_can(sandbox: Sandbox) -> None:
    person = post(sandbox, "people/ada", {"action": "disable-account"}).json()
    after = {name: statuses(person, name) for name in names()}
    sandbox.control("reset")
    ada = sandbox.state()["people"][0]
    assert all(after[name].isdisjoint(statuses(ada, name)) for name in names())


def statuses(person: Any, platform: str) -> set[Any]:
    return {account["status"] for account in person["platforms"][platform]["adAccounts"]}


def test_switches_are_listed_turned_and_reset(sandbox: Sandbox) -> None:
    switches = sandbox.state()["switches"]
    assert set(switches.values()) == {False}
    turned = sandbox.control("settings", dict.fromkeys(switches, True))
    assert set(turned.values()) == {True}
    sandbox.control("reset")
    assert sandbox.state()["switches"] == switches


@pytest.mark.parametrize("platform", names())
def test_a_reset_forgets_all_but_the_clock(sandbox: Sandbox, platform: str) -> None:
    sandbox.advance("1d")
    sandbox.control("people", {"name": "passing"})
    before = sandbox.control("tokens", {"platform": platform, "person": "ada"})["accessToken"]
    sandbox.fault(platform, "timeout")
    sandbox.control("reset")
    state = sandbox.state()
    assert [person["name"] for person in state["people"]] == PEOPLE
    assert state["people"][0]["platforms"][platform]["grants"] == []
    assert (state["faults"], sandbox.calls()) == ([], [])
    assert state["offsetMs"] == 86_400_000
    assert sandbox.control("tokens", {"platform": platform, "person": "ada"})["accessToken"] != before
    assert sandbox.control("reset", {"clock": True})["offsetMs"] == 0
