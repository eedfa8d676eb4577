"""A publishable key displaces nothing: no connection, no token that waits, no replacement that waits."""

from __future__ import annotations

import pytest

from symphony_connect.connections.handed_over import MOST_USES
from tests.api.conftest import Api
from tests.api.test_browsers import PAGE, WHO, popup, register
from tests.platforms import contract


@pytest.fixture
def key(stored_api: Api) -> str:
    return stored_api.new_key(publishable=True)


def served(api: Api, brand: int) -> str:
    answer = api.send("GET", f"/brands/{brand}/connections/{PAGE}/token")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["accessToken"])


def owner(api: Api, brand: int) -> str:
    return str(api.send("GET", f"/brands/{brand}/connections/{PAGE}").json()["data"]["identity"]["id"])


def verify(api: Api, brand: int) -> None:
    assert api.send("POST", f"/brands/{brand}/connections/{PAGE}/verify").status_code == 200


@pytest.mark.parametrize("fault", ["http:503", contract.rules(PAGE).LIMIT[0]])
def test_a_stranger_does_not_take_a_brand_whose_token_waits(stored_api: Api, key: str, fault: str) -> None:
    api, brand = stored_api, stored_api.brand()
    theirs = popup(api, key, api.sandbox.newcomer())
    mine = api.token(PAGE, api.sandbox.newcomer())
    api.sandbox.fault(PAGE, fault, times=1000)
    body = {"brandId": brand, "adPlatform": PAGE, **mine}
    assert api.send("PUT", "/brands", json=body).status_code == 202
    api.refused(register(api, key, brand, theirs["accessToken"]), 503, "platform_unavailable")
    api.sandbox.calm()
    # The platform is back, and nobody has looked at the waiting token yet.
    api.refused(register(api, key, brand, theirs["accessToken"]), 409, "identity_mismatch")
    verify(api, brand)
    assert owner(api, brand) != theirs[WHO]
    api.refused(register(api, key, brand, theirs["accessToken"]), 409, "identity_mismatch")


def test_the_first_of_two_pages_keeps_its_place(stored_api: Api, key: str) -> None:
    """Both come while the platform is out of reach; sending the same token twice is harmless."""
    api, brand = stored_api, stored_api.brand()
    first, second = (popup(api, key, api.sandbox.newcomer()) for _ in range(2))
    api.sandbox.fault(PAGE, "http:503", times=1000)
    assert register(api, key, brand, first["accessToken"]).status_code == 202
    assert register(api, key, brand, first["accessToken"]).status_code == 202
    api.refused(register(api, key, brand, second["accessToken"]), 503, "platform_unavailable")
    api.sandbox.calm()
    verify(api, brand)
    assert owner(api, brand) == first[WHO]


def test_the_owners_replacement_goes_on_waiting(stored_api: Api, key: str) -> None:
    api, person = stored_api, stored_api.sandbox.newcomer()
    brand, other = api.connected(PAGE, person), api.sandbox.newcomer()
    again = popup(api, key, person)
    replacement = api.token(PAGE, other)
    before = owner(api, brand)
    api.sandbox.fault(PAGE, "http:503", times=1000)
    body = {"brandId": brand, "adPlatform": PAGE, **replacement, "replaceIdentity": True}
    assert api.send("PUT", "/brands", json=body).status_code == 202
    api.refused(register(api, key, brand, again["accessToken"]), 503, "platform_unavailable")
    api.sandbox.calm()
    assert register(api, key, brand, again["accessToken"]).status_code == 200
    assert owner(api, brand) == before
    verify(api, brand)
    assert owner(api, brand) != before, "the token that the secret key sent takes its place in the end"


def test_one_token_does_not_make_the_platform_be_asked_without_end(stored_api: Api, key: str) -> None:
    api, token = stored_api, popup(stored_api, key, stored_api.sandbox.newcomer())["accessToken"]
    answers = [register(api, key, api.brand(), token).status_code for _ in range(MOST_USES)]
    assert answers == [200] * MOST_USES
    before = len(api.sandbox.calls(PAGE))
    answer = register(api, key, api.brand(), token)
    api.refused(answer, 429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0
    assert len(api.sandbox.calls(PAGE)) == before


def test_a_mismatch_names_nobody(stored_api: Api, key: str) -> None:
    api, brand = stored_api, stored_api.connected(PAGE, stored_api.sandbox.newcomer())
    name = api.send("GET", f"/brands/{brand}/connections/{PAGE}").json()["data"]["identity"]["name"]
    answer = register(api, key, brand, popup(api, key, api.sandbox.newcomer())["accessToken"])
    api.refused(answer, 409, "identity_mismatch")
    assert name not in answer.text
