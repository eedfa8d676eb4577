"""What goes through the proxy, on every platform that is reached so, and on both databases."""

from __future__ import annotations

import re

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from symphony_connect.base.redact import MASK
from tests.platforms import contract
from tests.proxy.place import Place

pytestmark = pytest.mark.anyio
REACHED = [name for name in platforms.names() if contract.facts(name).proxied is not None]
FORM = {"content-type": "application/x-www-form-urlencoded"}


def read(platform: str) -> str:
    return contract.proxied_read(platform)


def test_platforms_are_reached_at_all() -> None:
    assert len(REACHED) >= 2


@pytest.mark.parametrize("platform", REACHED)
async def test_a_read_answers_as_the_platform_does(place: Place, platform: str) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    place.sent()
    answer = await place.send("GET", brand, platform, read(platform), key)
    assert answer.status_code == 200, answer.text
    (sent,) = place.sent()
    direct = await place.sandbox.request("GET", sent.url, headers=sent.headers)
    volatile = r'"(request_id|create_time)": ?"?\w+"?'
    assert re.sub(volatile, "", answer.text) == re.sub(volatile, "", direct.text)
    assert answer.headers["content-type"] == direct.headers["content-type"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("platform", REACHED)
async def test_the_key_comes_in_any_way_that_clients_have(place: Place, platform: str) -> None:
    key = await place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    place.sent()
    ways: list[dict[str, str]] = [
        {"x-api-key": key},
        {"Access-Token": key},
        {"Authorization": f"Bearer {key}"},
        {"x-api-key": key, "Access-Token": "another", "Authorization": "Bearer other"},
    ]
    for headers in ways:
        answer = await place.send("GET", brand, platform, read(platform), headers=headers)
        assert answer.status_code == 200, (headers, answer.text)
    answer = await place.send("GET", brand, platform, f"{read(platform)}?access_token={key}")
    assert answer.status_code == 200
    answer = await place.send(
        "POST", brand, platform, read(platform), headers=FORM, content=f"access_token={key}&a=b".encode()
    )
    assert answer.status_code != 401, answer.text
    for sent, body in zip(place.outward.requests, place.outward.bodies, strict=True):
        assert key not in f"{sent.url} {sent.headers} {body!r}"
        assert "another" not in str(sent.headers)
        assert sent.headers["host"] == "127.0.0.1:1"
    for headers in ({}, {"Authorization": "Bearer nobody"}, {"x-api-key": "sym_sk_" + "a" * 40}):
        answer = await place.send("GET", brand, platform, read(platform), headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize("platform", REACHED)
async def test_a_key_without_the_scope_or_out_of_bounds_sends_nothing(place: Place, platform: str) -> None:
    brand = await place.connected(platform)
    other = next(name for name in REACHED if name != platform)
    cases = [
        (await place.key("tokens:read"), brand, platform, 403, "missing_scope"),
        (await place.key("proxy:use", bounds=Bounds(brands=frozenset({1}))), brand, platform, 404, "brand_not_found"),
        (
            await place.key("proxy:use", bounds=Bounds(platforms=frozenset({other}))),
            brand,
            platform,
            404,
            "unknown_platform",
        ),
        (await place.key("proxy:use"), 999, platform, 404, "brand_not_found"),
        (await place.key("proxy:use"), brand, other, 404, "connection_not_found"),
        (await place.key("proxy:use"), brand, "nowhere", 404, "unknown_platform"),
    ]
    place.sent()
    for key, asked, at, status, code in cases:
        answer = await place.send("GET", asked, at, read(platform), key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert place.sent() == []


BAD = [
    "//evil.example/x", "/v26.0/me", "../x", "v26.0/../me", "v26.0/%2e%2e/me", "v26.0/.%2E/me", "v26.0/%252e%252e/me",
    "v26.0/%2fme", "v26.0%2Fme", "v26.0/..;/me", "v26.0/me;x=1", "v26.0\\me", "v26.0/%5cme", "v26.0//me", "v26.0/%00",
    "v26.0/%0d%0aHost:x", "http://evil.example/", "https:%2f%2fevil.example", "v26.0/%u002e", "v26.0/me%3Fa=b",
    "v26.0/me%23", "v26.0/%c0%ae%c0%ae/me", "v26.0/%ff", "v26.0/./me", "..", ".", "v26.0/..", "a" * 3_000,
    "v26.0/oauth/access_token", "oauth/access_token", "v26.0/OAuth/revoke", "debug_token", "v26.0/Debug_Token",
    "open_api/v1.3/oauth2/access_token/", "open_api/v1.3/oauth2/revoke_token/", "open_api/v1.3/OAUTH2/advertiser/get/",
    "open_api/v1.3/tt_user/oauth2/token/", "open_api/v1.3/oauth/token/", "portal/auth", "_sandbox/state",
    "open_api/v1.3/%6fauth2/access_token/",
    "v26.0/%6fauth/access_token", "dialog/oauth", "v26.0/123/access_tokens",
]  # fmt: skip


@pytest.mark.parametrize("platform", REACHED)
async def test_paths_that_lead_elsewhere_are_refused(one_place: Place, platform: str) -> None:
    place, key = one_place, await one_place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    place.sent()
    refused = 0
    for path in BAD:
        answer = await place.send("GET", brand, platform, path, key)
        if answer.status_code == 403 and answer.json()["error"]["code"] == "not_proxied":
            refused += 1
        else:
            assert answer.status_code in (400, 404), (path, answer.text)
    assert place.sent() == [], "nothing of this goes out"
    assert refused > len(BAD) / 2


@pytest.mark.parametrize("platform", REACHED)
async def test_header_fields_of_one_side_stay_there(one_place: Place, platform: str) -> None:
    place, key = one_place, await one_place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    place.sent()
    mine = {
        "x-api-key": key, "Cookie": "a=b", "Authorization": "Basic abc", "Forwarded": "for=10.0.0.1", "Via": "1.1 me",
        "X-Forwarded-For": "10.0.0.1", "Connection": "x-secret, keep-alive", "X-Secret": "1", "TE": "trailers",
        "Proxy-Authorization": "Basic abc", "X-Of-Mine": "stays", "X-Holds-Key": f"it is {key}", "Referer": "https://a/",
        "Accept-Encoding": "gzip, br", "User-Agent": "campaigns/1", "Upgrade": "h2c",
    }  # fmt: skip
    theirs = [
        ("content-type", "application/json"), ("set-cookie", "a=b"), ("connection", "x-hop"), ("x-hop", "1"),
        ("x-their-own", "stays"), ("access-control-allow-origin", "*"), ("x-request-id", "theirs"),
        ("content-security-policy", "default-src *"), ("strict-transport-security", "max-age=1"), ("server", "x"),
        ("x-frame-options", "ALLOWALL"), ("content-length", "2"), ("keep-alive", "1"), ("alt-svc", "h3"),
    ]  # fmt: skip
    place.outward.script = lambda _: httpx2.Response(200, headers=theirs, stream=httpx2.ByteStream(b"{}"))
    try:
        answer = await place.send("GET", brand, platform, read(platform), headers=mine)
    finally:
        place.outward.script = lambda _: None
    (sent,) = place.sent()
    assert {"x-of-mine", "user-agent"} <= set(sent.headers)
    assert not set(sent.headers) & {
        "x-api-key", "cookie", "forwarded", "via", "x-forwarded-for", "x-secret", "te", "proxy-authorization",
        "x-holds-key", "referer", "upgrade",
    }  # fmt: skip
    assert sent.headers["accept-encoding"] == "identity"
    assert "Basic" not in str(sent.headers)
    assert answer.headers["x-their-own"] == "stays"
    assert answer.headers["x-request-id"].startswith("req_")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert not set(answer.headers) & {
        "set-cookie", "x-hop", "access-control-allow-origin", "strict-transport-security", "server", "alt-svc"
    }  # fmt: skip


@pytest.mark.parametrize("platform", REACHED)
async def test_tokens_in_answers_are_replaced(one_place: Place, platform: str) -> None:
    """In bodies and header fields, text or not, and the address of the platform is the proxy's."""
    place, key = one_place, await one_place.key("proxy:use", "brands:write", "tokens:read")
    brand = await place.connected(platform, key=key)
    read_token = await place.http.get(
        f"/api/sym/v2/brands/{brand}/connections/{platform}/token", headers={"x-api-key": key}
    )
    token = read_token.json()["data"]["accessToken"]
    proxied = place.core.platform(platform).proxied
    assert proxied is not None
    root = proxied.root.replace("/", "\\/")
    link = f"{root}\\/a?access_token={token}\\u0026limit=1"
    body = f'{{"next":"{link}","access_token":"of-a-page","t":"{token}"}}'
    theirs = {"content-type": "application/json", "x-note": f"token {token}", "location": f"{proxied.root}/b/c"}
    place.outward.script = lambda _: httpx2.Response(200, headers=theirs, stream=httpx2.ByteStream(body.encode()))
    try:
        text = await place.send("GET", brand, platform, read(platform), key)
        by_address = await place.send("GET", brand, platform, f"{read(platform)}?access_token={key}")
        theirs["content-type"] = "application/octet-stream"
        binary = await place.send("GET", brand, platform, read(platform), key)
    finally:
        place.outward.script = lambda _: None
    for answer in (text, by_address, binary):
        assert token not in answer.text
        assert "of-a-page" not in answer.text
        assert token not in str(answer.headers)
    here = f"http:\\/\\/127.0.0.1:8080\\/api\\/sym\\/v2\\/brands\\/{brand}\\/connections\\/{platform}\\/proxy\\/a"
    assert here in text.text
    assert f"access_token={MASK}" in text.text
    assert f"access_token={key}" in by_address.text, "a link that is followed as it stands works"
    assert f'"access_token":"{MASK}"' in by_address.text
    assert (
        text.headers["location"] == f"http://127.0.0.1:8080/api/sym/v2/brands/{brand}/connections/{platform}/proxy/b/c"
    )
    assert len(binary.content) == len(body), "what is not text keeps its length"


@pytest.mark.parametrize("platform", REACHED)
async def test_what_is_in_no_call_of_the_platform_is_refused_before_it_is_sent(one_place: Place, platform: str) -> None:
    place, key = one_place, await one_place.key("proxy:use", "brands:write")
    brand = await place.connected(platform, key=key)
    place.sent()
    json = {"content-type": "application/json"}
    cases = [
        ("GET", {"content": b"x"}, 400, "invalid_request"),
        ("POST", {"headers": {**json, "content-encoding": "gzip"}, "content": b"x"}, 415, "unsupported_media_type"),
        ("POST", {"headers": json, "content": b'{"a":1,"a":2}'}, 400, "invalid_json"),
        ("POST", {"headers": json, "content": b'{"a":NaN}'}, 400, "invalid_json"),
        ("POST", {"headers": json, "content": b"[" * 100_000}, 400, "invalid_json"),
        (
            "POST",
            {"headers": {"content-type": "multipart/form-data; boundary=b"}, "content": b"x"},
            400,
            "invalid_request",
        ),
        ("TRACE", {}, 405, "method_not_allowed"),
    ]
    for method, more, status, code in cases:
        answer = await place.send(method, brand, platform, read(platform), key, **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert place.sent() == []
