"""Pieces of requests to TikTok's API, for `tests/proxy/test_leaks.py`."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.proxy.place import Place

V = "open_api/v1.3"


@dataclass
class Pieces:
    paths: list[str]
    params: list[tuple[str, str]]
    canary: str
    other: str
    place: Place

    def held(self) -> Any:
        return copy.deepcopy(dict(self.place.look_alike("tiktok").campaigns.held))

    def check_sent(self, sent: httpx2.Request, body: bytes) -> None:
        said = f"{sent.url} {body!r}"
        assert self.other not in said, (sent.method, said)
        assert sent.method in ("GET", "HEAD") or "report/task/create" in sent.url.path, (sent.method, said)


async def prepared(place: Place, call: Any, mine: str, other: str) -> Pieces:
    canary = "CANARY-of-the-other-account"
    for account, name in ((mine, "mine"), (other, canary)):
        body = {"advertiser_id": account, "campaign_name": name, "objective_type": "TRAFFIC"}
        assert (await call("POST", f"{V}/campaign/create/", json=body)).json()["code"] == 0
    paths = [f"{V}/campaign/get/", f"{V}/report/integrated/get/", f"{V}/advertiser/info/", f"{V}/ad/get/"] * 3
    paths += [f"{V}/report/task/create/", f"{V}/campaign/create/", f"{V}/campaign/status/update/", f"{V}/user/info/"]
    paths += [
        f"{V}/oauth2/advertiser/get/",
        f"{V}/oauth2/revoke_token/",
        "portal/auth",
        f"{V}/bc/get/",
        "_sandbox/state",
    ]
    params = [
        *[("advertiser_id", mine)] * 12,
        *(
            ("advertiser_id", other),
            ("advertiser_ids", json.dumps([mine])),
            ("advertiser_ids", json.dumps([mine, other])),
        ),
        *(("bc_id", "1"), ("filtering", json.dumps({"advertiser_id": other})), ("filtering", "{}"), ("page_size", "1")),
        *(("access_token", "x"), ("secret", "x"), ("operation_status", "DISABLE"), ("campaign_name", "x")),
        *(("report_type", "BASIC"), ("metrics", '["spend"]'), ("campaign_ids", '["1"]'), ("objective_type", "TRAFFIC")),
        *(("method", "POST"), ("_method", "DELETE"), ("callback", "f")),
    ]
    return Pieces(paths, params, canary, other, place)
