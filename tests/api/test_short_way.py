"""A token read's short way answers as the long way does, byte for byte, and takes nothing that is not plain."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from symphony_connect.web.token_reads import ASIDE
from tests.api.conftest import Api
from tests.platforms.chosen import ANY

LONG_WAY = [("x-repeated", "1"), ("x-repeated", "2")]
"""A field that stands twice sends a request the long way."""
VARIES = {"date", "x-request-id", "ratelimit"}


def read(api: Api, brand: int, more: list[tuple[str, str]] | None = None, query: str = "") -> httpx2.Response:
    url = f"{api.service.url}/api/sym/v2/brands/{brand}/connections/{ANY}/token{query}"
    return api.http.get(url, headers=[("x-api-key", api.service.secret_key), *(more or [])])


def of(answer: httpx2.Response) -> tuple[int, Any, dict[str, str], set[str]]:
    fields = {name: value for name, value in answer.headers.items() if name not in VARIES}
    return answer.status_code, answer.content, fields, set(answer.headers)


def way(api: Api, answer: httpx2.Response) -> str:
    """The short way says nothing of its own; the framework's long way is told from it by the order of the fields."""
    names = list(answer.headers)
    return "short" if names.index("x-request-id") < names.index("ratelimit") else "long"


@pytest.mark.parametrize("query", ["", "?minTtl=0", "?minTtl=300", "?minTtl=86400"])
def test_both_ways_answer_the_same(api: Api, query: str) -> None:
    brand = api.connected()
    read(api, brand)  # the process knows the key from now on
    short, long = read(api, brand, query=query), read(api, brand, LONG_WAY, query)
    assert of(short) == of(long)
    assert short.status_code == 200
    assert (way(api, short), way(api, long)) == ("short", "long")


@pytest.mark.parametrize("field", sorted(name.decode() for name in ASIDE - {b"transfer-encoding", b"content-length"}))
def test_what_is_not_plain_goes_the_long_way(api: Api, field: str) -> None:
    brand = api.connected()
    read(api, brand)
    value = {"origin": "http://localhost:3000", "expect": "100-continue"}[field]
    assert way(api, read(api, brand, [(field, value)])) == "long"


@pytest.mark.parametrize("query", ["minTtl=86401", "minTtl=-1", "minTtl=1&minTtl=2", "ttl=1", "minTtl=", "minTtl=00"])
def test_another_query_is_judged_by_the_long_way(api: Api, query: str) -> None:
    brand = api.connected()
    read(api, brand)
    short, long = read(api, brand, query=f"?{query}"), read(api, brand, LONG_WAY, f"?{query}")
    assert (way(api, short), short.status_code) == ("long", long.status_code)


def test_each_read_is_counted_logged_and_measured(api: Api) -> None:
    brand = api.connected()
    read(api, brand)
    answer = read(api, brand)
    assert way(api, answer) == "short"
    assert re.search(
        rf"request .*route=\S+/token status=200 .*{answer.headers['x-request-id']}", api.service.log_text()
    )
    left = [int(re.search(r"r=(\d+)", read(api, brand).headers["ratelimit"])[1]) for _ in range(2)]  # type: ignore[index]
    assert left[0] >= left[1]


def test_a_revoked_key_and_a_disconnected_brand_count_at_once(api: Api) -> None:
    brand = api.connected()
    assert read(api, brand).status_code == 200
    assert way(api, read(api, brand)) == "short"
    api.send("DELETE", f"/brands/{brand}/connections/{ANY}")
    assert read(api, brand).status_code == 404


def test_as_shipped_one_key_may_ask_two_thousand_times_a_second(api: Api) -> None:
    """`SYMPHONY_RATE_LIMIT` as it comes: the burst is of four seconds."""
    brand = api.connected()
    read(api, brand)
    answer = read(api, brand)
    assert way(api, answer) == "short"
    assert answer.headers["ratelimit-policy"] == '"key";q=8000;w=4'
