"""What ends in the next thirteen weeks, laid out for a chart and for its table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Reason
from symphony_connect.store.db import Row

WEEK = 7 * DAY
WEEKS = 13
UNTIL = WEEKS * WEEK
SINGLE = 10
"""Up to so many of a kind have a mark each; where a week has more, all weeks are bars on one scale."""
TALLEST, LEAST = 120, 4
"""Pixels: the height of the fullest week's bars; of any bar."""
LEFT, WIDTH = 0.0, 100.0
"""Percent of the drawing: where the weeks begin and how far they reach."""
MARK, FOOT = 16, 62
"""Pixels: the height of a mark in a stack; of the tallest bar."""
DASHES = (1, 7, 14)
"""Days ahead at which a connection that only a person can prolong is announced."""


@dataclass(frozen=True)
class Stack:
    """Connections of one kind that end in one week."""

    kind: str
    """`token` or `data`."""
    count: int
    query: str
    """Of the address that lists them."""
    bar: float = 0
    """Pixels; 0 where each connection has a mark of its own."""


@dataclass(frozen=True)
class Week:
    """`stacks` need a person; `renews` renew by themselves."""

    start: int
    left: float
    middle: float
    width: float
    stacks: tuple[Stack, ...]
    renews: int
    renews_query: str
    bar: float
    """Pixels."""

    @property
    def persons(self) -> int:
        return sum(stack.count for stack in self.stacks)


@dataclass(frozen=True)
class Forecast:
    """`edges` are those that end in no week: ended, later, never, unverified."""

    weeks: tuple[Week, ...]
    edges: dict[str, int] = field(default_factory=dict)
    by_status: dict[str, int] = field(default_factory=dict)
    gone: int = 0
    """Disconnected ones: they count to nothing else."""

    @classmethod
    def of(cls, rows: Iterable[Row], today: int) -> Forecast:
        """From the store's counts; `today` is midnight in milliseconds since the epoch."""
        persons: dict[int, dict[str, int]] = {}
        renews: dict[int, int] = {}
        edges: dict[str, int] = {}
        by_status: dict[str, int] = {}
        gone = 0
        for row in rows:
            lane, slot, count = row["lane"], row["slot"], row["count"]
            if lane == "gone":
                gone += count
                continue
            by_status[row["status"]] = by_status.get(row["status"], 0) + count
            if lane == "person":
                of_week = persons.setdefault(slot, {})
                of_week[row["why"]] = of_week.get(row["why"], 0) + count
            elif lane == "renews":
                renews[slot] = renews.get(slot, 0) + count
            else:
                edges[lane] = edges.get(lane, 0) + count
        tallest = max(renews.values(), default=0)
        scale = _scale(persons.values())
        weeks = (
            _week(today, slot, persons.get(slot, {}), renews.get(slot, 0), tallest, scale) for slot in range(WEEKS)
        )
        return cls(tuple(weeks), edges, by_status, gone)

    @property
    def dashes(self) -> list[tuple[int, float]]:
        return [(days, LEFT + WIDTH * days * DAY / UNTIL) for days in DASHES]

    @property
    def persons(self) -> int:
        """How many need a person within these weeks."""
        return sum(week.persons for week in self.weeks)

    @property
    def renewing(self) -> int:
        return sum(week.renews for week in self.weeks)

    @property
    def years(self) -> dict[int, int]:
        """By the start of a week, the year to write at its day; none where all weeks begin in one year."""
        firsts = {_utc(week.start).year: week.start for week in reversed(self.weeks)}
        return {start: year for year, start in firsts.items()} if len(firsts) > 1 else {}

    @property
    def lane(self) -> int:
        """Pixels that the upper lane needs for its highest stack."""
        highest = max((_height(week) for week in self.weeks), default=0)
        return int(max(highest, 2 * MARK)) + 28


def _height(week: Week) -> float:
    return sum(stack.bar or stack.count * MARK for stack in week.stacks)


def _scale(weeks: Collection[dict[str, int]]) -> float:
    """Pixels for each connection that needs a person; 0 where no week has too many for single marks."""
    most = max((count for week in weeks for count in week.values()), default=0)
    return TALLEST / max(sum(week.values()) for week in weeks) if most > SINGLE else 0


def _week(today: int, slot: int, persons: dict[str, int], renews: int, tallest: int, scale: float) -> Week:
    start, step = today + slot * WEEK, WIDTH / WEEKS
    stacks = [
        Stack(
            "data" if why == Reason.DATA_ACCESS_ENDS_SOON else "token",
            count,
            _query("person", start, why),
            round(max(count * scale, LEAST), 1) if scale else 0,
        )
        for why, count in sorted(persons.items(), reverse=True)
    ]
    return Week(
        start=start,
        left=round(LEFT + slot * step + step * 0.1, 3),
        middle=round(LEFT + slot * step + step * 0.5, 3),
        width=round(step * 0.8, 3),
        stacks=tuple(stacks),
        renews=renews,
        renews_query=_query("renews", start),
        bar=round(max(FOOT * renews / tallest, 2), 1) if renews else 0,
    )


def day_of(at: int) -> str:
    """`2026-11-28`, as addresses name a week by its first day."""
    return _utc(at).date().isoformat()


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def _query(lane: str, start: int, why: str = "") -> str:
    parts = {"lane": lane, "week": day_of(start), "why": why}
    return urlencode({name: value for name, value in parts.items() if value})
