"""Whatever is wrong with a request has a clear answer in the one shape, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import API, Api
from tests.platforms.chosen import ANY, OTHER

TOKEN = "EAAB" + "z" * 60
JSON = {"content-type": "application/json"}
LONGEST = 64 * 1024


def put(**changes: Any) -> dict[str, Any]:
    """A good body of `PUT /brands` with some fields changed; None leaves one out."""
    good = {"brandId": 777, "adPlatform": ANY, "accessToken": TOKEN}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def raw(text: str | bytes) -> bytes:
    """The good body as text, with `text` in the place of the brand's id."""
    before, after = json.dumps(put(brandId="@")).encode().split(b'"@"')
    return before + (text if isinstance(text, bytes) else text.encode()) + after


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no brandId": (put(brandId=None), "brandId"),
    "no platform": (put(adPlatform=None), "adPlatform"),
    "no token": (put(accessToken=None), "accessToken"),
    "a brand of text": (put(brandId="777"), "brandId"),
    "half a brand": (put(brandId=1.5), "brandId"),
    "a brand of a float": (put(brandId=777.0), "brandId"),
    "a true brand": (put(brandId=True), "brandId"),
    "a list of brands": (put(brandId=[777]), "brandId"),
    "brand zero": (put(brandId=0), "brandId"),
    "a brand below zero": (put(brandId=-1), "brandId"),
    "a numeric token": (put(accessToken=5), "accessToken"),
    "an empty token": (put(accessToken=""), "accessToken"),
    "a token with a line end": (put(accessToken=TOKEN + "\r\nx-evil: 1"), "accessToken"),
    "a token with a space": (put(accessToken=TOKEN + " x"), "accessToken"),
    "a token beyond ASCII": (put(accessToken=TOKEN + "é"), "accessToken"),
    "an endless token": (put(accessToken="E" * 8193), "accessToken"),
    "a token in an object": (put(accessToken={"value": TOKEN}), "accessToken"),
    "an empty name": (put(name=""), "name"),
    "a long name": (put(name="n" * 201), "name"),
    "expiry as text": (put(expiresIn="60"), "expiresIn"),
    "expiry below zero": (put(expiresIn=-1), "expiresIn"),
    "expiry of centuries": (put(expiresIn=10**12), "expiresIn"),
    "yes for true": (put(replaceIdentity="yes"), "replaceIdentity"),
    "one for true": (put(replaceIdentity=1), "replaceIdentity"),
    "an unknown field": (put(workspace="other"), "workspace"),
    "a field in the wrong case": (put(brandid=777), "brandid"),
    "a field in Python's case": (put(brandId=None, brand_id=777), "brandId"),
}


@pytest.fixture
def nothing_stored(stored_api: Api) -> Iterator[None]:
    before = stored_api.stored()
    yield
    assert stored_api.stored() == before


@pytest.mark.parametrize("wrong", FIELDS)
@pytest.mark.usefixtures("nothing_stored")
def test_a_wrong_field_is_named(stored_api: Api, wrong: str) -> None:
    body, field = FIELDS[wrong]
    error = stored_api.refused(stored_api.send("PUT", "/brands", json=body), 400, "invalid_request")
    assert error["field"] == field
    assert TOKEN not in str(error)


BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "invalid_json"),
    "an array": (b"[]", "invalid_json"),
    "null": (b"null", "invalid_json"),
    "text": (b'"brand"', "invalid_json"),
    "half a body": (raw("777")[:-1], "invalid_json"),
    "two bodies": (raw("777") * 2, "invalid_json"),
    "a form": (b"brandId=777&adPlatform=meta", "invalid_json"),
    "a comment": (raw("777 /* mine */"), "invalid_json"),
    "NaN": (raw("NaN"), "invalid_json"),
    "infinity": (raw("-Infinity"), "invalid_json"),
    "a number beyond numbers": (raw("1e999"), "invalid_json"),
    "2^53": (raw(str(2**53)), "invalid_json"),
    "minus 2^53": (raw(str(-(2**53))), "invalid_json"),
    "a number of 5,000 digits": (raw("9" * 5000), "invalid_json"),
    "5,000 unknown fields": (raw("777" + "".join(f', "f{n}": 1' for n in range(5000))), "invalid_json"),
    "a repeated key": (raw('777, "brandId": 778'), "invalid_json"),
    "a repeated key inside": (raw('777, "name": {"a": 1, "a": 2}'), "invalid_json"),
    "a NUL": (raw('777, "name": "a\\u0000b"'), "invalid_json"),
    "a NUL in a key": (raw('777, "na\\u0000me": 1'), "invalid_json"),
    "a raw NUL": (raw(b'777, "name": "a\x00b"'), "invalid_json"),
    "half a surrogate pair": (raw('777, "name": "\\ud800"'), "invalid_json"),
    "the other half": (raw('777, "name": "\\udfff!"'), "invalid_json"),
    "bytes that are no UTF-8": (raw(b'777, "name": "\xff\xfe"'), "invalid_json"),
    "UTF-16": (raw("777").decode().encode("utf-16"), "invalid_json"),
    "a byte-order mark": (b"\xef\xbb\xbf" + raw("777"), "invalid_json"),
    "deep arrays": (raw("[" * 30 + "]" * 30), "invalid_json"),
    "very deep arrays": (b"[" * 60_000, "invalid_json"),
    "very deep objects": (b'{"a":' * 12_000 + b"1" + b"}" * 12_000, "body_too_large"),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "invalid_json"),
}


