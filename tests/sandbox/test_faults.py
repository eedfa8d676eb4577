"""Faults: what a client meets on the wire, how often, and what happened behind it."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest

from symphony_connect.platforms import names
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until


@pytest.fixture(params=names())
def platform(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def arm(sandbox: Sandbox, platform: str, **more: Any) -> None:
    sandbox.control("faults", {"platform": platform, **more})


def last(sandbox: Sandbox) -> Any:
    return sandbox.calls()[-1]


def test_every_documented_error_can_be_met(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    for code, words in sandbox.state()["platforms"][platform]["errors"].items():
        arm(sandbox, platform, error=f"{platform}:{code}")
        answer = sandbox.client.get(path)
        assert code.partition("/")[0] in answer.text
        assert (last(sandbox)["code"], last(sandbox)["why"]) == (code, words)


@pytest.mark.parametrize("status", [400, 429, 500, 502, 503, 504])
def test_a_status_without_json(sandbox: Sandbox, platform: str, status: int) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error=f"http:{status}")
    answer = sandbox.client.get(path)
    assert answer.status_code == status
    assert not answer.text.startswith("{")
    assert answer.headers.get("retry-after") == ("30" if status == 429 else None)


@pytest.mark.parametrize(("error", "status"), [("html", 200), ("html:502", 502)])
def test_html_where_json_is_expected(sandbox: Sandbox, platform: str, error: str, status: int) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error=error)
    answer = sandbox.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "something went wrong" in answer.text


def test_a_reset_cuts_the_connection_without_an_answer(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="reset")
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        sandbox.client.get(path)
    assert last(sandbox)["status"] is None
    assert last(sandbox)["fault"].endswith("reset")


def test_a_truncated_answer_promises_more_than_comes(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="truncate")
    with pytest.raises(httpx2.RemoteProtocolError, match="complete"):
        sandbox.client.get(path)


def test_a_timeout_outlasts_the_client(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="timeout")
    with pytest.raises(httpx2.ReadTimeout):
        sandbox.client.get(path, timeout=0.3)
    assert sandbox.client.get(path).status_code in (200, 400)


def test_a_delay_only_delays(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, delayMs=300)
    began = time.monotonic()
    answer = sandbox.client.get(path)
    assert time.monotonic() - began >= 0.3
    assert answer.text == sandbox.client.get(path).text


def test_a_fault_is_met_so_often_and_only_on_its_path(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="http:503", path="/elsewhere")
    arm(sandbox, platform, error="http:503", path=path, times=2)
    statuses = [sandbox.client.get(path).status_code for _ in range(3)]
    assert statuses[:2] == [503, 503]
    assert statuses[2] != 503
    assert [fault["path"] for fault in sandbox.state()["faults"]] == ["elsewhere"]
    assert sandbox.client.delete("/_sandbox/faults").json() == {"faults": []}


def test_one_platforms_fault_is_not_anothers(sandbox: Sandbox) -> None:
    paths = {name: sandbox.dialog(name) for name in names()}
    for name in names():
        arm(sandbox, name, error="http:503")
        for other, path in paths.items():
            assert (sandbox.client.get(path).status_code == 503) is (other == name)


def grants(sandbox: Sandbox, platform: str) -> Any:
    return sandbox.state()["people"][0]["platforms"][platform]["grants"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", ["reset", "timeout", "http:503", "truncate"])
def test_a_lost_answer_may_or_may_not_have_happened(sandbox: Sandbox, platform: str, when: str, error: str) -> None:
    """An approval whose redirect is lost: granted at the platform all the same, or not."""
    app = sandbox.state()["platforms"][platform]["apps"][0]["id"]
    ids = {"client_id": app, "app_id": app}
    query = {**ids, "redirect_uri": "http://127.0.0.1:9/cb", "_sandbox": "approve", "_sandbox_person": "ada"}
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error=error, when=when)
    try:
        assert sandbox.client.get(path, params=query, timeout=0.3).status_code == 503
    except (httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.ReadTimeout):
        assert error != "http:503"
    assert len(grants(sandbox, platform)) == (1 if when == "after" else 0)


def test_a_call_that_is_held_back_is_in_the_ledger_already(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="timeout")
    with (
        httpx2.Client(base_url=sandbox.url, trust_env=False, timeout=0.5) as impatient,
        pytest.raises(httpx2.ReadTimeout),
    ):
        impatient.get(path)
    wait_until(lambda: last(sandbox)["fault"], what="the held call's row")
    assert last(sandbox)["status"] is None


@pytest.mark.parametrize("platform", names())
def test_one_of_several_is_disarmed(sandbox: Sandbox, platform: str) -> None:
    for error in ("http:500", "http:502", "http:503"):
        sandbox.fault(platform, error)
    numbers = [fault["number"] for fault in sandbox.state()["faults"]]
    left = sandbox.client.delete(f"/_sandbox/faults/{numbers[1]}").json()["faults"]
    assert [fault["error"] for fault in left] == ["http:500", "http:503"]
    again = sandbox.client.delete(f"/_sandbox/faults/{numbers[1]}")
    assert again.status_code == 404
    assert f"No fault {numbers[1]} is armed" in again.json()["error"]


@pytest.mark.parametrize("platform", names())
def test_the_places_of_a_platform_are_where_it_is_called(sandbox: Sandbox, platform: str) -> None:
    """A sign-in meets a fault aimed at the words for its exchange, and the state says when its token ends."""
    places = sandbox.state()["platforms"][platform]["places"]
    exchange = next(path for path, words in places.items() if words == "token exchange")
    sandbox.fault(platform, "http:503", path=exchange)
    with pytest.raises(AssertionError, match="503"):
        sandbox.token("ada", platform)
    sandbox.token("ada", platform)
    grant = sandbox.state()["people"][0]["platforms"][platform]["grants"][-1]
    assert grant["tokens"] == 1
    assert grant["ends"] is None or grant["ends"] > sandbox.state()["time"]


def test_a_free_answer_is_sent_as_it_is(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    free = {"status": 207, "body": {"odd": [1]}, "headers": {"X-Odd": "yes", "Content-Type": "application/odd+json"}}
    arm(sandbox, platform, answer=free)
    answer = sandbox.client.get(path)
    assert (answer.status_code, answer.json()) == (207, {"odd": [1]})
    assert answer.headers["x-odd"] == "yes"
    assert answer.headers["content-type"] == "application/odd+json"
    assert last(sandbox)["why"] == "free answer"
    arm(sandbox, platform, answer={"body": "half a {"})
    plain = sandbox.client.get(path)
    assert (plain.status_code, plain.text) == (200, "half a {")
    assert plain.headers["content-type"].startswith("text/plain")


def test_a_fault_waits_for_its_parameters(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    arm(sandbox, platform, error="http:503", query={"state": "seven", "scope": "a,b"})
    for query in ({}, {"state": "seven"}, {"state": "eight", "scope": "a,b"}):
        assert sandbox.client.get(path, params=query).status_code != 503
    assert sandbox.client.get(path, params={"state": "seven", "scope": "a,b"}).status_code == 503


def test_a_fault_waits_for_a_field_of_the_body(sandbox: Sandbox, platform: str) -> None:
    path = sandbox.dialog(platform)
    for sent in ({"json": {"code": 7}}, {"data": {"code": "7"}}):
        arm(sandbox, platform, error="http:503", query={"code": "7"})
        assert sandbox.client.post(path, data={"code": "8"}).status_code != 503
        assert sandbox.client.post(path, **sent).status_code == 503


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"error": "http:503", "answer": {"status": 200}}, "not both"),
        ({"answer": {"status": 99}}, "status"),
        ({"answer": {"headers": {"X": "a\nb"}}}, "headers"),
        ({"answer": {"nope": 1}}, "nope"),
        ({"error": "reset", "part": 1}, "batch"),
        ({"error": "http:503", "part": 1, "when": "after"}, "batch"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, platform: str, order: Any, words: str) -> None:
    answer = sandbox.client.post("/_sandbox/faults", json={"platform": platform, **order})
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.state()["faults"] == []
