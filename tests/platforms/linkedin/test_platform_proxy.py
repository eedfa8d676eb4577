"""LinkedIn's API through the proxy: what a key bounded to one ad account reaches, and what one that only reads does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from symphony_connect.access.bounds import Bounds
from tests.proxy.place import Place, opened

pytestmark = pytest.mark.anyio
LINKEDIN = "linkedin"
FORM = {"content-type": "application/x-www-form-urlencoded"}
TUNNEL = {**FORM, "X-HTTP-Method-Override": "GET", "X-RestLi-Method": "FINDER"}
DAY = "(start:(year:2026,month:1,day:1))"
NUMBERS = f"q=analytics&pivot=CAMPAIGN&dateRange={DAY}&accounts="


def urn(id: str, times: int = 1) -> str:
    text = f"urn:li:sponsoredAccount:{id}"
    for _ in range(times):
        text = quote(text, safe="")
    return text


@dataclass
class House:
    place: Place
    brand: int
    full: str
    bounded: str
    reading: str
    mine: str
    other: str

    async def call(
        self, key: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        more: dict[str, Any] = {"headers": dict(headers or {})}
        if body is not None:
            more["content"] = self.filled(body if isinstance(body, str) else json.dumps(body))
            more["headers"].setdefault("content-type", "application/json")
        return await self.place.send(method, self.brand, LINKEDIN, self.filled(path), key, **more)

    def filled(self, text: str) -> str:
        return text.replace("MINE", self.mine).replace("OTHER", self.other)


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with opened() as place:
        full = await place.key()
        brand = await place.connected(LINKEDIN, await place.newcomer(adAccounts=2), full)
        mine, other = await place.accounts(brand, LINKEDIN, full)
        bounded = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine})))
        reading = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine}), read_only=True))
        yield House(place, brand, full, bounded, reading, mine, other)


GROUP = {"account": "urn:li:sponsoredAccount:MINE", "name": "x", "status": "ACTIVE"}


async def test_headers_are_put_in_where_the_client_sends_none(house: House) -> None:
    house.place.sent()
    await house.call(house.full, "GET", "rest/adAccounts/MINE")
    await house.call(house.full, "GET", "rest/adAccounts/MINE", headers={"linkedin-version": "202601"})
    without, with_own = house.place.sent()
    assert without.headers["linkedin-version"] == "202607"
    assert without.headers["x-restli-protocol-version"] == "2.0.0"
    assert with_own.headers.get_list("linkedin-version") == ["202601"]
    assert with_own.headers["authorization"].startswith("Bearer AQ")


async def test_what_is_data_and_what_is_structure_stays_so(house: House) -> None:
    """Rest.li reads brackets and commas as structure where they are not percent-encoded."""
    house.place.sent()
    path = f"rest/adAnalytics?{NUMBERS}List({urn('MINE')})"
    answer = await house.call(house.bounded, "GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["elements"][0]["pivotValues"][0].startswith("urn:li:sponsoredCampaign:")
    assert house.place.sent()[0].url.raw_path.decode() == house.filled(f"/linkedin/{path}")
    flattened = quote(f"List({urn('MINE')})", safe="")
    encoded = await house.call(house.full, "GET", f"rest/adAnalytics?{NUMBERS}{flattened}")
    assert encoded.status_code == 400, "the sandbox is as strict"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", "rest/adAccounts/MINE", None, {}),
        ("GET", "rest/adAccounts?ids=List(MINE)", None, {}),
        ("GET", "rest/adAccounts/MINE/adCampaigns?q=search&search=(status:(values:List(ACTIVE)))", None, {}),
        ("POST", "rest/adAccounts/MINE/adCampaigns", f"q=search&search=(account:(values:List({urn('MINE')})))", TUNNEL),
        ("POST", "rest/adAnalytics", f"{NUMBERS}List({urn('MINE')})", TUNNEL),
        ("POST", "rest/adAccounts/MINE/adCampaignGroups", GROUP, {}),
    ],
)
async def test_a_bounded_key_works_in_its_ad_account(
    house: House, method: str, path: str, body: Any, headers: dict[str, str]
) -> None:
    house.place.sent()
    await house.call(house.bounded, method, path, body, headers)
    (sent,) = house.place.sent()
    assert sent.method == method
    answer = await house.call(house.bounded, method, path, body, headers)
    assert answer.status_code in ((200, 201) if "ids=" not in path else (200, 400)), answer.text


BEYOND: list[tuple[str, str, Any, dict[str, str]]] = [
    ("GET", "rest/adAccounts/OTHER", None, {}),
    ("GET", "rest/adAccounts/OTHER/adCampaigns", None, {}),
    ("GET", f"rest/adAccounts/{urn('OTHER')}", None, {}),
    ("GET", "rest/adAccounts?q=search", None, {}),
    ("GET", "rest/adAccounts?ids=List(MINE,OTHER)", None, {}),
    ("GET", "rest/adAccounts/MINE?ids=List(MINE,OTHER)", None, {}),
    ("GET", "rest/adAccountUsers?q=authenticatedUser", None, {}),
    ("GET", f"rest/adAccountUsers/(account:{urn('OTHER')},user:urn%3Ali%3Aperson%3Aa)", None, {}),
    ("PUT", f"rest/adAccountUsers/(account:{urn('MINE')},user:urn%3Ali%3Aperson%3Aa)", {"role": "VIEWER"}, {}),
    ("GET", "rest/adAccounts/MINE/adAccountUsers", None, {}),
    ("GET", "rest/adCampaigns/7000001", None, {}),
    ("GET", "v2/me", None, {}),
    *(("GET", f"rest/adAnalytics?{NUMBERS}List({urn('OTHER', times)})", None, {}) for times in (0, 1, 2, 3)),
    ("GET", f"rest/adAnalytics?{NUMBERS}List({urn('MINE')},{urn('OTHER')})", None, {}),
    ("GET", f"rest/adAnalytics?q=analytics&accounts[0]={urn('OTHER')}", None, {}),
    ("GET", f"rest/adAnalytics?q=analytics&dateRange={DAY}", None, {}),
    (
        "GET",
        f"rest/adAnalytics?{NUMBERS}List({urn('MINE')})&campaigns=List(urn%3Ali%3AsponsoredCampaign%3A1)",
        None,
        {},
    ),
    ("GET", "rest/adAccounts/MINE/adCampaigns?projection=(elements*(associatedEntity~))", None, {}),
    ("POST", "rest/adAnalytics", f"{NUMBERS}List({urn('OTHER')})", TUNNEL),
    ("POST", "rest/adAccounts/MINE/adCampaignGroups", {**GROUP, "account": "urn:li:sponsoredAccount:OTHER"}, {}),
    ("POST", "rest/adAccounts/MINE/adCampaignGroups", {**GROUP, "account": "URN:LI:SponsoredAccount:OTHER"}, {}),
    ("POST", "rest/adAccounts", {"name": "x"}, {}),
    ("POST", "rest/adAccounts", {"ids": ["OTHER"]}, {}),
    ("POST", "rest/dmpSegments", {**GROUP}, {}),
]


@pytest.mark.parametrize(("method", "path", "body", "headers"), BEYOND)
async def test_out_of_bounds_nothing_is_sent(
    house: House, method: str, path: str, body: Any, headers: dict[str, str]
) -> None:
    place = house.place
    calls = len(place.world.ledger)
    place.sent()
    answer = await house.call(house.bounded, method, path, body, headers)
    assert answer.status_code in (403, 404), answer.text
    assert answer.json()["error"]["code"] in ("not_proxied", "not_found")
    assert place.sent() == []
    assert len(place.world.ledger) == calls


async def test_a_key_that_reads_sends_tunnelled_queries_and_changes_nothing(house: House) -> None:
    """Only `X-HTTP-Method-Override` is LinkedIn's; with any other such field a POST stays a POST."""
    groups = "rest/adAccounts/MINE/adCampaignGroups"
    assert (await house.call(house.reading, "GET", groups)).status_code == 200
    assert (await house.call(house.reading, "POST", groups, "q=search", TUNNEL)).status_code == 200
    writes: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", groups, GROUP, {}),
        ("POST", groups, GROUP, {"X-HTTP-Method": "GET"}),
        ("POST", groups, GROUP, {"X-HTTP-Method-Override": "POST"}),
        ("POST", groups, GROUP, {"X-HTTP-Method-Override": "GET", "X-Method-Override": "POST"}),
        ("POST", groups, GROUP, {"X-RestLi-Method": "FINDER"}),
        ("POST", groups, "q=search", {**TUNNEL, "X-RestLi-Method": "batch_delete"}),
        ("POST", groups, "q=search", {**FORM, "X-HTTP-Method-Override": "DELETE"}),
        ("POST", f"{groups}?action=archive", "q=search", TUNNEL),
        ("GET", groups, None, {"X-RestLi-Method": "DELETE"}),
        ("POST", groups, "--b", {"X-HTTP-Method-Override": "GET", "content-type": "multipart/mixed; boundary=b"}),
        ("DELETE", f"{groups}/1", None, {}),
    ]
    house.place.sent()
    for method, path, body, headers in writes:
        answer = await house.call(house.reading, method, path, body, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), (headers, answer.text)
    assert house.place.sent() == []
