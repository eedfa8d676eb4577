"""Campaigns and campaign groups of each ad account, and what they were seen and clicked (`adAnalytics`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from symphony_connect.platforms.linkedin.sandbox.errors import Refusal
from symphony_connect.platforms.linkedin.sandbox.restli import Asked
from symphony_connect.sandbox.world import World

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "adCampaignGroups": ("account", "name", "status"),
    "adCampaigns": ("account", "campaignGroup", "name", "type", "costType"),
}
URN = re.compile(r"urn:li:sponsoredAccount:([0-9]+)")
PIVOTS = {"ACCOUNT": "adAccounts", "CAMPAIGN": "adCampaigns", "CAMPAIGN_GROUP": "adCampaignGroups"}
WORDS = {"adCampaigns": "sponsoredCampaign", "adCampaignGroups": "sponsoredCampaignGroup"}
MOST = 10_000
"""Of one ad account."""
Rows = dict[str, dict[str, Any]]
"""By id."""


class Campaigns:
    def __init__(self, world: World) -> None:
        self._world = world
        self.held: dict[str, dict[str, Rows]] = {}
        """By ad account and collection."""

    def of(self, account: str) -> dict[str, Rows]:
        """Each ad account has a group with a campaign before anything is made."""
        if account not in self.held:
            urn, group = f"urn:li:sponsoredAccount:{account}", 6_000_000_000 + int(account)
            shared = {"account": urn, "status": "ACTIVE"}
            first = {**shared, "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group}", "type": "SPONSORED_UPDATES"}
            self.held[account] = {
                "adCampaignGroups": {f"{group}": {"id": group, "name": "Default group", **shared}},
                "adCampaigns": {f"{group + 1}": {"id": group + 1, "name": "Campaign 1", "costType": "CPM", **first}},
            }
        return self.held[account]

    def answer(self, account: str, collection: str, key: str, ask: Asked) -> Response:
        """Whatever Rest.li method is asked for. Raises Refusal."""
        if collection not in REQUIRED:
            raise Refusal("404")
        rows = self.of(account)[collection]
        match ask.method:
            case "FINDER" | "GET" | "GET_ALL" if not key and "ids" not in ask.params:
                return JSONResponse(self._page(rows, ask))
            case "BATCH_GET" | "GET" if not key:
                ids = ask.listed("ids")
                found = {id: rows[id] for id in ids if id in rows}
                gone = {id: {"status": 404, "message": "Not found"} for id in ids if id not in rows}
                statuses = dict.fromkeys(found, 200) | dict.fromkeys(gone, 404)
                return JSONResponse({"results": found, "statuses": statuses, "errors": gone})
            case "CREATE" if not key:
                id = self._create(account, collection, rows, ask.body)
                return Response(status_code=201, headers={"x-restli-id": id, "location": f"/{collection}/{id}"})
        if key not in rows:
            raise Refusal("404")
        match ask.method:
            case "GET":
                return JSONResponse(rows[key])
            case "PARTIAL_UPDATE":
                rows[key] |= _changes(ask.body)
            case "DELETE":
                if rows[key]["status"] not in ("DRAFT", "PAUSED"):
                    raise Refusal("400", "Only a DRAFT is deleted; set status to PENDING_DELETION instead")
                del rows[key]
            case _:
                raise Refusal("400", f"{ask.method} does not go with this path")
        return Response(status_code=204)

    def analytics(self, accounts: list[str], ask: Asked) -> dict[str, Any]:
        """One row for each thing of the pivot, over the whole date range. Raises Refusal."""
        pivot, fields = ask.text("pivot") or "ACCOUNT", [each for each in ask.text("fields").split(",") if each]
        if ask.text("q") not in ("analytics", "statistics") or pivot not in PIVOTS or "dateRange" not in ask.params:
            raise Refusal("400", "q=analytics wants pivot, dateRange and accounts")
        rows = []
        for account in accounts:
            things = self.of(account).get(PIVOTS[pivot], {account: {}})
            word = WORDS.get(PIVOTS[pivot], "sponsoredAccount")
            for id in things:
                numbers = _numbers(f"{account} {id} {ask.text('dateRange')}")
                shown = {name: value for name, value in numbers.items() if not fields or name in fields}
                rows.append({"pivotValues": [f"urn:li:{word}:{id}"], **shown})
        return {"elements": rows, "paging": {"start": 0, "count": len(rows), "links": []}}

    def _page(self, rows: Rows, ask: Asked) -> dict[str, Any]:
        if ask.text("q") not in ("", "search"):
            raise Refusal("400", "The finder must be q=search")
        size, start = min(max(ask.number("pageSize", 100), 1), 1_000), ask.number("pageToken", 0)
        statuses = re.findall(r"status:\(values:List\(([A-Z_,]+)\)\)", ask.params.get("search", ""))
        wanted = {status for each in statuses for status in each.split(",")}
        found = [row for row in rows.values() if not wanted or row["status"] in wanted]
        more = start + size < len(found)
        metadata = {"nextPageToken": str(start + size)} if more else {}
        return {"elements": found[start : start + size], "metadata": metadata}

    def _create(self, account: str, collection: str, rows: Rows, body: Any) -> str:
        if not isinstance(body, dict) or len(rows) >= MOST:
            raise Refusal("400", "The body is no object")
        lacking = [field for field in REQUIRED[collection] if field not in body and field != "status"]
        if lacking:
            raise Refusal("400", f"ERROR :: /{lacking[0]} :: field is required but not found and has no default value")
        if body["account"] != f"urn:li:sponsoredAccount:{account}":
            raise Refusal("400", "account differs from the path's")
        id = f"7{self._world.digits(8)}"
        rows[id] = {"status": "DRAFT", **body, "id": int(id)}
        return id


def _changes(body: Any) -> Mapping[str, Any]:
    """`patch.$set` of a partial update. Raises Refusal."""
    patch = body.get("patch") if isinstance(body, dict) else None
    changes = patch.get("$set") if isinstance(patch, dict) else None
    if not isinstance(changes, dict) or not changes or changes.keys() & {"id", "account"}:
        raise Refusal("400", "A partial update is a patch with $set")
    return changes


def _numbers(of: str) -> dict[str, Any]:
    seen = 1_000 + hashlib.sha256(of.encode()).digest()[0]
    return {"impressions": seen, "clicks": seen // 20, "costInLocalCurrency": f"{seen / 100:.2f}"}
