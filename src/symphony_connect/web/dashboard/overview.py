"""The top of the first page: the state, four facts, and what ends when. A handful of rows at any size."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.base.clock import DAY
from symphony_connect.base.model import Status
from symphony_connect.connections import app_trouble
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.web.dashboard import lists, words
from symphony_connect.web.dashboard.forecast import WEEKS, Forecast
from symphony_connect.web.dashboard.renewals import Renewals

NEEDS_PERSON, EXPIRING, CONNECTED = 0, 1, 3
"""Urgencies, as the store numbers them."""
NO_END = 2**63 - 1
"""As the store sorts a connection that has no known end: last."""


@dataclass(frozen=True)
class PlatformFact:
    """`put_off` is the row of what waits for this platform, if anything does."""

    name: str
    missing: tuple[str, ...]
    put_off: Row | None
    trouble: Row | None = None
    """Since when, and in which words, the platform refuses the app, or until when losses are held."""


@dataclass(frozen=True)
class Overview:
    """`total` counts connections that are not disconnected; `broken` and `next_break` are the first of their kind."""

    total: int
    needing: int
    broken: Row | None
    next_break: Row | None
    renewals: Renewals
    overdue: int
    """Connections whose turn was over an hour ago."""
    oldest: int | None
    """When the first of them was due, in milliseconds since the epoch."""
    platforms: tuple[PlatformFact, ...]
    forecast: Forecast

    @property
    def state(self) -> str:
        """`bad` when a person is needed now or renewals are overdue, `warn` when soon or a platform is silent."""
        if self.needing or self.overdue:
            return "bad"
        soon = self.forecast.by_status.get(Status.EXPIRING, 0)
        troubled = any(fact.put_off or fact.trouble for fact in self.platforms)
        return "warn" if soon or troubled else "ok"


async def load(core: Core, workspace_id: str) -> Overview:
    """What the page of one workspace shows above its list."""
    now = core.clock()
    today = now - now % DAY
    places = [(NEEDS_PERSON, NO_END), (EXPIRING, NO_END - 1), (CONNECTED, NO_END - 1)]
    counts = await lists.counts(core, workspace_id, now=now, today=today, weeks=WEEKS, places=places)
    troubles = await app_trouble.troubles(core)
    put_off = {name: row for name, row in counts.put_off.items() if row["count"]}
    first = counts.first
    forecast = Forecast.of(counts.forecast, today)
    late = counts.renewals[0]
    return Overview(
        total=sum(forecast.by_status.values()),
        needing=forecast.by_status.get(Status.NEEDS_RECONNECT, 0),
        broken=first[0],
        next_break=first[1] or first[2],
        renewals=Renewals.of(counts.renewals, now, late["overdue"]),
        overdue=late["overdue"],
        oldest=late["oldest"],
        platforms=tuple(
            PlatformFact(words.short(platform), platform.missing_settings, put_off.get(name), troubles.get(name))
            for name, platform in core.platforms.items()
        ),
        forecast=forecast,
    )
