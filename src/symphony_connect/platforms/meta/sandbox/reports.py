"""Insights: rows of one day for whatever there is, at once or as a report that is asked for and fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.things import Thing, Things
from symphony_connect.platforms.meta.sandbox.wire import Ask
from symphony_connect.sandbox.world import World

LEVELS = {"campaign": "campaigns", "adset": "adsets", "ad": "ads"}
NUMBERS = {"impressions": "1000", "clicks": "10", "spend": "12.34", "reach": "900", "frequency": "1.11", "ctr": "1.0"}


class Reports:
    def __init__(self, world: World, things: Things) -> None:
        self._world = world
        self.things = things

    def begin(self, ask: Ask, account: str, node: str) -> dict[str, Any]:
        """A report that is done as soon as it is asked for."""
        rows = self.rows(account, node, ask.params.get("level", ""))
        id = f"6{self._world.digits(15)}"
        done = {"async_status": "Job Completed", "async_percent_completion": 100, "is_running": False}
        self.things.add(Thing("AdReportRun", account, {"id": id, "account_id": account, **done, "rows": rows}))
        return {"report_run_id": id}

    def rows(self, account: str, node: str, level: str) -> Sequence[Mapping[str, Any]]:
        """One row for each object of the level below the node; without a level one, where the node has anything."""
        if level not in ("", "account", *LEVELS):
            raise GraphError("100")
        thing = self.things.find(node)
        if thing and thing.kind == "AdReportRun":
            rows: Sequence[Mapping[str, Any]] = thing.row["rows"]
            return rows
        day = datetime.fromtimestamp(self._world.clock() / 1000, UTC).date().isoformat()
        usual = {"account_id": account, **NUMBERS, "date_start": day, "date_stop": day}
        if level in LEVELS:
            below = self.things.of_account(account, LEVELS[level])
            return [{**usual, **self._named(row, level)} for row in below if self._is_below(row, thing)]
        if thing is None:
            return [usual] if self.things.of_account(account, "campaigns") else []
        return [{**usual, **self._named(thing.row, thing.kind.lower())}]

    def _is_below(self, row: Mapping[str, Any], thing: Thing | None) -> bool:
        return thing is None or thing.id in (row["id"], row.get("campaign_id"), row.get("adset_id"))

    def _named(self, row: Mapping[str, Any], level: str) -> dict[str, Any]:
        above = {name: row[name] for name in ("campaign_id", "adset_id") if name in row}
        return {**above, f"{level}_id": row["id"], f"{level}_name": row.get("name", "")}
