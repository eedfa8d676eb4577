"""Pieces of requests to the Google Ads API, for `tests/proxy/test_leaks.py`."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.proxy.place import Place

V = "v26"
READING = ("/googleAds:search", "/googleAds:searchStream", "/googleAdsFields:search", "/geoTargetConstants:suggest")


@dataclass
class Pieces:
    paths: list[str]
    params: list[tuple[str, str]]
    canary: str
    other: str
    place: Place
    fields: list[dict[str, str]]

    def held(self) -> Any:
        return copy.deepcopy(self.place.look_alike("google_ads").campaigns.held)

    def check_sent(self, sent: httpx2.Request, body: bytes) -> None:
        said = f"{sent.url} {sent.headers} {body!r}"
        assert self.other not in said, (sent.method, said)
        assert sent.method in ("GET", "HEAD") or sent.url.path.endswith(READING), (sent.method, said)
        assert sent.headers["developer-token"] == "sandbox-developer-token"
        assert "client" not in str(sent.headers.get_list("login-customer-id", split_commas=True))


async def prepared(place: Place, call: Any, mine: str, other: str) -> Pieces:
    canary = "CANARY-of-the-other-account"
    for account, name in ((mine, "mine"), (other, canary)):
        body = {"operations": [{"create": {"name": name, "advertisingChannelType": "SEARCH"}}]}
        answer = await call("POST", f"{V}/customers/{account}/campaigns:mutate", json=body)
        assert answer.status_code == 200, answer.text
    at, beyond = f"{V}/customers/{mine}", f"{V}/customers/{other}"
    paths = [
        f"{at}/googleAds:search",
        f"{at}/googleAds:searchStream",
        f"{at}/campaigns:mutate",
        f"{V}/googleAdsFields:search",
    ] * 4
    paths += [
        *(f"{beyond}/googleAds:search", f"{beyond}/campaigns:mutate", f"{beyond}/googleAds:searchStream", beyond),
        *(f"{V}/customers:listAccessibleCustomers", f"{at}:createCustomerClient", f"{at}/customerClientLinks:mutate"),
        *(f"{at}:mutate", f"{at}/campaignBudgets:mutate", f"{V}/googleAdsFields/campaign.id", at, f"{at}/invoices"),
        *(
            "token",
            "revoke",
            "oauth2/v3/tokeninfo",
            "v1/userinfo",
            "_sandbox/state",
            "batch",
            f"{V}/geoTargetConstants:suggest",
        ),
    ]
    query = "SELECT campaign.id, campaign.name FROM campaign"
    create = {"name": "x", "advertisingChannelType": "SEARCH"}
    params = [
        *[("query", query)] * 16,
        ("query", f"{query} WHERE campaign.resource_name = 'customers/{other}/campaigns/1'"),
        ("query", "SELECT customer_client.id, customer_client.descriptive_name FROM customer_client"),
        ("query", "SELECT customer_manager_link.manager_customer FROM CUSTOMER_MANAGER_LINK"),
        ("operations", json.dumps([{"create": create}])),
        ("operations", json.dumps([{"remove": f"customers/{mine}/campaigns/1"}])),
        ("operations", json.dumps([{"update": {"resourceName": f"customers/{other}/campaigns/1"}}])),
        ("mutateOperations", json.dumps([{"campaignOperation": {"remove": f"customers/{other}/campaigns/1"}}])),
        *(("customerId", other), ("customer_id", other), ("loginCustomerId", other), ("pageToken", "1")),
        *(("pageSize", "1"), ("alt", "json"), ("$alt", "sse"), ("$httpMethod", "DELETE"), ("_method", "DELETE")),
        *(("access_token", "x"), ("key", "x"), ("oauth_token", "x"), ("validateOnly", "true"), ("callback", "f")),
    ]  # fmt: skip
    fields = [
        *({"login-customer-id": "client"}, {"linked-customer-id": other}, {"developer-token": "client"}),
        *({"X-Goog-User-Project": other}, {"X-Goog-Api-Key": other}, {"Authorization": "Bearer x"}),
    ]
    return Pieces(paths, params, canary, other, place, fields)
