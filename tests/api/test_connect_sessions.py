"""Connect links: what may be asked for, how they end, and where they lead back to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from symphony_connect.web import pages
from tests.api.conftest import Api
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.tools.owner import Owner
from tests.tools.sandbox import Sandbox

ALLOWED = "https://app.example.com"


@pytest.fixture(scope="module")
def listed(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Any:
    """A service that sends people back to one origin only."""
    env = {**contract.settings(shared_sandbox), "SYMPHONY_ALLOWED_ORIGINS": ALLOWED}
    started = Api(shared_service(env, ["--no-worker"]), shared_sandbox)
    yield started
    started.http.close()


def make(api: Api, **fields: Any) -> Any:
    return api.send("POST", "/connect-sessions", json={"brandId": 5, **fields})


def made(api: Api, **fields: Any) -> Any:
    answer = make(api, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_session_is_what_the_contract_says(listed: Api) -> None:
    answer = make(listed)
    session = answer.json()["data"]
    assert set(session) == {"id", "token", "url", "expiresAt"}
    assert session["url"] == f"{listed.service.url}/connect/{session['token']}"
    assert len(session["token"]) >= 43
    assert answer.headers["cache-control"] == "no-store"
    left = datetime.fromisoformat(session["expiresAt"]) - datetime.now(UTC)
    assert 3_500 < left.total_seconds() <= 3_600


def test_the_token_is_stored_as_a_hash(listed: Api) -> None:
    token = made(listed)["token"]
    database = listed.service.data_dir / "symphony.db"
    stored = b"".join(path.read_bytes() for path in database.parent.glob("symphony.db*"))
    assert token.encode() not in stored
    assert token.removeprefix("symcs_").encode() not in stored


LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"expiresIn": 0}, "expiresIn"),
    ({"expiresIn": 30 * 86_400 + 1}, "expiresIn"),
    ({"expiresIn": "3600"}, "expiresIn"),
    ({"brandId": 0}, "brandId"),
    ({"brandId": "5"}, "brandId"),
    ({"adPlatforms": []}, "adPlatforms"),
    ({"adPlatforms": "meta"}, "adPlatforms"),
    ({"adPlatforms": [5]}, "adPlatforms.0"),
    ({"name": ""}, "name"),
    ({"redirectUrl": 5}, "redirectUrl"),
    ({"redirectUrl": ALLOWED + "/" + "x" * 2000}, "redirectUrl"),
    ({"platforms": ["meta"]}, "platforms"),
]


@pytest.mark.parametrize(("fields", "field"), LIMITS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_asked_for(listed: Api, fields: dict[str, Any], field: str) -> None:
    assert listed.refused(make(listed, **fields), 400, "invalid_request")["field"] == field


def test_its_longest_life_is_thirty_days(listed: Api) -> None:
    assert made(listed, expiresIn=30 * 86_400)
    listed.refused(make(listed, adPlatforms=["myspace"]), 404, "unknown_platform")


REDIRECTS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "https:\\\\evil.example",
    "https:/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://app.example.com@evil.example/",
    "https://evil.example\\@app.example.com/",
    "https://app.example.com.evil.example/",
    "https://app.example.com%2eevil.example/",
    "https://app.example.com%00.evil.example/",
    "https://evil.example/https://app.example.com",
    "https://evil.example#https://app.example.com",
    "https://evil.example?https://app.example.com",
    "https://app.example.com:8443/",
    "https://app.example.com:x/",
    "https://app.example.com:99999/",
    "http://app.example.com/",
    "https://[::1/",
    "https://user:pass@app.example.com/",
    "https://\u0430pp.example.com/",
    "https://app\u3002example.com/",
    " https://evil.example/",
    "\thttps://evil.example/",
    "https://app.example.com\t.evil.example/",
    "https://app.example.com/\r\nlocation: https://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://app.example.com",
    "data:text/html,hello",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://app.example.com/",
    "app.example.com",
    "/back",
    "",
]


@pytest.mark.parametrize("url", REDIRECTS)
def test_nobody_is_sent_elsewhere(listed: Api, url: str) -> None:
    answer = make(listed, redirectUrl=url)
    assert answer.status_code in (400, 403), answer.text
    listed.refused(answer, answer.status_code, "invalid_request" if answer.status_code == 400 else "origin_not_allowed")


@pytest.mark.parametrize("url", [ALLOWED, f"{ALLOWED}/", f"{ALLOWED}/a?b=c#d", "https://app.example.com:443/x"])
def test_addresses_of_an_allowed_origin_are_taken(listed: Api, url: str) -> None:
    assert made(listed, redirectUrl=url)


def test_an_ended_session_opens_nothing(listed: Api) -> None:
    session = made(listed)
    with Owner() as owner:
        start = owner.start_link(session["url"], "meta")
        dialog = owner.begin(start)
        ended = listed.send("DELETE", f"/connect-sessions/{session['id']}")
        assert ended.status_code == 200
        assert owner.http.get(session["url"]).status_code == 410
        assert owner.http.get(start).status_code == 410
        page = owner.visit(owner.decide(dialog, "ada"))
        assert "confirm" not in page.text.lower() or "<form" not in page.text
    listed.refused(listed.send("DELETE", f"/connect-sessions/{session['id']}"), 404, "connect_session_not_found")
    listed.refused(listed.send("GET", "/brands?brandId=5"), 404, "brand_not_found")


def test_a_session_ended_at_the_last_question_connects_nothing(listed: Api) -> None:
    session = made(listed, brandId=51)
    with Owner() as owner:
        question = owner.sign_in(owner.start_link(session["url"], "meta"), "ada")
        listed.send("DELETE", f"/connect-sessions/{session['id']}")
        again = owner.http.get(question.url)
        assert again.headers["content-type"].startswith("text/html")
        owner.submit(question, answer="yes")
    listed.refused(listed.send("GET", "/brands?brandId=51"), 404, "brand_not_found")


def test_a_session_runs_out(listed: Api) -> None:
    session = made(listed, brandId=52, expiresIn=60)
    with Owner() as owner:
        question = owner.sign_in(owner.start_link(session["url"], "meta"), "ada")
        listed.sandbox.advance("61s")
        assert owner.http.get(session["url"]).status_code == 410
        owner.submit(question, answer="yes")
    listed.refused(listed.send("GET", "/brands?brandId=52"), 404, "brand_not_found")


def test_a_session_is_for_the_platforms_it_names(listed: Api) -> None:
    session = made(listed, adPlatforms=["meta", "meta"])
    with Owner() as owner:
        assert "/oauth/tiktok/start" not in owner.visit(session["url"]).text
        answer = owner.http.get(f"{listed.service.url}/oauth/tiktok/start", params={"session": session["token"]})
    assert answer.status_code == 400


@pytest.mark.parametrize("token", ["symcs_" + "a" * 43, "x", "..%2f..%2fapi"])
def test_a_link_that_is_not_known(listed: Api, token: str) -> None:
    answer = listed.http.get(f"/connect/{token}")
    assert answer.status_code == 404
    assert answer.headers["x-request-id"]


def test_opening_a_link_spends_nothing(listed: Api) -> None:
    """Chat programs and mail scanners open every link."""
    session, person = made(listed, brandId=53), listed.sandbox.newcomer()
    for _ in range(3):
        assert listed.http.get(session["url"]).status_code == 200
        assert listed.http.head(session["url"]).status_code == 200
    with Owner() as owner:
        assert owner.connect(session["url"], "meta", person).status_code == 200
    assert listed.send("GET", "/brands/53/connections/meta").json()["data"]["status"] == "connected"


def test_a_name_is_shown_as_text(listed: Api) -> None:
    session = made(listed, name='<script>alert("1")</script>')
    page = listed.http.get(session["url"]).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("url", "back"),
    [
        ("https://app.example.com/x?status=old&a=1", "https://app.example.com/x?a=1&status=connected"),
        ("https://app.example.com/x?stat%75s=old&status", "https://app.example.com/x?status=connected"),
        ("https://app.example.com/x?a=1&a=2#end", "https://app.example.com/x?a=1&a=2&status=connected#end"),
    ],
)
def test_a_result_stands_once_in_the_way_back(url: str, back: str) -> None:
    assert pages.with_query(url, status="connected") == back
