"""Two workspaces: nothing of one can be read, changed or guessed from the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_keys import CALLS
from tests.platforms.chosen import ANY

BRAND = 424_242


@pytest.fixture(scope="module")
def ours(api: Api) -> str:
    """The connect session of the workspace that has the brand."""
    body = {"brandId": BRAND, "adPlatform": ANY, "name": "Ours", **api.token(ANY)}
    assert api.send("PUT", "/brands", json=body).status_code == 200
    session = api.send("POST", "/connect-sessions", json={"brandId": BRAND}).json()["data"]
    id: str = session["id"]
    return id


@pytest.fixture(scope="module")
def theirs(api: Api, ours: str) -> str:
    return api.new_key(workspace="beta")


@pytest.mark.parametrize(
    "name", [name for name in CALLS if "brands" in name or "connection" in name or "session" in name]
)
def test_the_other_workspace_finds_nothing(api: Api, ours: str, theirs: str, name: str) -> None:
    method, path, body = CALLS[name]
    path = path.replace("/5/", f"/{BRAND}/").replace("=5", f"={BRAND}").replace("sess_5", ours)
    before = api.stored()
    there = api.send(
        method, path, key=theirs, json=body and {**body, **({"brandId": BRAND} if "brandId" in body else {})}
    )
    nowhere = api.send(method, path.replace(str(BRAND), "99").replace(ours, "sess_9"), key=theirs, json=body)
    if name == "POST connect-sessions":
        assert "Ours" not in there.text
    else:
        assert "Ours" not in there.text + str(there.headers)
        assert there.status_code == nowhere.status_code
        assert said(there, BRAND) == said(nowhere, 99), "the answers tell which brands another workspace has"
    assert api.stored() == before


def said(answer: Any, brand: int) -> Any:
    reply = answer.json()
    reply.pop("requestId", None)
    return str(reply).replace(str(brand), "N")


@pytest.mark.parametrize("path", ["/verify", "/renew", "/token", "/ad-accounts", ""])
def test_connections_too(api: Api, ours: str, theirs: str, path: str) -> None:
    method = "POST" if path in ("/verify", "/renew") else "GET"
    answer = api.send(method, f"/brands/{BRAND}/connections/{ANY}{path}", key=theirs)
    api.refused(answer, 404, "brand_not_found")


def test_the_same_brand_number_is_another_brand(api: Api, ours: str, theirs: str) -> None:
    person = api.sandbox.newcomer()
    body = {"brandId": BRAND, "adPlatform": ANY, "name": "Theirs", **api.token(ANY, person)}
    assert api.send("PUT", "/brands", key=theirs, json=body).status_code == 200
    tokens = [
        api.send("GET", f"/brands/{BRAND}/connections/{ANY}/token", key=key).json()["data"]["accessToken"]
        for key in ("", theirs)
    ]
    assert tokens[0] != tokens[1]
    assert api.send("DELETE", f"/brands?brandId={BRAND}", key=theirs).status_code == 200
    answer = api.send("GET", f"/brands/{BRAND}/connections/{ANY}/token").json()
    assert answer["data"]["accessToken"] == tokens[0]


def test_one_person_behind_brands_of_two_workspaces(api: Api, theirs: str) -> None:
    """The platform has one app for both: ending one's grant there would end the other's."""
    person = api.sandbox.newcomer()
    ours, beta = api.connected(ANY, person), api.connected(ANY, person, key=theirs)
    receipt = api.send("DELETE", f"/brands/{beta}/connections/{ANY}", key=theirs).json()["data"]["receipt"]
    assert receipt["upstream"] == "shared_identity"
    verified = api.send("POST", f"/brands/{ours}/connections/{ANY}/verify").json()["data"]
    assert verified["connection"]["status"] == "connected"


def test_a_session_is_ended_by_its_own_workspace_only(api: Api, ours: str, theirs: str) -> None:
    api.refused(api.send("DELETE", f"/connect-sessions/{ours}", key=theirs), 404, "connect_session_not_found")
    assert api.send("DELETE", f"/connect-sessions/{ours}").status_code == 200


def test_lists_hold_only_ones_own(api: Api, ours: str) -> None:
    key = api.new_key(workspace="gamma")
    assert api.send("GET", "/brands", key=key).json()["data"] == []
