"""Pieces of requests to LinkedIn's API, for `tests/proxy/test_leaks.py`."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from tests.proxy.place import Place

READING = ("GET", "HEAD")


@dataclass
class Pieces:
    paths: list[str]
    params: list[tuple[str, str]]
    canary: str
    other: str
    place: Place
    fields: list[dict[str, str]]
    raw = True

    def held(self) -> Any:
        return copy.deepcopy(self.place.look_alike("linkedin").campaigns.held)

    def check_sent(self, sent: httpx2.Request, body: bytes) -> None:
        said = f"{sent.url} {body!r}"
        if "/adCampaign" in sent.url.path or "/adTargeting" in sent.url.path:
            said = re.sub(r"ids=[^&' ]*", "", said)  # of campaigns and facets, whatever number they have
        assert self.other not in said, (sent.method, said)
        asked = sent.headers.get("x-http-method-override", "").strip().upper() if sent.method == "POST" else ""
        assert (asked or sent.method) in READING, (sent.method, said)
        assert "DELETE" not in sent.headers.get("x-restli-method", "").upper()
        assert sent.headers["linkedin-version"]


async def prepared(place: Place, call: Any, mine: str, other: str) -> Pieces:
    canary, groups = "CANARY-of-the-other-account", {}
    for account, name in ((mine, "mine"), (other, canary)):
        body = {"account": f"urn:li:sponsoredAccount:{account}", "name": name, "status": "ACTIVE"}
        answer = await call("POST", f"rest/adAccounts/{account}/adCampaignGroups", json=body)
        assert answer.status_code == 201, answer.text
        groups[account] = answer.headers["x-restli-id"]
    urns = {id: f"urn:li:sponsoredAccount:{id}" for id in (mine, other)}
    coded = {id: quote(urn, safe="") for id, urn in urns.items()}
    at, beyond = f"rest/adAccounts/{mine}", f"rest/adAccounts/{other}"
    paths = [
        at,
        f"{at}/adCampaigns",
        f"{at}/adCampaignGroups",
        f"{at}/adCampaignGroups/{groups[mine]}",
        "rest/adAnalytics",
    ] * 4
    paths += [
        *(
            beyond,
            f"{beyond}/adCampaigns",
            f"{beyond}/adCampaignGroups/{groups[other]}",
            f"rest/adAccounts/{coded[other]}",
        ),
        *(f"rest/adAccountUsers/(account:{coded[other]},user:urn%3Ali%3Aperson%3Aa)", f"{at}/adAccountUsers"),
        *("rest/adAccounts", "rest/adAccountUsers", "v2/userinfo", "v2/me", "rest/adTargetingFacets", "rest/creatives"),
        *("oauth/v2/accessToken", "oauth/v2/introspectToken", "_sandbox/state", f"rest/adCampaigns/{groups[other]}"),
    ]
    day = "(start:(year:2026,month:1,day:1))"
    params = [
        *[("q", "analytics"), ("dateRange", day), ("pivot", "CAMPAIGN"), ("accounts", f"List({coded[mine]})")] * 4,
        *(("accounts", f"List({coded[other]})"), ("accounts", f"List({coded[mine]},{coded[other]})")),
        *(("accounts", urns[other]), ("accounts", quote(coded[other], safe="")), ("accounts[0]", urns[other])),
        *(("campaigns", f"List({quote('urn:li:sponsoredCampaign:1', safe='')})"), ("account", urns[other])),
        *(("q", "search"), ("q", "authenticatedUser"), ("q", "accounts"), ("ids", f"List({mine},{other})")),
        *(("ids", f"List({groups[mine]})"), ("search", f"(account:(values:List({coded[other]})))"), ("action", "x")),
        *(("projection", "(elements*(account~(id)))"), ("fields", "id,name"), ("pageSize", "1"), ("pageToken", "1")),
        *(("access_token", "x"), ("oauth2_access_token", "x"), ("patch", json.dumps({"$set": {"name": "x"}}))),
        *(("account", urns[mine]), ("name", "x"), ("status", "ACTIVE"), ("campaignGroup", "1")),
    ]  # fmt: skip
    fields = [
        {"X-RestLi-Method": verb} for verb in ("GET", "finder", "BATCH_GET", "PARTIAL_UPDATE", "delete", "action")
    ]
    fields += [{"X-HTTP-Method-Override": "GET"}] * 6 + [{"LinkedIn-Version": "202401"}]
    fields += [{"X-HTTP-Method-Override": "GET", "X-RestLi-Method": "FINDER"}] * 4
    fields += [{"X-Restli-Protocol-Version": "1.0.0"}, {"Authorization": "Bearer x"}]
    return Pieces(paths, params, canary, other, place, fields)
