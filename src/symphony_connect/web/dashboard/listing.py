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
from symphony_connect.base.model import Status
from symphony_connect.connections.backlog import LATE
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.web.dashboard import lists, words
from symphony_connect.web.dashboard.forecast import UNTIL, WEEK, Forecast, day_of
from symphony_connect.web.dashboard.search import Sought

ROWS = 50
LOOKED_AT = 20_000
"""Connections that an order other than the usual one looks at: the most urgent ones."""
COUNTED = 5_000
"""The same for a total beside the usual order, which comes with each look at a filtered list."""
COLUMNS = {
    "status": "Status",
    "brand": "Brand",
    "platform": "Platform",
    "person": "Connected as",
    "expires": "Expires",
    "renewal": "Renewal",
}
"""What the table can be sorted by, in its order; with `-` in front the other way round."""
LANES = {
    "person": "that need a person",
    "renews": "that renew automatically",
    "later": "that expire later",
    "never": "that never expire",
    "overdue": "that are overdue, the longest first",
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
    sort: str = ""
    page: str = ""

    @property
    def plain(self) -> bool:
        return self == replace(Filter(), after=self.after, sort=self.sort, page=self.page)

    @property
    def paged(self) -> bool:
        """Whether its pages are numbered: in any order but the usual, and wherever a number was asked for."""
        return bool(self.sort or self.page or self.lane == "overdue")

    def query(self, **changes: str) -> str:
        parts = {**vars(self), "after": "", "page": "", **changes}
        return urlencode({name: value for name, value in parts.items() if value})

    def sorted_by(self, sort: str) -> str:
        """The query that sorts by a column, or the other way round where it is sorted by it already."""
        now = self.sort or "status"
        wanted = f"-{sort}" if now == sort else sort
        return self.query(sort="" if wanted == "status" else wanted)

    def direction(self, sort: str) -> str:
        """As `aria-sort` has it; empty for a column that nothing is sorted by."""
        now = self.sort or ("" if self.lane == "overdue" else "status")
        return {sort: "ascending", f"-{sort}": "descending"}.get(now, "")

    def order(self) -> str:
        """The order of the rows in words."""
        sort = self.sort.removeprefix("-")
        if not sort or sort not in COLUMNS:
            return "Longest overdue first" if self.lane == "overdue" else "Most urgent first"
        return f"By {COLUMNS[sort].lower()}" + (", from the end" if self.sort != sort else "")

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
    total: int | None = None
    """How many there are on all pages; None where that is not known."""
    more: bool = False
    """Whether `total` counts only the most urgent, and there may be more."""
    page: int = 0
    """From 1 where pages are numbered, else 0."""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def last_page(self) -> int:
        return max(1, -(-(self.total or 0) // ROWS))


async def load(core: Core, workspace_id: str, asked: Filter, looked_at: int = LOOKED_AT) -> Listed:
    """At most 50 rows and their total; another order is of the `looked_at` most urgent.

    Raises Problem when the address makes no sense.
    """
    if asked.paged:
        return await _numbered(core, workspace_id, asked, looked_at)
    listed = await _following(core, workspace_id, asked)
    if not (asked.q or asked.platform or (asked.status and asked.lane)):
        return listed  # The page's own counts tell the total.
    known = await _sorted(core, workspace_id, asked, most=1, shown=0, steps=COUNTED)
    if not listed.next:
        return replace(listed, total=listed.last)
    # What the index found may all lie beyond the most urgent.
    total = max(known[0]["total"] if known else 0, listed.last + 1)
    return replace(listed, total=total, more=not known or known[0]["walked"] > COUNTED)


def counted(asked: Filter, forecast: Forecast) -> int | None:
    """How many an address lists that narrows by one thing only, from what the forecast has counted."""
    if asked.status:
        return forecast.gone if asked.status == Status.DISCONNECTED else forecast.by_status.get(asked.status, 0)
    if not asked.lane:
        return sum(forecast.by_status.values()) + forecast.gone
    weeks = [week for week in forecast.weeks if asked.week == day_of(week.start)]
    if asked.lane == "renews":
        return sum(week.renews for week in weeks)
    if asked.lane == "person":
        return sum(stack.count for week in weeks for stack in week.stacks if asked.why in stack.query)
    return forecast.edges.get(asked.lane, 0)


async def _numbered(core: Core, workspace_id: str, asked: Filter, looked_at: int) -> Listed:
    """The `looked_at` most urgent connections in another order. A page behind the last is the last."""
    page = _page_number(asked.page)
    rows = await _sorted(core, workspace_id, asked, most=ROWS, shown=(page - 1) * ROWS, steps=looked_at)
    if not rows and page > 1:
        known = await _sorted(core, workspace_id, asked, most=1, shown=0, steps=looked_at)
        page = max(1, -(-(known[0]["total"] if known else 0) // ROWS))
        rows = await _sorted(core, workspace_id, asked, most=ROWS, shown=(page - 1) * ROWS, steps=looked_at)
    total = min(rows[0]["total"], looked_at) if rows else 0
    return Listed(
        tuple(rows),
        (page - 1) * ROWS + 1,
        "",
        total=total,
        more=bool(rows and rows[0]["walked"] > looked_at),
        page=page,
    )


def _page_number(page: str) -> int:
    """Raises Problem `invalid_request`."""
    if page and not re.fullmatch(r"[1-9]\d{0,5}", page, re.ASCII):
        raise Problem("invalid_request", "A page is named by a number: 1, 2, 3.", field="page")
    return int(page or 1)


async def _sorted(core: Core, workspace_id: str, asked: Filter, *, most: int, shown: int, steps: int) -> list[Row]:
    """Raises Problem `invalid_request`."""
    if asked.sort.removeprefix("-") not in ("", *COLUMNS):
        raise Problem("invalid_request", f"The table can be sorted by {', '.join(COLUMNS)}.", field="sort")
    if asked.status:
        _start(asked.status)
    return await lists.sorted_connections(
        core,
        workspace_id,
        Sought.of(asked.q),
        steps=steps + 1,
        first_urgency=words.URGENCY[asked.status] if asked.status else 0,
        last_urgency=words.URGENCY[asked.status] if asked.status else max(words.URGENCY.values()),
        late=core.clock() - LATE,
        sort=asked.sort,
        platform=asked.platform,
        most=most,
        shown=shown,
        **_lane(core, asked),
    )


def _lane(core: Core, asked: Filter) -> dict[str, str | int]:
    """Which of the forecast's connections are meant. Raises Problem `invalid_request`."""
    low = week_start(asked.week) if asked.week else 0
    today = core.clock() - core.clock() % DAY
    return {
        "lane": asked.lane,
        "why": asked.why,
        # What should have ended before today still counts to this week.
        "low": 0 if low == today else low,
        "high": low + WEEK if asked.week else today + UNTIL,
        "until": today + UNTIL,
    }


async def _following(core: Core, workspace_id: str, asked: Filter) -> Listed:
    """The usual order, most urgent first, from behind a cursor: as quick among a million."""
    start = Cursor.read(asked.after) if asked.after else Cursor(*_start(asked.status), 0)
    page = await lists.connections(
        core,
        workspace_id,
        Sought.of(asked.q),
        urgency=start.urgency,
        next_end=start.next_end,
        id=start.id,
        last_urgency=words.URGENCY[asked.status] if asked.status else max(words.URGENCY.values()),
        platform=asked.platform,
        most=ROWS + 1,
        **_lane(core, asked),
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
