"""The Google Ads API through the proxy: what a key bounded to one customer reaches, and what one that reads does."""

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
GOOGLE = "google_ads"
V = "v26"
QUERY = {"query": "SELECT campaign.id, campaign.name, metrics.clicks FROM campaign"}


@dataclass
class House:
    place: Place
    brand: int
    full: str
    bounded: str
    reading: str
    mine: str
    other: str

    async def call(self, key: str, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        more: dict[str, Any] = {"headers": headers}
        if body is not None:
            more["content"] = self.filled(json.dumps(body))
            more["headers"] = {"content-type": "application/json", **headers}
        return await self.place.send(method, self.brand, GOOGLE, self.filled(f"{V}/{path}"), key, **more)

    def filled(self, text: str) -> str:
        return text.replace("MINE", self.mine).replace("OTHER", self.other)


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    """The two accounts stand below one manager."""
    async with opened() as place:
        full = await place.key()
        brand = await place.connected(GOOGLE, await place.newcomer(adAccounts=2, businesses=1), full)
        mine, other = await place.accounts(brand, GOOGLE, full)
        bounded = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine})))
        reading = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine}), read_only=True))
        yield House(place, brand, full, bounded, reading, mine, other)


def create(name: str) -> dict[str, Any]:
    return {"operations": [{"create": {"name": name, "advertisingChannelType": "SEARCH"}}]}


async def test_what_the_service_knows_is_put_in_and_what_a_client_sends_is_not(house: House) -> None:
    """The manager that the account is reached through, with the developer token."""
    house.place.sent()
    sent = {"developer-token": "of-the-client", "login-customer-id": "1", "x-goog-user-project": "p", "x-own": "stays"}
    answer = await house.call(house.full, "POST", "customers/MINE/googleAds:search?key=abc", QUERY, **sent)
    assert answer.status_code == 200, answer.text
    (passed,) = house.place.sent()
    manager = passed.headers["login-customer-id"]
    assert manager.startswith("9")
    assert passed.headers["developer-token"] == "sandbox-developer-token"
    assert passed.headers["authorization"].startswith("Bearer ya29.")
    assert passed.headers["x-own"] == "stays"
    assert "x-goog-user-project" not in passed.headers
    assert passed.url.query == b""
    listed = await house.call(house.full, "GET", "customers:listAccessibleCustomers")
    assert listed.json() == {"resourceNames": [f"customers/{manager}"]}
    assert "login-customer-id" not in house.place.sent()[0].headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("customers/MINE/googleAds:search", QUERY),
        ("customers/MINE/googleAds:searchStream", QUERY),
        ("customers/MINE/googleAds%3Asearch", QUERY),
        ("customers/MINE/campaigns:mutate", create("Spring")),
        (
            "customers/MINE/campaigns:mutate",
            {
                "operations": [
                    {
                        "update": {"resourceName": "customers/MINE/campaigns/1", "status": "PAUSED"},
                        "updateMask": "status",
                    }
                ]
            },
        ),
        (
            "customers/MINE/campaignBudgets:mutate",
            {"operations": [{"create": {"amountMicros": "1", "name": "see https://a.example/customers/OTHER"}}]},
        ),
    ],
)
async def test_a_bounded_key_works_in_its_customer(house: House, path: str, body: Any) -> None:
    answer = await house.call(house.bounded, "POST", path, body)
    assert answer.status_code == 200, answer.text


BEYOND: list[tuple[str, str, Any]] = [
    ("GET", "customers:listAccessibleCustomers", None),
    ("POST", "customers/OTHER/googleAds:search", QUERY),
    ("POST", "customers/OTHER/campaigns:mutate", create("x")),
    ("POST", "customers/MINE/campaigns:mutate", {"operations": [{"remove": "customers/OTHER/campaigns/1"}]}),
    (
        "POST",
        "customers/MINE/campaigns:mutate",
        {"operations": [{"update": {"resourceName": "customers/OTHER/campaigns/1"}}]},
    ),
    ("POST", "customers/MINE/campaigns:mutate", {**create("x"), "customerId": "OTHER"}),
    ("POST", "customers/MINE/campaigns:mutate", {**create("x"), "customer_id": "OTHER"}),
    ("POST", "customers/MINE/googleAds:mutate", {"mutateOperations": [{"x": {"remove": "customers/OTHER/ads/1"}}]}),
    ("POST", "customers/MINE/googleAds:search", {"query": "SELECT customer_client.id FROM customer_client"}),
    ("POST", "customers/MINE/googleAds:search", {"query": "SELECT Customer_Client.id FROM CUSTOMER_CLIENT"}),
    (
        "POST",
        "customers/MINE/googleAds:search",
        {"query": f"{QUERY['query']} WHERE campaign.resource_name='customers/OTHER/campaigns/1'"},
    ),
    ("POST", "customers/MINE:createCustomerClient", {"customerClient": {"descriptiveName": "x"}}),
    ("POST", "customers/MINE/customerClientLinks:mutate", {"operation": {}}),
    ("POST", "customers/MINE/customerManagerLinks:moveManagerLink", {"newManager": "customers/OTHER"}),
    ("POST", "customers/MINE/customerUserAccesses:mutate", {"operation": {}}),
    ("GET", "customers/MINE/invoices?billingSetup=customers/OTHER/billingSetups/1", None),
    ("GET", "customers/MINE/paymentsAccounts", None),
    ("POST", "customers/MINE/googleAds:search?%24httpMethod=DELETE", QUERY),
    ("POST", "customers/MI-NE/googleAds:search", QUERY),
    ("POST", "keywordPlans:somethingNew", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), BEYOND)
