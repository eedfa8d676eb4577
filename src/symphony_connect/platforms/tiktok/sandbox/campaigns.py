"""What every client of the Marketing API calls next: campaigns, ads, pixels, reports.

Parameters and answers as in the API's reference, v1.3; what an ad account does not allow is refused as everywhere.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from symphony_connect.platforms.tiktok.sandbox import things
from symphony_connect.platforms.tiktok.sandbox.errors import Refusal, missing
from symphony_connect.platforms.tiktok.sandbox.marketing import Marketing, sent
from symphony_connect.platforms.tiktok.sandbox.members import Advertiser
from symphony_connect.platforms.tiktok.sandbox.wire import Operation, Question
from symphony_connect.sandbox.world import World

Rows = Sequence[Mapping[str, Any]]
MOST_ROWS = 1_000
MOST_PIXELS = 20
MOST_CAMPAIGNS = 10_000
"""Of one ad account."""
STATUSES = {
    "ENABLE": "CAMPAIGN_STATUS_ENABLE",
    "DISABLE": "CAMPAIGN_STATUS_DISABLE",
    "DELETE": "CAMPAIGN_STATUS_DELETE",
}
NUMBERS = {"spend": "12.34", "impressions": "1000", "clicks": "10"}


class Campaigns:
    """Of all advertisers. `marketing` knows who may do what."""

    def __init__(self, world: World, marketing: Marketing) -> None:
        self._world = world
        self._marketing = marketing
        self.held: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._tasks: dict[str, str] = {}

    def operations(self) -> dict[str, Operation]:
        get = ("GET",)
        return {
            "/campaign/get/": Operation(self.campaigns, get),
            "/campaign/create/": Operation(self.create),
            "/campaign/status/update/": Operation(self.update_status),
            "/adgroup/get/": Operation(self.ad_groups, get),
            "/ad/get/": Operation(self.ads, get),
            "/report/integrated/get/": Operation(self.report, get),
            "/report/task/create/": Operation(self.begin_report),
            "/report/task/check/": Operation(self.check_report, get),
            "/pixel/list/": Operation(self.pixels, get),
        }

    def campaigns(self, question: Question) -> dict[str, Any]:
        advertiser = self._advertiser(question)
        wanted = _filter(question).get("campaign_ids")
        rows = [row for row in self.held[advertiser].values() if wanted is None or row["campaign_id"] in wanted]
        return page_of(question, rows, MOST_ROWS)

    def create(self, question: Question) -> dict[str, Any]:
        advertiser = self._advertiser(question)
        row = {name: question.text(name) for name in ("campaign_name", "objective_type")}
        kept = {name: value for name, value in question.fields.items() if name in ("budget", "budget_mode")}
        held = self.held[advertiser]
        if len(held) >= MOST_CAMPAIGNS:
            raise Refusal("40002", "campaign: this sandbox keeps no more of one advertiser.")
        id = f"17{self._world.digits(14)}"
        state = {"operation_status": "ENABLE", "secondary_status": STATUSES["ENABLE"]}
        held[id] = {**row, **kept, **state, "campaign_id": id, "advertiser_id": advertiser}
        return held[id]

    def update_status(self, question: Question) -> dict[str, Any]:
        held, status = self.held[self._advertiser(question)], question.text("operation_status")
        ids = question.fields.get("campaign_ids")
        if not isinstance(ids, list) or not ids:
            raise missing("campaign_ids")
        unknown = [str(id) for id in ids if str(id) not in held]
        if unknown or status not in STATUSES:
            raise Refusal(
                "40002", f"campaign_ids: {unknown[0]} does not exist." if unknown else "operation_status: Invalid."
            )
        for id in map(str, ids):
            held[id] |= {"operation_status": status, "secondary_status": STATUSES[status]}
        return {"campaign_ids": [str(id) for id in ids], "status": status}

    def ad_groups(self, question: Question) -> dict[str, Any]:
        """Two of each campaign; `filtering` knows `campaign_ids` and `adgroup_ids`."""
        rows = things.ad_groups(self.held[self._advertiser(question)].values())
        return page_of(question, _chosen(question, rows, "campaign_id", "adgroup_id"), MOST_ROWS)

    def ads(self, question: Question) -> dict[str, Any]:
        """One of each ad group; `filtering` knows the ids of all three."""
        rows = things.ads(things.ad_groups(self.held[self._advertiser(question)].values()))
        return page_of(question, _chosen(question, rows, "campaign_id", "adgroup_id", "ad_id"), MOST_ROWS)

    def pixels(self, question: Question) -> dict[str, Any]:
        page = page_of(question, things.pixels(self._owner(question), self._marketing.born), MOST_PIXELS)
        return {"pixels": page["list"], "page_info": page["page_info"]}

    def report(self, question: Question) -> dict[str, Any]:
        """One row for each campaign, with the metrics asked for."""
        advertiser = self._advertiser(question)
        metrics = question.strings("metrics") or ["spend"]
        rows = [
            {"dimensions": {"campaign_id": id}, "metrics": {name: NUMBERS.get(name, "0") for name in metrics}}
            for id in self.held[advertiser]
        ]
        return page_of(question, rows, MOST_ROWS)

    def begin_report(self, question: Question) -> dict[str, Any]:
        advertiser = self._advertiser(question)
        question.text("report_type")
        id = self._world.hex(32)
        self._tasks[id] = advertiser
        if len(self._tasks) > MOST_CAMPAIGNS:
            del self._tasks[next(iter(self._tasks))]
        return {"task_id": id}

    def check_report(self, question: Question) -> dict[str, Any]:
        if self._tasks.get(question.text("task_id")) != self._advertiser(question):
            raise Refusal("40002", "task_id: does not exist.")
        return {"status": "SUCCESS", "message": ""}

    def _advertiser(self, question: Question) -> str:
        """Raises Refusal: without a token that works, or for an ad account that was not granted."""
        approval = self._marketing.approval(question, sent(question))
        return self._marketing.granted(approval, question.text("advertiser_id")).id

    def _owner(self, question: Question) -> Advertiser:
        """As `_advertiser`, whole."""
        approval = self._marketing.approval(question, sent(question))
        return self._marketing.granted(approval, question.text("advertiser_id"))


def _chosen(question: Question, rows: Rows, *ids: str) -> Rows:
    wanted = _filter(question)
    named = [(id, wanted[f"{id}s"]) for id in ids if isinstance(wanted.get(f"{id}s"), list)]
    return [row for row in rows if all(row[id] in chosen for id, chosen in named)]


def _filter(question: Question) -> Mapping[str, Any]:
    text = question.fields.get("filtering")
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("40002", "filtering: Not a valid JSON object.")
    return found


def page_of(question: Question, rows: Rows, most: int) -> dict[str, Any]:
    page, size = question.within("page", 1, 100_000), question.within("page_size", 10, most)
    total = {"total_number": len(rows), "total_page": -(-len(rows) // size)}
    return {"list": rows[(page - 1) * size : page * size], "page_info": {"page": page, "page_size": size, **total}}
