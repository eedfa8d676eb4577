"""Renewals over time, laid out for a chart and for its table: the last day, what is overdue, the next half day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symphony_connect.base.clock import HOUR
from symphony_connect.store.db import Row

SLOT = 2 * HOUR
PAST, COMING = 12, 6
"""How many slots before now, and from now on."""
SLOTS = PAST + COMING
MOST = 5_000
"""No more are counted in one slot, so that a page costs the same at any size."""
TALL, LEAST = 96.0, 2.0
"""Pixels: the highest bar; the least that a bar has."""
STEP = 100 / (SLOTS + 1)
"""Percent of the drawing for each column: the slots, and one for what is overdue."""


@dataclass(frozen=True)
class Bar:
    """Part of a column. `kind`: ok, failed, due or overdue."""

    kind: str
    count: int
    capped: bool
    """Whether there are more than `count`."""
    top: float
    height: float
    """Pixels."""


@dataclass(frozen=True)
class Column:
    """One slot, from `start` to `end` in milliseconds since the epoch; what is overdue has no times."""

    left: float
    width: float
    start: int
    end: int
    bars: tuple[Bar, ...]

    def count(self, kind: str) -> str:
        """`5,000+` where no more were counted."""
        return next((number(bar) for bar in self.bars if bar.kind == kind), "–")


@dataclass(frozen=True)
class Renewals:
    """`ok` and `failed` are the sums of the last day; `columns` are in their order."""

    columns: tuple[Column, ...]
    ok: int
    failed: int
    last_at: int | None
    tallest: int
    capped: bool

    @property
    def now_at(self) -> float:
        """Percent of the drawing."""
        return round((PAST + 0.5) * STEP, 3)

    @classmethod
    def of(cls, rows: Sequence[Row], now: int, overdue: int) -> Renewals:
        since = now - PAST * SLOT
        past = [(row["slot"], {"ok": row["ok"], "failed": row["failed"]}) for row in rows[:PAST]]
        coming = [(row["slot"], {"due": row["due"]}) for row in rows[PAST:]]
        tallest = max([sum(counts.values()) for _, counts in (*past, *coming)] + [overdue], default=0)
        columns = [_column(slot, since, counts, tallest) for slot, counts in past]
        columns.append(_late(overdue, tallest, now))
        columns += [_column(slot, since, counts, tallest, after=1) for slot, counts in coming]
        return cls(
            tuple(columns),
            ok=sum(counts["ok"] for _, counts in past),
            failed=sum(counts["failed"] for _, counts in past),
            last_at=rows[0]["last_at"] if rows else None,
            tallest=tallest,
            capped=any(bar.capped for column in columns for bar in column.bars),
        )


def number(bar: Bar) -> str:
    return f"{bar.count:,}{'+' if bar.capped else ''}"


def _column(slot: int, since: int, counts: dict[str, int], tallest: int, after: int = 0) -> Column:
    start = since + slot * SLOT
    return Column(*_place(slot + after), start, start + SLOT, _bars(counts, tallest, MOST))


def _late(overdue: int, tallest: int, now: int) -> Column:
    return Column(*_place(PAST), now, now, _bars({"overdue": overdue}, tallest, None))


def _place(column: int) -> tuple[float, float]:
    return round(column * STEP + STEP * 0.12, 3), round(STEP * 0.76, 3)


def _bars(counts: dict[str, int], tallest: int, most: int | None) -> tuple[Bar, ...]:
    """From the ground up; those with nothing are left out."""
    bars, top = [], TALL
    for kind, count in counts.items():
        if count:
            height = round(max(TALL * count / tallest, LEAST), 1)
            top = round(max(top - height, 0), 1)
            bars.append(Bar(kind, count, most is not None and count >= most, top, height))
    return tuple(bars)