async def test_out_of_bounds_nothing_is_sent(house: House, method: str, path: str, body: Any) -> None:
    place = house.place
    calls = len(place.world.ledger)
    place.sent()
    answer = await house.call(house.bounded, method, path, body)
    assert answer.status_code in (403, 404), answer.text
    assert answer.json()["error"]["code"] in ("not_proxied", "not_found")
    assert house.other not in answer.text
    assert place.sent() == []
    assert len(place.world.ledger) == calls


async def test_a_linked_customer_counts(house: House) -> None:
    house.place.sent()
    answer = await house.call(
        house.bounded, "POST", "customers/MINE/googleAds:search", QUERY, **{"linked-customer-id": house.other}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert house.place.sent() == []


async def test_a_key_that_reads_sends_queries_and_changes_nothing(house: House) -> None:
    held = json.dumps(house.place.look_alike(GOOGLE).campaigns.held)
    for path in ("customers/MINE/googleAds:search", "customers/MINE/googleAds:searchStream"):
        assert (await house.call(house.reading, "POST", path, QUERY)).status_code == 200
    writes: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", "customers/MINE/campaigns:mutate", create("x"), {}),
        ("POST", "customers/MINE/googleAds:mutate", {"mutateOperations": []}, {}),
        ("POST", "customers/MINE/campaigns:mutate", create("x"), {"X-HTTP-Method-Override": "GET"}),
        ("POST", "customers/MINE/googleAds:search", QUERY, {"X-HTTP-Method-Override": "DELETE"}),
        ("DELETE", "customers/MINE/campaigns/1", None, {}),
        ("POST", "googleAdsFields/campaign.id", {}, {}),
    ]
    house.place.sent()
    for method, path, body, headers in writes:
        answer = await house.call(house.reading, method, path, body, **headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), answer.text
    assert house.place.sent() == []
    assert json.dumps(house.place.look_alike(GOOGLE).campaigns.held) == held


async def test_a_query_is_sent_once_more_with_a_renewed_token_and_a_change_is_not(house: House) -> None:
    place = house.place
    for path, body, count in (("googleAds:search", QUERY, 2), ("campaigns:mutate", create("Again"), 1)):
        brand = await place.connected(GOOGLE, person := await place.newcomer(adAccounts=1), house.full)
        (account,) = await place.accounts(brand, GOOGLE, house.full)
        await place.control(f"people/{person}", {"action": "expire-token", "platform": GOOGLE})
        place.sent()
        answer = await place.send("POST", brand, GOOGLE, f"{V}/customers/{account}/{path}", house.full, json=body)
        tries = [each for each in place.sent() if each.url.path.endswith(path)]
        assert len(tries) == count
        assert answer.status_code == (200 if count == 2 else 401), answer.text


async def test_a_limit_of_one_customer_leaves_the_others_alone(house: House) -> None:
    await house.place.control(
        "faults", {"platform": GOOGLE, "error": f"{GOOGLE}:RESOURCE_TEMPORARILY_EXHAUSTED", "times": 1}
    )
    answers = [
        await house.call(house.full, "POST", f"customers/{which}/googleAds:search", QUERY)
        for which in ("MINE", "MINE", "OTHER")
    ]
    assert [each.status_code for each in answers] == [429, 429, 200]
    assert answers[1].json()["error"]["code"] == "platform_rate_limited"
    assert 1 <= int(answers[1].headers["retry-after"]) <= 30
    assert answers[1].headers["retry-after"]
    await house.place.control("clock", {"advance": "40s"})
