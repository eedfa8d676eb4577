"""What ad accounts hold at the sandbox's Meta: campaigns, ad sets, ads, creatives, audiences, images, reports.

Sources: Marketing API reference of each object ("Creating", "Updating", "Deleting"), "Insights API, Asynchronous".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.holdings import Holdings, hidden
from symphony_connect.platforms.meta.sandbox.kinds import has_field
from symphony_connect.platforms.meta.sandbox.reports import Reports
from symphony_connect.platforms.meta.sandbox.things import Thing
from symphony_connect.platforms.meta.sandbox.wire import Ask
from symphony_connect.sandbox.world import World

STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DELETED")


@dataclass(frozen=True)
class Made:
    """What an edge makes: the type, what it must be given, and which parameters name objects above it."""

    kind: str
    needed: tuple[str, ...]
    above: Mapping[str, str] = field(default_factory=dict)
    """Parameter → type."""


EDGES: Mapping[str, Made] = {
    "campaigns": Made("Campaign", ("name", "objective", "special_ad_categories")),
    "adsets": Made("AdSet", ("name", "campaign_id"), {"campaign_id": "Campaign"}),
    "ads": Made("Ad", ("name", "adset_id", "creative"), {"adset_id": "AdSet"}),
    "adcreatives": Made("AdCreative", ("name",)),
    "customaudiences": Made("CustomAudience", ("name",)),
    "adimages": Made("AdImage", ("bytes",)),
}
REPORTED = ("AdAccount", "Campaign", "AdSet", "Ad")
KINDS = {made.kind: edge for edge, made in EDGES.items()}


class Ads:
    """Changes; what is read of them is in `Things`."""

    def __init__(self, world: World, reports: Reports) -> None:
        self._world = world
        self._things = reports.things
        self.reports = reports

    def change(self, ask: Ask, holdings: Holdings) -> dict[str, Any]:
        """The answer to a POST or DELETE. Raises GraphError."""
        node, *edges = ask.path
        kind = holdings.kind(node)
        if kind == "AdAccount" and len(edges) == 1 and edges[0] in EDGES:
            account = holdings.account(node, change=True).number
            return self._remove_image(ask, account) if ask.verb == "DELETE" else self._create(ask, account, edges[0])
        if kind in REPORTED and edges == ["insights"] and ask.verb == "POST":
            return self.reports.begin(ask, holdings.account_of(node).number, node)
        thing = self._things.find(node)
        if thing is None or edges or kind not in KINDS:
            raise hidden(ask)
        holdings.account(f"act_{thing.account}", change=True)
        return self._update(ask, thing) if ask.verb == "POST" else self._delete(thing)

    def _create(self, ask: Ask, account: str, edge: str) -> dict[str, Any]:
        if ask.verb != "POST":
            raise hidden(ask)
        made = EDGES[edge]
        for name in made.needed:
            ask.needed(name)
        _check_status(ask)
        if made.kind == "AdImage":
            return self._add_image(ask, account)
        row = {name: _value(text) for name, text in ask.params.items() if has_field(made.kind, name)}
        for name, kind in made.above.items():
            row |= self._above(account, str(ask.params[name]), kind)
        if made.kind == "Ad":
            row["creative"] = {"id": str(_part(_value(ask.params["creative"]), "creative_id"))}
        return {"id": self._add(account, made.kind, row).id}

    def _above(self, account: str, id: str, kind: str) -> dict[str, Any]:
        """The fields that name an object above, and what is above that one."""
        thing = self._things.find(id)
        if thing is None or (thing.account, thing.kind) != (account, kind):
            raise GraphError("100")
        name = {"Campaign": "campaign", "AdSet": "adset"}[kind]
        upper: dict[str, Any] = {key: thing.row[key] for key in ("campaign", "campaign_id") if key in thing.row}
        return {**upper, name: {"id": id}, f"{name}_id": id}

    def _add(self, account: str, kind: str, row: Mapping[str, Any], id: str = "") -> Thing:
        now = rfc3339(self._world.clock())
        usual = {"status": "PAUSED", "created_time": now, "updated_time": now}
        full = {**usual, **row, "account_id": account, "id": id or f"120{self._world.digits(14)}"}
        full |= {"effective_status": full["status"], "configured_status": full["status"]}
        thing = self._things.add(Thing(kind, account, full))
        self._things.note(thing, "create", now)
        return thing

    def _add_image(self, ask: Ask, account: str) -> dict[str, Any]:
        hash = hashlib.md5(ask.params["bytes"].encode(), usedforsecurity=False).hexdigest()
        name = ask.params.get("name", "bytes")
        self._add(account, "AdImage", {"hash": hash, "name": name, "status": "ACTIVE"}, f"{account}:{hash}")
        return {"images": {name: {"hash": hash, "url": f"{ask.base}/_sandbox/static/icon.svg"}}}

    def _remove_image(self, ask: Ask, account: str) -> dict[str, Any]:
        thing = self._things.find(f"{account}:{ask.needed('hash')}") if ask.path[1] == "adimages" else None
        if thing is None:
            raise hidden(ask)
        return self._delete(thing)

    def _update(self, ask: Ask, thing: Thing) -> dict[str, Any]:
        _check_status(ask)
        now = rfc3339(self._world.clock())
        kept = ("id", "account_id", "created_time", "campaign_id", "adset_id")
        row = {name: _value(text) for name, text in ask.params.items() if has_field(thing.kind, name)}
        thing.row |= {name: value for name, value in row.items() if name not in kept} | {"updated_time": now}
        thing.row |= {"effective_status": thing.row["status"], "configured_status": thing.row["status"]}
        self._things.note(thing, "update", str(now))
        return {"success": True}

    def _delete(self, thing: Thing) -> dict[str, Any]:
        thing.row |= {"status": "DELETED", "effective_status": "DELETED", "configured_status": "DELETED"}
        self._things.note(thing, "delete", str(rfc3339(self._world.clock())))
        return {"success": True}


def _check_status(ask: Ask) -> None:
    if ask.params.get("status", "PAUSED") not in STATUSES:
        raise GraphError("100")


def _value(text: str) -> Any:
    """Lists and objects arrive as JSON."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            raise GraphError("100") from None
    return text


def _part(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise GraphError("100")
    return value[name]
