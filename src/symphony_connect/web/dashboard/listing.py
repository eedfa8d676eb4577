"""The table of connections: what is asked for in the address, one page of rows, and the way to the next."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode

from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.web.dashboard import lists, words
from symphony_connect.web.dashboard.forecast import UNTIL, WEEK
from symphony_connect.web.dashboard.search import Sought

ROWS = 50
LANES = {
    "person": "that need a person",
    "renews": "that renew automatically",
    "later": "that expire later",
    "never": "that never expire",
}
BEFORE_ALL = (-1, -1, "")


@dataclass(frozen=True)
class Cursor:
    """The place of the last row shown, and how many stood before the next."""

    urgency: int
    next_end: int
    id: str
    shown: int

    @classmethod
    def read(cls, value: str) -> Cursor:
        """Raises Problem `invalid_request`."""
        found = re.fullmatch(r"([0-4])\.(\d{1,19})\.(\w{1,60})\.(\d{1,9})", value, re.ASCII)
        if found is None or int(found[2]) >= 2**63:
            raise Problem(
                "invalid_request", "This page address is not valid. Go back to the connections.", field="after"
            )
        return cls(int(found[1]), int(found[2]), found[3], int(found[4]))

    def __str__(self) -> str:
        return f"{self.urgency}.{self.next_end}.{self.id}.{self.shown}"


@dataclass(frozen=True)
class Filter:
    """As the address has it; empty means any."""

    q: str = ""
    status: str = ""
    platform: str = ""
    lane: str = ""
    week: str = ""
    why: str = ""
    after: str = ""

    @property
    def plain(self) -> bool:
        return self == replace(Filter(), after=self.after)

    def query(self, **changes: str) -> str:
        parts = {**vars(self), "after": "", **changes}
        return urlencode({name: value for name, value in parts.items() if value})

    def narrowed_to(self, week: str) -> str:
        """What the forecast's marks narrowed it to, in words; `week` is the first day in words."""
        kind = LANES.get(self.lane)
        if kind is None:
            return ""
        return f"Only those {kind}" + (f", week of {week}" if self.week else "")


@dataclass(frozen=True)
class Listed:
    rows: tuple[Row, ...]
    first: int
    next: str
    """The cursor of the next page; empty at the end."""
    stopped: bool = False
    """Whether the search stopped before the page was full: there may be more behind it."""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


async def load(core: Core, workspace_id: str, asked: Filter) -> Listed:
    """At most 51 rows. Raises Problem when the address makes no sense."""
    start = Cursor.read(asked.after) if asked.after else Cursor(*_start(asked.status), 0)
    low = week_start(asked.week) if asked.week else 0
    today = core.clock() - core.clock() % DAY
    page = await lists.connections(
        core,
        workspace_id,
        Sought.of(asked.q),
        urgency=start.urgency,
        next_end=start.next_end,
        id=start.id,
        last_urgency=words.URGENCY[asked.status] if asked.status else max(words.URGENCY.values()),
        platform=asked.platform,
        lane=asked.lane,
        why=asked.why,
        # What should have ended before today still counts to this week.
        low=0 if low == today else low,
        high=low + WEEK if asked.week else today + UNTIL,
        until=today + UNTIL,
        most=ROWS + 1,
    )
    shown = tuple(page.rows[:ROWS])
    last = shown[-1] if len(page.rows) > ROWS else page.stopped
    next = Cursor(last["urgency"], last["next_end"], last["id"], start.shown + len(shown)) if last else ""
    return Listed(shown, start.shown + 1, str(next), stopped=page.stopped is not None)


def _start(status: str) -> tuple[int, int, str]:
    if not status:
        return BEFORE_ALL
    if status not in words.URGENCY:
        raise Problem("invalid_request", "There is no such status.", field="status")
    return words.URGENCY[status], -1, ""


def week_start(week: str) -> int:
    """Milliseconds since the epoch of a day such as `2026-11-28`. Raises Problem `invalid_request`."""
    try:
        day = date.fromisoformat(week)
    except ValueError:
        raise Problem("invalid_request", "A week is named by its first day: 2026-11-28.", field="week") from None
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def accounts(row: Row) -> str:
    """`2 of 3 ad accounts`, as far as the row alone tells."""
    count: Any = row["ad_account_count"]
    if count is None:
        return "ad accounts not known"
    chosen = count if row["selected"] is None else min(count, len(json.loads(row["selected"])))
    return f"{chosen} of {words.plural(count, 'ad account')}"
