"""The objects in the sandbox's ad accounts, by id and by account, and what happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
MOST = 50_000
"""Objects of one sandbox; the oldest are forgotten first."""
LISTED = {
    "campaigns": "Campaign",
    "adsets": "AdSet",
    "ads": "Ad",
    "adcreatives": "AdCreative",
    "customaudiences": "CustomAudience",
    "adimages": "AdImage",
}
_ABOVE = {"Campaign": "campaign_id", "AdSet": "adset_id"}


@dataclass
class Thing:
    """One object. `row` has everything that can be asked for."""

    kind: str
    account: str
    """The ad account's number."""
    row: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def there(self) -> bool:
        return self.row.get("status") != "DELETED"


class Things:
    """Of all ad accounts together; whose they are is `Holdings`' to say."""

    def __init__(self) -> None:
        self.every: dict[str, Thing] = {}
        self._happened: dict[str, list[Row]] = defaultdict(list)

    def add(self, thing: Thing) -> Thing:
        self.every[thing.id] = thing
        if len(self.every) > MOST:
            del self.every[next(iter(self.every))]
        return thing

    def find(self, id: str) -> Thing | None:
        return self.every.get(id)

    def note(self, thing: Thing, deed: str, time: str | None) -> None:
        """Writes down what `activities` lists."""
        happened = self._happened[thing.account]
        name = {"Campaign": "campaign", "AdSet": "ad_set"}.get(thing.kind, thing.kind.lower())
        row = {"event_type": f"{deed}_{name}", "event_time": time, "object_id": thing.id}
        happened.append({**row, "object_name": thing.row.get("name", ""), "actor_name": "Sandbox"})
        del happened[:-1_000]

    def of_account(self, account: str, edge: str) -> Sequence[Row]:
        """The rows of an edge of an ad account, newest first; deleted ones are not listed."""
        if edge == "activities":
            return self._happened[account][::-1]
        kind = LISTED.get(edge)
        return [
            each.row
            for each in reversed(self.every.values())
            if (each.account, each.kind) == (account, kind) and each.there
        ]

    def below(self, thing: Thing, edge: str) -> Sequence[Row]:
        """The rows of an edge of a campaign, an ad set or an ad."""
        rows = self.of_account(thing.account, edge)
        if thing.kind == "Ad":
            used = (thing.row.get("creative") or {}).get("id")
            return [row for row in rows if edge == "adcreatives" and row["id"] == used]
        above = _ABOVE.get(thing.kind)
        return [row for row in rows if above and row.get(above) == thing.id]
