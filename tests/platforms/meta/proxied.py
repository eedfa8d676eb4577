"""Pieces of requests to the Graph API, for `tests/proxy/test_leaks.py`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.proxy.place import Place

V = "v26.0"


@dataclass
class Pieces:
    paths: list[str]
    params: list[tuple[str, str]]
    canary: str
    others: tuple[str, ...]
    """What belongs to the other ad account."""
    place: Place

    def held(self) -> Any:
        """Every object of every account, but for reports, which a key that only reads may ask for."""
        things = self.place.look_alike("meta").ads.reports.things.every.values()
        return [json.dumps(each.row) for each in things if each.kind != "AdReportRun"]

    def check_sent(self, sent: httpx2.Request, body: bytes) -> None:
        """The other account is in nothing that goes out, but for the question whose an object is."""
        if sent.url.params.get("fields") == "account_id" and sent.method == "GET":
            return
        said = f"{sent.url} {body!r}"
        assert not any(each in said for each in self.others), (sent.method, said)
        reads = (
            sent.method in ("GET", "HEAD")
            or sent.url.path.endswith("/insights")
            or sent.url.path in ("/", f"/{V}", f"/{V}/")
        )
        assert reads, (sent.method, said)


async def prepared(place: Place, call: Any, mine: str, other: str) -> Pieces:
    ids = []
    canary = "CANARY-of-the-other-account"
    for account, name in ((mine, "mine"), (other, canary)):
        form = {"name": name, "objective": "X", "special_ad_categories": "[]"}
        ids.append((await call("POST", f"{V}/{account}/campaigns", data=form)).json()["id"])
    campaign, others = ids

    def batch(*calls: Any) -> tuple[str, str]:
        made = [
            {"method": one[0], "relative_url": one[1], "body": "name=x"} if isinstance(one, tuple) else one
            for one in calls
        ]
        return "batch", json.dumps(made)

    paths = [f"{V}/{mine}", f"{V}/{mine}/campaigns", f"{V}/{campaign}", f"{V}/{mine}/insights", f"{V}/", V, ""] * 4
    paths += [
        *(
            f"{V}/{other}",
            f"{V}/{other}/campaigns",
            f"{V}/{others}",
            f"{V}/{others}/insights",
            f"{V}/me",
            f"{V}/me/accounts",
        ),
        *(
            f"{V}/me/adaccounts",
            f"{V}/me/permissions",
            f"{V}/debug_token",
            f"{V}/oauth/access_token",
            f"{V}/oauth/revoke",
        ),
        *(f"{mine}/campaigns", f"{V}/campaigns", f"{V}/{mine}/adimages", f"{V}/{mine}/agencies", "_sandbox/state"),
    ]
    params = [
        *(("method", verb) for verb in ("delete", "POST", "get", "GET", " DELETE")),
        *(("_method", "DELETE"), ("ids", f"{mine},{other}"), ("ids", f"{campaign},{others}"), ("ids", mine)),
        ("id", others),
        *(("fields", "name,account_id"), ("fields", "name.as(id)"), ("fields", "access_token")),
        ("fields", "campaigns{name}"),
        *(("fields", "business{owned_ad_accounts{campaigns{name}}}"), ("fields", '["account{business}"]')),
        *(("name", "x"), ("status", "PAUSED"), ("access_token", "EAAmine"), ("account_id", other[4:])),
        ("campaign_id", others),
        *(("objective", "X"), ("special_ad_categories", "[]"), ("bytes", "aGVsbG8="), ("hash", "x"), ("limit", "1")),
        *(("input_token", "x"), ("callback", "f"), ("include_headers", "false"), ("level", "campaign")),
        ("summary", "true"),
        batch(("GET", mine)),
        batch(("GET", f"{mine}/campaigns"), ("GET", campaign)),
        batch(("GET", mine), ("DELETE", campaign)),
        batch(("GET", f"{campaign}?method=delete")),
        batch(("GET", f"{other}/campaigns")),
        batch(("GET", f"{mine}/campaigns?fields=business{{name}}"), ("POST", f"{mine}/campaigns")),
        batch({"method": "GET", "relative_url": f"{mine}/campaigns", "name": "c"}, ("GET", "{result=c:$.data.*.name}")),
        batch({"method": "GET", "relative_url": f"{mine}/campaigns", "name": "c"}, ("GET", "{result=c:$.data.*.id}")),
        batch(("GET", f"me/accounts?access_token={mine}")),
        ("batch", "["),
        ("batch", "{}"),
    ]  # fmt: skip
    return Pieces(paths, params, canary, (other, other[4:], others), place)
