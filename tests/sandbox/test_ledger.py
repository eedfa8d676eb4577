"""The ledger: one row a call, and no secret in it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from symphony_connect.platforms import names
from symphony_connect.sandbox.ledger import MAX_ANSWER, MAX_ANSWERS, Ledger, masked, masked_text
from tests.tools.sandbox import Sandbox


@pytest.mark.parametrize("platform", names())
def test_every_call_has_its_row_and_no_secret_is_in_it(sandbox: Sandbox, platform: str) -> None:
    token = sandbox.token("ada", platform)["access_token"]
    calls = sandbox.calls()
    assert len(calls) == 2, "the dialog and the exchange; the control API is not a platform's"
    assert sandbox.client.get("/_sandbox/calls").json()["total"] == calls[-1]["number"]
    for row in calls:
        assert row["platform"] == platform
        assert row["person"] == "ada"
        assert row["status"] in (200, 302)
        assert row["time"].endswith("Z")
    text = sandbox.client.get("/_sandbox/calls").text
    secrets = {app["secret"] for app in sandbox.state()["platforms"][platform]["apps"]}
    assert all(secret not in text for secret in (*secrets, token))


def test_rows_can_be_narrowed(sandbox: Sandbox) -> None:
    for platform in names():
        sandbox.token("ada", platform)
    rows = sandbox.calls()
    only = sandbox.client.get("/_sandbox/calls", params={"platform": names()[0]}).json()["calls"]
    assert {row["platform"] for row in only} == {names()[0]}
    later = sandbox.client.get("/_sandbox/calls", params={"after": rows[1]["number"]}).json()["calls"]
    assert later == rows[2:]
    assert sandbox.client.get("/_sandbox/calls", params={"path": rows[0]["path"]}).json()["calls"] == rows[:1]
    assert sandbox.client.get("/_sandbox/calls", params={"after": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("access_token", "EAA0123456789abcd", "…abcd"),
        ("client_secret", "short", "…"),
        ("code", "AQ0123456789abcd", "…abcd"),
        ("appsecret_proof", "0123456789abcdef", "…cdef"),
        ("code_verifier", "0123456789abcdef", "…cdef"),
        ("fields", "id,name", "id,name"),
        ("redirect_uri", "http://127.0.0.1/cb", "http://127.0.0.1/cb"),
        ("error_code", "200", "200"),
        ("batch", '[{"relative_url":"me?access_token=EAAsecret&x=1"}]', '[{"relative_url":"me?access_token=…&x=1"}]'),
    ],
)
def test_of_a_secret_only_its_end_is_kept(key: str, value: str, kept: str) -> None:
    assert masked(key, value) == kept


def test_long_values_are_cut() -> None:
    assert len(masked("fields", "x" * 10_000)) == 200


@pytest.mark.parametrize("platform", names())
def test_calls_are_counted_by_what_became_of_them(sandbox: Sandbox, platform: str) -> None:
    """Also those whose rows have given way."""
    sandbox.fault(platform, "http:503", times=1)
    path = urlsplit(sandbox.dialog(platform)).path
    before = sandbox.counted(platform, "")
    sandbox.client.get(path)
    sandbox.token("ada", platform)
    assert before == {}
    assert sandbox.counted(platform, "") == {"fault": 1, "ok": 2}
    sandbox.reset()
    assert sandbox.counted(platform, "") == {}


def test_the_kinds_of_counts_are_bounded() -> None:
    ledger = Ledger()
    for number in range(1_200):
        ledger.count(ledger.open(0, "any", "GET", f"/{number}", []), f"/{number}")
    counts = ledger.counts()
    assert len(counts) == 1_001
    assert counts[-1] == {"platform": "any", "path": "…", "outcome": "…", "calls": 200}


def test_old_rows_give_way_and_numbers_go_on() -> None:
    ledger = Ledger()
    for _ in range(20_010):
        ledger.open(0, "any", "GET", "/", [])
    assert len(ledger.rows()) == 20_000
    assert ledger.rows()[0]["number"] == 11
    ledger.clear()
    assert ledger.open(0, "any", "GET", "/", []).number == 20_011


@pytest.mark.parametrize("platform", names())
def test_a_call_tells_its_answer_without_its_secrets(sandbox: Sandbox, platform: str) -> None:
    token = sandbox.token("ada", platform)["access_token"]
    exchanged = sandbox.calls()[-1]
    assert exchanged["answer"].startswith("{")
    assert "access_token" in exchanged["answer"]
    assert token not in exchanged["answer"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"access_token":"EAAabcdefghijklmnop","code":0}', '{"access_token":"…mnop","code":0}'),
        ('{"a":{"refresh_token" : "abcdefghijklmnop"}}', '{"a":{"refresh_token" : "…mnop"}}'),
        ('{"name":"Ada \\"Lark\\"","id":"1"}', '{"name":"Ada \\"Lark\\"","id":"1"}'),
        ("access_token=abcdefghijklmnop&expires=1", "access_token=…&expires=1"),
    ],
)
def test_an_answer_keeps_its_words_and_loses_its_secrets(text: str, kept: str) -> None:
    assert masked_text(text) == kept


def test_a_secret_at_the_cut_is_not_kept_either() -> None:
    text = '{"x":"' + "y" * (MAX_ANSWER - 30) + '","access_token":"' + "s3cret" * 20
    assert "s3crets3cret" not in masked_text(text)


def test_answers_are_kept_of_the_newest_calls_only() -> None:
    ledger = Ledger()
    for number in range(MAX_ANSWERS + 2):
        ledger.open(number, names()[0], "GET", "/", ()).answer = "kept"
    assert [bool(call.answer) for call in ledger.newest(MAX_ANSWERS + 2)] == [True] * MAX_ANSWERS + [False] * 2
