"""Campaigns and their budgets: made, changed and removed by `:mutate`, and what they were seen and clicked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from symphony_connect.platforms.google_ads.sandbox.errors import Refusal
from symphony_connect.platforms.google_ads.sandbox.gaql import Query, Row
from symphony_connect.platforms.google_ads.sandbox.trees import Customer
from symphony_connect.sandbox.world import World

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "campaigns": ("name", "advertisingChannelType"),
    "campaignBudgets": ("amountMicros",),
}
"""Collections that can be changed, and the fields that a new one must have."""
MOST = 10_000
"""Of one customer."""
Held = dict[str, dict[str, Any]]
"""By resource name."""


class Campaigns:
    """Of all customers. Each has one campaign and its budget before anything is made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.held: dict[str, dict[str, Held]] = {}
        """By customer and collection."""

    def of(self, customer: Customer) -> dict[str, Held]:
        if customer.id not in self.held:
            budget = f"customers/{customer.id}/campaignBudgets/1"
            self.held[customer.id] = found = {name: dict[str, dict[str, Any]]() for name in REQUIRED}
            self._add(found["campaignBudgets"], budget, {"amountMicros": "50000000", "name": "Budget 1"})
            first = {"name": f"{customer.name} search", "advertisingChannelType": "SEARCH", "campaignBudget": budget}
            self._add(found["campaigns"], f"customers/{customer.id}/campaigns/1", first)
        return self.held[customer.id]

    def rows(self, customer: Customer, query: Query) -> Iterator[Row]:
        """Of `campaign` or `campaign_budget`; with `segments.date`, one for each day, otherwise of all days together.

        Raises Refusal.
        """
        held = self.of(customer)
        if query.what == "campaign_budget":
            yield from ({"campaignBudget": row} for row in held["campaignBudgets"].values())
            return
        first, last = query.days(datetime.fromtimestamp(self._world.clock() / 1000, UTC).date())
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        for name, campaign in held["campaigns"].items():
            if "segments.date" in query.fields:
                for day in days:
                    yield {"campaign": campaign, "metrics": _metrics(name, [day]), "segments": {"date": f"{day}"}}
            else:
                yield {"campaign": campaign, "metrics": _metrics(name, days), "segments": {}}

    def mutate(self, customer: Customer, collection: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """All operations, or none where one is refused. Raises Refusal."""
        operations = body.get("operations")
        if collection not in REQUIRED or not isinstance(operations, list) or not operations:
            raise Refusal("REQUIRED")
        held = self.of(customer)[collection]
        changed = {name: dict(row) for name, row in held.items()}
        results = [{"resourceName": self._done(customer, collection, changed, each)} for each in operations]
        if body.get("validateOnly") is True:
            return {}
        self.of(customer)[collection] = changed
        return {"results": results}

    def _done(self, customer: Customer, collection: str, held: Held, operation: Any) -> str:
        match operation:
            case {"create": dict(new)}:
                if any(not new.get(field) for field in REQUIRED[collection]) or len(held) >= MOST:
                    raise Refusal("REQUIRED")
                self._check_name(held, collection, new.get("name"), "")
                name = f"customers/{customer.id}/{collection}/2{self._world.digits(9)}"
                return self._add(held, name, {key: value for key, value in new.items() if key != "resourceName"})
            case {"update": dict(changes)}:
                name = self._known(customer, held, changes.get("resourceName"))
                mask = operation.get("updateMask")
                if not isinstance(mask, str) or not mask:
                    raise Refusal("FIELD_MASK_MISSING")
                self._check_name(held, collection, changes.get("name"), name)
                held[name] |= {field: changes.get(field) for field in map(_camel, mask.split(","))}
                return name
            case {"remove": name}:
                held[self._known(customer, held, name)]["status"] = "REMOVED"
                return str(name)
        raise Refusal("REQUIRED")

    def _add(self, held: Held, name: str, row: Mapping[str, Any]) -> str:
        held[name] = {"status": "ENABLED", **row, "resourceName": name, "id": name.rpartition("/")[2]}
        return name

    def _known(self, customer: Customer, held: Held, name: object) -> str:
        if not isinstance(name, str) or not name.startswith(f"customers/{customer.id}/"):
            raise Refusal("INCONSISTENT_CUSTOMER_ID")
        if name not in held or held[name]["status"] == "REMOVED":
            raise Refusal("RESOURCE_NOT_FOUND")
        return name

    def _check_name(self, held: Held, collection: str, wanted: object, own: str) -> None:
        taken = {row.get("name") for name, row in held.items() if name != own and row["status"] != "REMOVED"}
        if collection == "campaigns" and wanted in taken:
            raise Refusal("DUPLICATE_CAMPAIGN_NAME")


def _metrics(name: str, days: list[date]) -> dict[str, Any]:
    """64-bit numbers as text. The same day of the same campaign has the same numbers always."""
    seen = sum(100 + hashlib.sha256(f"{name} {day}".encode()).digest()[0] for day in days)
    clicks = seen // 20
    return {"impressions": str(seen), "clicks": str(clicks), "costMicros": str(clicks * 350_000)}


def _camel(field: str) -> str:
    head, *rest = field.strip().split("_")
    return head + "".join(part.capitalize() for part in rest)
