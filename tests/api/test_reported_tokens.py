"""Campaign code, with a key that may only read tokens, says that the platform refused one."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect import platforms
from tests.api.conftest import Api
from tests.platforms.chosen import ANY


def report(api: Api, brand: int, key: str, *, platform: str = ANY, **body: Any) -> Any:
    return api.send("POST", f"/brands/{brand}/connections/{platform}/token/report", key=key, json=body)


def status(api: Api, brand: int) -> str:
    return str(api.send("GET", f"/brands/{brand}/connections/{ANY}").json()["data"]["status"])


def test_a_token_that_is_good_stays_so_whatever_the_caller_says(api: Api) -> None:
    brand, key = api.connected(ANY, api.sandbox.newcomer()), api.new_key("tokens:read")
    answer = report(api, brand, key, code="190", message="Error validating access token")
    assert answer.status_code == 200, answer.text
    reply = answer.json()["data"]
    assert (reply["found"], reply["changed"], reply["connection"]["status"]) == ("good", False, "connected")
    assert status(api, brand) == "connected"


@pytest.mark.parametrize("name", platforms.names())
def test_what_was_found_tells_whether_to_read_the_token_again(api: Api, name: str) -> None:
    """Not the same as whether the platform was content: it may have been so with a new token only."""
    person, brand, key = api.sandbox.newcomer(), api.brand(), api.new_key("tokens:read")
    # One that ends later than the next one will: that it is another one does not show by its end.
    app = platforms.sandbox_settings(api.sandbox.url)[f"SYMPHONY_{name.upper()}_APP_ID"]
    wanted = {"platform": name, "person": person, "app": app, "expiresIn": 100 * 86400}
    made = api.sandbox.client.post("/_sandbox/tokens", json=wanted).json()
    tokens = {each: made[each] for each in ("accessToken", "refreshToken") if each in made}
    body = {"brandId": brand, "adPlatform": name, **tokens}
    assert api.send("PUT", "/brands", json=body).status_code == 200
    path = f"/brands/{brand}/connections/{name}/token"
    before = api.send("GET", path, key=key).json()["data"]["accessToken"]
    api.sandbox.person(person, "expire-token", platform=name)
    found = report(api, brand, key, platform=name).json()["data"]["found"]
    after = api.send("GET", path, key=key).json()
    now = after["data"]["accessToken"] if after["success"] else ""
    assert found == ("needs_reconnect" if not now else "good" if now == before else "renewed")


@pytest.mark.parametrize(("code", "status"), [(190, 200), ("190", 200), (2**53, 400), (True, 400), (1.5, 400)])
def test_a_code_is_text_or_a_whole_number(api: Api, code: Any, status: int) -> None:
    brand = api.connected(ANY, api.sandbox.newcomer())
    answer = report(api, brand, api.new_key("tokens:read"), code=code)
    assert answer.status_code == status
    if status == 400 and code != 2**53:
        error = api.refused(answer, 400, "invalid_request")
        assert error["field"] == "code"
        assert error["message"] == "code: input should be a valid string, or input should be a valid integer."


def test_the_platform_is_asked_and_the_loss_is_known_at_once(api: Api) -> None:
    person = api.sandbox.newcomer()
    brand, key = api.connected(ANY, person), api.new_key("tokens:read")
    api.sandbox.person(person, "revoke", platform=ANY)
    assert api.send("GET", f"/brands/{brand}/connections/{ANY}/token", key=key).status_code == 200
    reply = report(api, brand, key, code="190").json()["data"]
    assert (reply["found"], reply["changed"]) == ("needs_reconnect", True)
    assert reply["connection"]["reason"]
    assert reply["reconnectUrl"] is None
    api.refused(api.send("GET", f"/brands/{brand}/connections/{ANY}/token", key=key), 409, "needs_reconnect")
    again = report(api, brand, api.new_key("tokens:read", "connect:write")).json()["data"]
    assert (again["found"], again["changed"]) == ("needs_reconnect", False)
    assert again["reconnectUrl"].startswith(f"{api.service.url}/connect/")


def test_a_key_reports_a_connection_once_a_minute(api: Api) -> None:
    brand, key = api.connected(ANY, api.sandbox.newcomer()), api.new_key("tokens:read")
    assert report(api, brand, key).status_code == 200
    calls = len(api.sandbox.calls(ANY))
    answer = report(api, brand, key)
    api.refused(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert len(api.sandbox.calls(ANY)) == calls
    assert report(api, brand, api.new_key("tokens:read")).status_code == 200
    assert report(api, api.connected(ANY, api.sandbox.newcomer()), key).status_code == 200


def test_nothing_changes_while_the_platform_is_out_of_reach(api: Api) -> None:
    brand, key = api.connected(ANY, api.sandbox.newcomer()), api.new_key("tokens:read")
    api.sandbox.fault(ANY, "http:503", times=20)
    try:
        api.refused(report(api, brand, key, code="190"), 503, "platform_unavailable")
    finally:
        api.sandbox.calm()
    assert api.send("GET", f"/brands/{brand}/connections/{ANY}/token", key=key).status_code == 200


@pytest.mark.parametrize("scope", ["brands:read", "brands:write", "connect:write"])
def test_it_needs_the_scope_of_readers(api: Api, scope: str) -> None:
    api.refused(report(api, 1, api.new_key(scope)), 403, "missing_scope")


def test_what_the_caller_says_is_bounded_and_no_token_of_it_is_kept(api: Api) -> None:
    person = api.sandbox.newcomer()
    brand, key = api.connected(ANY, person), api.new_key("tokens:read")
    api.refused(report(api, brand, key, code="1" * 61), 400, "invalid_request")
    api.refused(report(api, brand, key, error={}), 400, "invalid_request")
    token = api.send("GET", f"/brands/{brand}/connections/{ANY}/token", key=key).json()["data"]["accessToken"]
    assert report(api, brand, key, message=f"Refused: {token}").status_code == 200
    assert token not in str(api.stored())
