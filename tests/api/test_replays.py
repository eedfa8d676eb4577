"""`Idempotency-Key`: done once, answered alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.rows import rows


def put(api: Api, key: str, body: dict[str, Any], caller: str = "") -> Any:
    return api.send("PUT", "/brands", key=caller, json=body, headers={"idempotency-key": key})


def link(api: Api, key: str, caller: str = "", **body: Any) -> Any:
    return api.send("POST", "/connect-sessions", key=caller, json=body, headers={"idempotency-key": key})


def registration(api: Api) -> dict[str, Any]:
    return {"brandId": api.brand(), "adPlatform": ANY, **api.token(ANY, api.sandbox.newcomer())}


def test_the_same_request_gets_the_same_answer_and_is_done_once(stored_api: Api) -> None:
    body = registration(stored_api)
    first = put(stored_api, "one", body)
    assert first.status_code == 200
    calls = len(stored_api.sandbox.calls())
    again = put(stored_api, "one", body)
    assert (again.status_code, again.text) == (200, first.text)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(stored_api.sandbox.calls()) == calls


def test_a_link_is_given_again(stored_api: Api) -> None:
    first, again = (link(stored_api, "two", brandId=5).json()["data"] for _ in range(2))
    assert first == again
    assert stored_api.http.get(again["url"]).status_code == 200
    assert link(stored_api, "another", brandId=5).json()["data"]["token"] != first["token"]
    assert stored_api.send("POST", "/connect-sessions", json={"brandId": 5}).json()["data"]["id"] != first["id"]


def test_another_body_under_the_same_key_is_refused(stored_api: Api) -> None:
    body = registration(stored_api)
    put(stored_api, "three", body)
    before = stored_api.stored()
    other = {**body, "brandId": stored_api.brand()}
    stored_api.refused(put(stored_api, "three", other), 422, "idempotency_key_reused")
    assert stored_api.stored() == before


def test_a_key_of_another_caller_is_another(stored_api: Api) -> None:
    mine = link(stored_api, "four", brandId=5).json()["data"]
    for workspace in ("acme", "beta"):
        theirs = link(stored_api, "four", stored_api.new_key(workspace=workspace), brandId=5).json()["data"]
        assert theirs["token"] != mine["token"]


def test_what_failed_may_be_tried_again(stored_api: Api) -> None:
    body = registration(stored_api)
    bad = {**body, "accessToken": "EAAB" + "n" * 60}
    for _ in range(2):
        stored_api.refused(put(stored_api, "five", bad), 422, "token_refused")
    assert put(stored_api, "five", body).status_code == 200


def test_it_is_kept_for_a_day(stored_api: Api) -> None:
    first = link(stored_api, "six", brandId=5).json()["data"]
    stored_api.sandbox.advance("23h")
    assert link(stored_api, "six", brandId=5).json()["data"] == first
    stored_api.sandbox.advance("2h")
    assert link(stored_api, "six", brandId=5).json()["data"] != first


def test_at_once_one_works_and_the_others_are_told_so(stored_api: Api) -> None:
    body = registration(stored_api)
    stored_api.sandbox.control(
        "faults", {"platform": ANY, "path": contract.rules(ANY).INSPECTED, "times": 1, "delayMs": 1500}
    )
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: put(stored_api, "seven", body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            stored_api.refused(answer, 409, "busy")
            assert answer.headers["retry-after"]
    assert put(stored_api, "seven", body).headers["idempotency-replayed"] == "true"


def test_nothing_that_is_kept_can_be_read(stored_api: Api) -> None:
    body = registration(stored_api)
    put(stored_api, "eight", body)
    token = link(stored_api, "nine", brandId=5).json()["data"]["token"]
    kept = str(rows(stored_api.service.env["SYMPHONY_DATABASE_URL"], "replays"))
    assert len(kept) > 100
    for secret in (body["accessToken"], token, token.removeprefix("symcs_"), "eight", "nine"):
        assert secret not in kept


@pytest.mark.parametrize("key", ["", "with space", "é", "k" * 256])
def test_a_key_that_cannot_be(stored_api: Api, key: str) -> None:
    body = {"brandId": 5, "adPlatform": ANY, "accessToken": "EAAB" + "n" * 60}
    answer = stored_api.send("PUT", "/brands", json=body, headers={"idempotency-key": key.encode("latin-1")})
    stored_api.refused(answer, 400, "invalid_request")