@pytest.mark.parametrize("wrong", BODIES)
@pytest.mark.usefixtures("nothing_stored")
def test_a_body_that_is_not_one_plain_object(stored_api: Api, wrong: str) -> None:
    content, code = BODIES[wrong]
    answer = stored_api.send("PUT", "/brands", content=content, headers=JSON)
    error = stored_api.refused(answer, 413 if code == "body_too_large" else 400, code)
    assert TOKEN not in str(error)


def chunks(size: int) -> Iterator[bytes]:
    """A body whose length is not declared."""
    for _ in range(size // 4096):
        yield b" " * 4096
    yield raw("777")


@pytest.mark.usefixtures("nothing_stored")
def test_a_large_body_is_cut_off_whether_its_length_is_declared_or_not(stored_api: Api) -> None:
    padded = raw("777") + b" " * LONGEST
    stored_api.refused(stored_api.send("PUT", "/brands", content=padded, headers=JSON), 413, "body_too_large")
    answer = stored_api.send("PUT", "/brands", content=chunks(2 * LONGEST), headers=JSON)
    stored_api.refused(answer, 413, "body_too_large")
    within = stored_api.send("PUT", "/brands", content=chunks(LONGEST // 2), headers=JSON)
    stored_api.refused(within, 422, "token_refused")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json"]
)
@pytest.mark.usefixtures("nothing_stored")
def test_a_body_that_does_not_say_it_is_json(stored_api: Api, kind: str) -> None:
    answer = stored_api.send("PUT", "/brands", content=raw("777"), headers={"content-type": kind})
    stored_api.refused(answer, 415, "unsupported_media_type")


@pytest.mark.usefixtures("nothing_stored")
def test_an_unknown_platform(stored_api: Api) -> None:
    for name in ("myspace", ANY.upper(), f"{ANY} ", f"../{ANY}", f"{ANY}\n", "m" * 30):
        answer = stored_api.send("PUT", "/brands", json=put(adPlatform=name))
        assert stored_api.refused(answer, 404, "unknown_platform")["field"] == "adPlatform"


@pytest.mark.usefixtures("nothing_stored")
def test_methods_and_paths_that_are_not_there(stored_api: Api) -> None:
    for method in ("POST", "PATCH"):
        answer = stored_api.send(method, "/brands", json=put())
        stored_api.refused(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == "DELETE, GET, PUT"
    for path in (
        "/",
        "/brand",
        "/brands/",
        "/brands/1",
        f"/brands/1/connections/{ANY}/token/x",
        "/..%2f..%2fetc",
    ):
        answer = stored_api.send("GET", path)
        assert stored_api.refused(answer, answer.status_code, "not_found")
        assert answer.status_code == 404


QUERIES = [
    "/brands?brandId=",
    "/brands?brandId=abc",
    "/brands?brandId=0",
    "/brands?brandId=-5",
    "/brands?brandId=1.5",
    "/brands?brandId=1e3",
    "/brands?brandId=9007199254740992",
    "/brands?brandId=" + "9" * 400,
    "/brands?brandId=1%00",
    "/brands?brandId=%2B1",
    "/brands?brandId=%201",
    "/brands?brandId=1.0",
    "/brands?brandId=1_0",
    "/brands?brandId=1&brandId=2",
    "/brands?brand=1",
    "/brands?brandid=1",
    "/brands?limit=%2B5",
    "/brands/%2B1/connections",
    f"/brands/{{brand}}/connections/{ANY}?refresh=true",
    "/brands?limit=0",
    "/brands?limit=201",
    "/brands?limit=many",
    "/brands?cursor=%21%21",
    "/brands?cursor=LTE",
    "/brands?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "/brands?cursor=" + "A" * 201,
    "/brands/0/connections",
    "/brands/abc/connections",
    f"/brands/9007199254740992/connections/{ANY}/token",
    f"/brands/{{brand}}/connections/{ANY}/token?minTtl=-1",
    f"/brands/{{brand}}/connections/{ANY}/token?minTtl=86401",
    f"/brands/{{brand}}/connections/{ANY}/token?minTtl=soon",
    f"/brands/{{brand}}/connections/{ANY}/ad-accounts?limit=0",
    f"/brands/{{brand}}/connections/{ANY}/ad-accounts?cursor=%00",
    f"/brands/{{brand}}/connections/{ANY}/ad-accounts?refresh=perhaps",
]


@pytest.fixture(scope="module")
def there(stored_api: Api) -> int:
    """A brand that is there."""
    return stored_api.connected()


@pytest.mark.parametrize("path", QUERIES)
def test_a_query_that_says_nothing_sensible(stored_api: Api, there: int, path: str) -> None:
    before = stored_api.stored()
    stored_api.refused(stored_api.send("GET", path.format(brand=there)), 400, "invalid_request")
    assert stored_api.stored() == before


UNKNOWN = [
    ("GET", "/brands?brandId=999999"),
    ("DELETE", "/brands?brandId=999999"),
    ("GET", "/brands/999999/connections"),
    ("GET", f"/brands/999999/connections/{ANY}"),
    ("DELETE", f"/brands/999999/connections/{ANY}"),
    ("GET", f"/brands/999999/connections/{ANY}/token"),
    ("POST", f"/brands/999999/connections/{ANY}/verify"),
    ("POST", f"/brands/999999/connections/{ANY}/renew"),
    ("GET", f"/brands/999999/connections/{ANY}/ad-accounts"),
    ("GET", f"/brands/9007199254740991/connections/{ANY}/token"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_a_brand_that_is_not_there(stored_api: Api, there: int, method: str, path: str) -> None:
    before = stored_api.stored()
    stored_api.refused(stored_api.send(method, path), 404, "brand_not_found")
    other = f"/brands/{there}/connections/{OTHER}" + path.partition(f"/connections/{ANY}")[2]
    if f"/connections/{ANY}" in path:
        stored_api.refused(stored_api.send(method, other), 404, "connection_not_found")
        stored_api.refused(stored_api.send(method, other.replace(OTHER, "myspace")), 404, "unknown_platform")
    assert stored_api.stored() == before


SELECTIONS: list[Any] = [
    {},
    {"selected": "act_1"},
    {"selected": [1]},
    {"selected": [None]},
    {"selected": ["act_1"]},
    {"selected": [""]},
    {"selected": [["act_1"]]},
    {"selected": [], "more": 1},
]


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_a_selection_that_cannot_be(stored_api: Api, there: int, selection: Any) -> None:
    before = stored_api.stored()
    answer = stored_api.send("PUT", f"/brands/{there}/connections/{ANY}/ad-accounts", json=selection)
    stored_api.refused(answer, 400, "invalid_request")
    assert stored_api.stored() == before


ADDRESSES = [
    f"{API}/%00",
    f"{API}/brands/1/connections/%00",
    f"{API}/brands/1/connections/{ANY}%0a",
    f"{API}/connect-sessions/sess_%ff%fe",
    f"{API}/connect-sessions/%ed%a0%80",
    f"{API}/brands?cursor=%00",
    "/connect/%00",
    "/oauth/status?nonce=%00",
    "/oauth/status?nonce=%ff",
    f"/oauth/{ANY}/result/%00",
    f"/oauth/{ANY}/start?session=%00",
    f"/oauth/{ANY}/start?origin=http://localhost&nonce=a%0d%0ab",
]


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_address_with_bytes_that_no_database_takes(stored_api: Api, method: str, path: str) -> None:
    """A NUL in a value is an error to PostgreSQL, which must not look like the database's own."""
    answer = stored_api.send(method, path.removeprefix(API)) if path.startswith(API) else stored_api.http.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html") is not path.startswith((API, "/oauth/status"))


@pytest.mark.parametrize("query", ["state=%00&code=%00", "state=%ff&code=%ff", "state=%0d%0a&error=%00"])
def test_a_callback_with_such_bytes_is_a_page(stored_api: Api, query: str) -> None:
    """A person's browser stands there, so the answer is a page and not JSON."""
    answer = stored_api.http.get(f"/oauth/{ANY}/callback?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
