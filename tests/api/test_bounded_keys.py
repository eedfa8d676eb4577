"""Keys that are bounded to brands, platforms, ad accounts or reading, and keys that make keys."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.bounds import Bounds, loaded
from symphony_connect.platforms import names
from tests.api.conftest import Api
from tests.platforms.chosen import ANY

ELSEWHERE = next(name for name in reversed(names()) if name != ANY)
BRAND_CALLS = [
    ("GET", "/brands?brandId={brand}", None),
    ("DELETE", "/brands?brandId={brand}", None),
    ("GET", "/brands/{brand}/connections", None),
    ("GET", "/brands/{brand}/connections/{platform}", None),
    ("DELETE", "/brands/{brand}/connections/{platform}", None),
    ("GET", "/brands/{brand}/connections/{platform}/token", None),
    ("GET", "/brands/{brand}/connections/{platform}/token?minTtl=0", None),
    ("POST", "/brands/{brand}/connections/{platform}/token/report", {}),
    ("POST", "/brands/{brand}/connections/{platform}/verify", None),
    ("POST", "/brands/{brand}/connections/{platform}/renew", None),
    ("GET", "/brands/{brand}/connections/{platform}/ad-accounts", None),
    ("GET", "/brands/{brand}/connections/{platform}/ad-accounts?refresh=true", None),
    ("PUT", "/brands/{brand}/connections/{platform}/ad-accounts", {"selected": []}),
    ("GET", "/brands/{brand}/connections/{platform}/assets", None),
    ("GET", "/brands/{brand}/connections/{platform}/assets?refresh=true", None),
    ("PUT", "/brands/{brand}/connections/{platform}/assets", {"selected": []}),
]
CONNECTION_CALLS = [call for call in BRAND_CALLS if "{platform}" in call[1]]


@pytest.fixture
def two(stored_api: Api) -> tuple[int, int]:
    """A brand that is in bounds, and one that is not; both connected to two platforms."""
    brands = stored_api.connected(ANY), stored_api.connected(ANY)
    for brand in brands:
        body = {"brandId": brand, "adPlatform": ELSEWHERE, **stored_api.token(ELSEWHERE)}
        assert stored_api.send("PUT", "/brands", json=body).status_code == 200
    return brands


def said(answer: Any, *ids: int) -> str:
    reply = answer.json()
    reply.pop("requestId", None)
    text = str(reply)
    for id in ids:
        text = text.replace(str(id), "N")
    return text


def test_a_brand_out_of_bounds_is_not_there(stored_api: Api, two: tuple[int, int]) -> None:
    api, (_, outside), nowhere = stored_api, two, stored_api.brand()
    key = api.new_key(bounds=Bounds(brands=frozenset({two[0], nowhere})))
    before = api.stored()
    for method, path, body in BRAND_CALLS:
        there = api.send(method, path.format(brand=outside, platform=ANY), key=key, json=body)
        truly = api.send(method, path.format(brand=nowhere, platform=ANY), key=key, json=body)
        assert there.status_code == truly.status_code == 404, f"{method} {path}: {there.text}"
        assert said(there, outside) == said(truly, nowhere), f"{method} {path} tells that there is such a brand"
    token = {"adPlatform": ANY, **api.token(ANY)}
    api.refused(api.send("PUT", "/brands", key=key, json={"brandId": outside, **token}), 404, "brand_not_found")
    ask = {"brandId": outside}
    api.refused(api.send("POST", "/connect-sessions", key=key, json=ask), 404, "brand_not_found")
    assert api.stored() == before


def test_a_platform_out_of_bounds_is_not_there(stored_api: Api, two: tuple[int, int]) -> None:
    api, (brand, _) = stored_api, two
    key = api.new_key(bounds=Bounds(platforms=frozenset({ANY})))
    before = api.stored()
    for method, path, body in CONNECTION_CALLS:
        answer = api.send(method, path.format(brand=brand, platform=ELSEWHERE), key=key, json=body)
        api.refused(answer, 404, "unknown_platform")
    put = {"brandId": brand, "adPlatform": ELSEWHERE, **api.token(ELSEWHERE)}
    api.refused(api.send("PUT", "/brands", key=key, json=put), 404, "unknown_platform")
    ask = {"brandId": brand, "adPlatforms": [ELSEWHERE]}
    api.refused(api.send("POST", "/connect-sessions", key=key, json=ask), 404, "unknown_platform")
    api.refused(api.send("GET", f"/brands?platform={ELSEWHERE}", key=key), 404, "unknown_platform")
    api.refused(api.send("DELETE", f"/brands?brandId={brand}", key=key), 403, "missing_scope")
    assert api.stored() == before
    shown = api.send("GET", f"/brands?brandId={brand}", key=key).json()["data"]["connections"]
    assert [each["adPlatform"] for each in shown] == [ANY]
    assert [each["adPlatform"] for each in api.send("GET", "/platforms", key=key).json()["data"]] == [ANY]
    made = api.send("POST", "/connect-sessions", key=key, json={"brandId": brand})
    assert made.status_code == 200


def test_lists_show_what_is_in_bounds(stored_api: Api, two: tuple[int, int]) -> None:
    api, (inside, _) = stored_api, two
    both = stored_api.connected(ANY)
    key = api.new_key(bounds=Bounds(brands=frozenset({inside, both, api.brand()}), platforms=frozenset({ANY})))

    def listed(query: str = "") -> list[int]:
        found, cursor = [], ""
        while cursor is not None:
            page = api.send("GET", f"/brands?limit=1&cursor={cursor}{query}", key=key).json()
            found += page["data"]
            cursor = page["nextCursor"]
        assert all(each["adPlatform"] == ANY for brand in found for each in brand["connections"])
        return [brand["id"] for brand in found]

    assert listed() == [inside, both]
    assert listed("&status=connected") == [inside, both]
    assert listed(f"&platform={ANY}") == [inside, both]
    assert listed("&status=needs_reconnect") == []
    other = api.new_key(bounds=Bounds(platforms=frozenset({ELSEWHERE})))
    ids = [each["id"] for each in api.send("GET", "/brands?status=connected&limit=200", key=other).json()["data"]]
    assert inside in ids
    assert both not in ids, "its connection on the platform out of bounds has this status"


def test_ad_accounts_out_of_bounds_are_not_shown(stored_api: Api) -> None:
    api = stored_api
    person = api.sandbox.newcomer(adAccounts=4)
    brand = api.connected(ANY, person)
    at = f"/brands/{brand}/connections/{ANY}"
    ids = [account["id"] for account in api.send("GET", f"{at}/ad-accounts").json()["data"]]
    key = api.new_key(bounds=Bounds(ad_accounts=frozenset(ids[1:3])))
    for query in ("", "?refresh=true"):
        answer = api.send("GET", f"{at}/ad-accounts{query}", key=key).json()
        assert [account["id"] for account in answer["data"]] == ids[1:3]
    assert api.send("GET", at, key=key).json()["data"]["adAccounts"] == 2
    assert api.send("GET", f"/brands?brandId={brand}", key=key).json()["data"]["connections"][0]["adAccounts"] == 2
    assert api.send("PUT", f"{at}/ad-accounts", json={"selected": [ids[0], ids[1]]}).status_code == 200
    assert api.send("GET", at, key=key).json()["data"]["selectedAdAccounts"] == 1
    for method, path, body in CONNECTION_CALLS:
        if method != "GET" or "/token" in path:
            answer = api.send(method, path.format(brand=brand, platform=ANY), key=key, json=body)
            api.refused(answer, 403, "missing_scope")


def test_a_connect_session_out_of_bounds_is_not_there(api: Api) -> None:
    inside, outside = api.brand(), api.brand()
    key = api.new_key(bounds=Bounds(brands=frozenset({inside}), platforms=frozenset({ANY})))
    sessions = [
        api.send("POST", "/connect-sessions", json=body).json()["data"]["id"]
        for body in ({"brandId": outside}, {"brandId": inside}, {"brandId": inside, "adPlatforms": [ANY]})
    ]
    answers = [api.send("DELETE", f"/connect-sessions/{id}", key=key).status_code for id in sessions]
    assert answers == [404, 404, 200], "the second also connects a platform that is out of bounds"


def test_what_counts_every_brand_is_not_for_a_bounded_key(api: Api) -> None:
    for bounds in (Bounds(brands=frozenset({5})), Bounds(read_only=True)):
        key = api.new_key("brands:read", bounds=bounds)
        answer = api.http.get("/metrics", headers={"x-api-key": key})
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize(
    "bounds", [{"adAccounts": ["act_1"]}, {"readOnly": True}, {"adAccounts": ["act_1"], "readOnly": True}]
)
@pytest.mark.parametrize("scope", ["tokens:read", "brands:write", "connect:write", "webhooks:write"])
def test_a_scope_that_reaches_beyond_the_bounds_is_refused(api: Api, bounds: dict[str, Any], scope: str) -> None:
    error = api.refused(api.send("POST", "/keys", json={"scopes": [scope], **bounds}), 400, "invalid_request")
    assert error["field"] == "scopes"
    assert scope in error["message"]
    assert api.send("POST", "/keys", json={"scopes": ["brands:read", "proxy:use"], **bounds}).status_code == 200


def made(api: Api, key: str, **ask: Any) -> Any:
    return api.send("POST", "/keys", key=key, json={"scopes": ["brands:read"], **ask})


def bounds_of(api: Api, id: str) -> Bounds:
    columns = [row for row in api.send("GET", "/keys?limit=200").json()["data"] if row["id"] == id]
    (row,) = columns
    return Bounds(
        brands=frozenset(row["brands"]) if row["brands"] is not None else None,
        platforms=frozenset(row["platforms"]) if row["platforms"] is not None else None,
        ad_accounts=frozenset(row["adAccounts"]) if row["adAccounts"] is not None else None,
        read_only=row["readOnly"],
    )


def test_a_key_makes_none_that_is_wider_than_itself(api: Api) -> None:
    bounds = Bounds(frozenset({5, 6}), frozenset({ANY}), frozenset({"act_1", "act_2"}), read_only=True)
    maker = api.new_key("keys:write", "brands:read", bounds=bounds)
    wider = (
        {"brands": [5, 7]},
        {"platforms": [ANY, ELSEWHERE]},
        {"adAccounts": ["act_3"]},
        {"scopes": ["brands:read", "events:read"]},
    )
    for ask in wider:
        api.refused(made(api, maker, **ask), 403, "missing_scope")
    for publishable in ({"publishable": True, "scopes": []}, {"publishable": True}):
        assert made(api, maker, **publishable).status_code == 400
    inherited = made(api, maker).json()["data"]["id"]
    assert bounds_of(api, inherited) == bounds
    narrower = made(api, maker, brands=[5], adAccounts=["act_2"], readOnly=False).json()["data"]["id"]
    assert bounds_of(api, narrower) == Bounds(frozenset({5}), frozenset({ANY}), frozenset({"act_2"}), read_only=True)


def test_a_key_ends_no_later_than_its_maker(api: Api) -> None:
    maker = api.new_key("keys:write", "brands:read", days=2)
    ends = [row["expiresAt"] for row in api.send("GET", "/keys?limit=200").json()["data"] if row["expiresAt"]][-1]
    for ask in ({}, {"expiresIn": 30 * 86_400}):
        assert made(api, maker, **ask).json()["data"]["expiresAt"] == ends
    assert made(api, maker, expiresIn=3600).json()["data"]["expiresAt"] < ends


def test_a_bounded_key_knows_only_keys_within_its_bounds(api: Api) -> None:
    maker = api.new_key("keys:write", "brands:read", bounds=Bounds(brands=frozenset({5, 6})))
    within = made(api, maker, brands=[6]).json()["data"]["id"]
    beyond = [made(api, "", brands=[6, 7]).json()["data"]["id"], made(api, "").json()["data"]["id"]]
    listed, cursor = [], ""
    while cursor is not None:
        page = api.send("GET", f"/keys?limit=1&cursor={cursor}", key=maker).json()
        listed += [row["id"] for row in page["data"]]
        cursor = page["nextCursor"]
    assert within in listed
    assert not set(beyond) & set(listed)
    for id in beyond:
        api.refused(api.send("DELETE", f"/keys/{id}", key=maker), 404, "not_found")
    assert api.send("DELETE", f"/keys/{within}", key=maker).status_code == 200
    api.refused(api.send("DELETE", f"/keys/{within}", key=maker), 404, "not_found")


def test_the_key_itself_is_shown_once(api: Api) -> None:
    answer = made(api, "", name="Campaign code")
    key = answer.json()["data"]["key"]
    assert answer.headers["cache-control"] == "no-store"
    assert api.send("GET", "/brands", key=key).status_code == 200
    listed = api.send("GET", "/keys?limit=200").text
    assert key not in listed
    assert "Campaign code" in listed


def test_a_publishable_key_is_bounded_too(api: Api) -> None:
    answer = api.send("POST", "/keys", json={"publishable": True, "platforms": [ANY], "origins": ["https://a.example"]})
    key = answer.json()["data"]["key"]
    for platform, status in ((ANY, 303), (ELSEWHERE, 404)):
        query = {"origin": "https://a.example", "nonce": "n" * 22, "key": key}
        assert api.http.get(f"/oauth/{platform}/start", params=query).status_code == status
    api.refused(api.send("POST", "/keys", json={"publishable": True, "readOnly": True}), 400, "invalid_request")


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({}, "scopes"),
        ({"scopes": ["brands:raed"]}, "scopes"),
        ({"scopes": ["brands:read"], "brands": []}, "brands"),
        ({"scopes": ["brands:read"], "brands": [0]}, "brands"),
        ({"scopes": ["brands:read"], "platforms": ["nowhere"]}, "platforms"),
        ({"scopes": ["brands:read"], "adAccounts": []}, "adAccounts"),
        ({"scopes": ["brands:read"], "expiresIn": 0}, "expiresIn"),
        ({"scopes": ["brands:read"], "origins": ["https://a.example"]}, "origins"),
        ({"scopes": ["brands:read"], "publishable": True}, "scopes"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(api: Api, ask: dict[str, Any], field: str) -> None:
    error = api.refused(api.send("POST", "/keys", json=ask), 400, "invalid_request")
    assert error["field"].startswith(field)


def test_stored_bounds_are_what_was_asked() -> None:
    for bounds in (Bounds(), Bounds(frozenset({3, 1}), frozenset({"b", "a"}), frozenset({"act_1"}), read_only=True)):
        assert loaded(bounds.dumped()) == bounds
    assert Bounds().dumped() == "{}"


def test_the_command_makes_bounded_keys(api: Api) -> None:
    options = ("--brands", "12345,12346", "--platforms", ANY, "--ad-accounts", "act_1,act_2", "--read-only")
    key = api.service.new_key(*options)
    assert key["brands"] == [12345, 12346]
    assert key["platforms"] == [ANY]
    assert key["adAccounts"] == ["act_1", "act_2"]
    assert key["readOnly"] is True
    assert "tokens:read" not in key["scopes"]
    assert set(key["scopes"]) < set(SCOPES)
    for bad in (
        ("--brands", "x"),
        ("--platforms", "nowhere"),
        ("--ad-accounts", ","),
        ("--read-only", "--scopes", "tokens:read"),
    ):
        refused = api.service.cli("keys", "create", "--workspace", "acme", *bad, check=False)
        assert refused.returncode in (1, 2), bad
        assert "Traceback" not in refused.stderr
        assert refused.stderr.strip()
