"""TikTok's API through the proxy: what a key bounded to one advertiser reaches, and what one that only reads does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from symphony_connect.access.bounds import Bounds
from tests.proxy.place import Place, opened

pytestmark = pytest.mark.anyio
TIKTOK = "tiktok"
V = "open_api/v1.3"


@dataclass
class House:
    place: Place
    brand: int
    full: str
    bounded: str
    reading: str
    mine: str
    other: str

    async def call(self, key: str, method: str, path: str, body: Any = None) -> httpx2.Response:
        text = json.dumps(body).replace("MINE", self.mine).replace("OTHER", self.other)
        more = {"content": text, "headers": {"content-type": "application/json"}} if body is not None else {}
        path = path.replace("MINE", self.mine).replace("OTHER", self.other)
        return await self.place.send(method, self.brand, TIKTOK, f"{V}/{path}", key, **more)


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with opened() as place:
        full = await place.key()
        brand = await place.connected(TIKTOK, await place.newcomer(adAccounts=2), full)
        mine, other = await place.accounts(brand, TIKTOK, full)
        bounded = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine})))
        reading = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine}), read_only=True))
        yield House(place, brand, full, bounded, reading, mine, other)


CAMPAIGN = {"advertiser_id": "MINE", "campaign_name": "x", "objective_type": "TRAFFIC"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "campaign/get/?advertiser_id=MINE", None),
        ("GET", "advertiser/info/?advertiser_ids=%5B%22MINE%22%5D", None),
        ("GET", "report/integrated/get/?advertiser_id=MINE&report_type=BASIC&metrics=%5B%22spend%22%5D", None),
        ("POST", "campaign/create/", CAMPAIGN),
        ("POST", "report/task/create/", {"advertiser_id": "MINE", "report_type": "BASIC"}),
    ],
)
async def test_a_bounded_key_works_in_its_ad_account(house: House, method: str, path: str, body: Any) -> None:
    answer = await house.call(house.bounded, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "campaign/get/?advertiser_id=OTHER", None),
        ("GET", "campaign/get/?advertiser_id=MINE&advertiser_id=OTHER", None),
        ("GET", "campaign/get/?advertiser_id=MINE&Advertiser_id=OTHER", None),
        ("GET", "campaign/get/?advertiser_id%5B%5D=OTHER&advertiser_id=MINE", None),
        ("GET", "advertiser/info/?advertiser_ids=%5B%22MINE%22%2C%22OTHER%22%5D", None),
        ("GET", "advertiser/info/?advertiser_ids=OTHER", None),
        ("GET", "report/integrated/get/?advertiser_id=MINE&bc_id=1", None),
        ("GET", "bc/get/", None),
        ("GET", "user/info/", None),
        ("POST", "campaign/create/", {**CAMPAIGN, "advertiser_id": "OTHER"}),
        ("POST", "campaign/create/", {**CAMPAIGN, "advertiser_id": ["OTHER"]}),
        ("POST", "campaign/create/?advertiser_id=MINE", {"campaign_name": "x"}),
        ("POST", "campaign/create/?advertiser_id=OTHER", CAMPAIGN),
        ("POST", "dmp/custom_audience/share/", {"advertiser_id": "MINE", "shared_advertiser_ids": ["OTHER"]}),
        ("POST", "x/", {"advertiser_id": "MINE", "deep": {"er": [{"advertiser_id": "OTHER"}]}}),
        ("POST", "x/", {"advertiser_id": "MINE", "filtering": '{"advertiser_ids":["OTHER"]}'}),
        ("POST", "x/", {"advertiser_id": "MINE", "asset": {"bc_id": "1"}}),
        ("POST", "x/", ["OTHER"]),
    ],
)
async def test_out_of_bounds_nothing_is_sent(house: House, method: str, path: str, body: Any) -> None:
    calls = len(house.place.world.ledger)
    house.place.sent()
    answer = await house.call(house.bounded, method, path, body)
    assert answer.status_code in (403, 404), answer.text
    assert answer.json()["error"]["code"] in ("not_proxied", "not_found")
    assert house.place.sent() == []
    assert len(house.place.world.ledger) == calls


async def test_a_key_that_only_reads_writes_nothing(house: House) -> None:
    calls = len(house.place.world.ledger)
    status = {"advertiser_id": "MINE", "campaign_ids": ["1"], "operation_status": "DISABLE"}
    for method, path, body in (
        ("POST", "campaign/create/", CAMPAIGN),
        ("POST", "campaign/status/update/", status),
        ("DELETE", "campaign/get/?advertiser_id=MINE", None),
        ("PUT", "report/task/create/", {"advertiser_id": "MINE"}),
    ):
        answer = await house.call(house.reading, method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), answer.text
    assert len(house.place.world.ledger) == calls
    report = {"advertiser_id": "MINE", "report_type": "BASIC"}
    assert (await house.call(house.reading, "POST", "report/task/create/", report)).json()["code"] == 0


async def test_errors_of_the_platform_pass_unchanged(house: House) -> None:
    answer = await house.call(house.full, "GET", "campaign/get/?advertiser_id=1")
    assert (answer.status_code, answer.json()["code"]) == (200, 40301)
    missing = await house.call(house.full, "GET", "nothing/of/this/")
    assert (missing.status_code, missing.text) == (404, "404 page not found")
    more = {"data": {"advertiser_id": house.mine}, "files": {"file": ("a.txt", b"hello", "text/plain")}}
    path = f"{V}/file/image/ad/upload/"
    upload = await house.place.send("POST", house.brand, TIKTOK, path, house.bounded, **more)
    assert upload.status_code == 404, "a form with a file is understood, and goes to an endpoint that is not there"
    assert b"hello" in house.place.outward.bodies[-1]


async def expired(house: House) -> int:
    """A brand whose access token has ended before its time."""
    person = await house.place.newcomer()
    brand = await house.place.connected(TIKTOK, person, house.full)
    await house.place.control(f"people/{person}", {"action": "expire-token", "platform": TIKTOK})
    house.place.sent()
    return brand


async def test_a_safe_call_is_repeated_once_with_a_renewed_token(house: House) -> None:
    brand = await expired(house)
    answer = await house.place.send("GET", brand, TIKTOK, f"{V}/bc/get/", house.full)
    assert answer.json()["code"] == 0, answer.text
    tokens = [sent.headers["access-token"] for sent in house.place.sent() if sent.url.path.endswith("/bc/get/")]
    assert len(tokens) == len(set(tokens)) == 2


async def test_a_call_that_changes_something_is_sent_once(house: House) -> None:
    brand = await expired(house)
    answer = await house.place.send("POST", brand, TIKTOK, f"{V}/campaign/create/", house.full, json={"a": "b"})
    assert answer.json()["code"] == 40102, "the error passes unchanged"
    assert len([sent for sent in house.place.sent() if sent.url.path.endswith("/campaign/create/")]) == 1
    again = await house.place.send("GET", brand, TIKTOK, f"{V}/bc/get/", house.full)
    assert again.json()["code"] == 0, "the token was renewed all the same"
