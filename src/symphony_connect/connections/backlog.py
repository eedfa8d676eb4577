"""How much is overdue at each platform: the pace allows less than is due, or no worker was running."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import Gauge

from symphony_connect.base.clock import HOUR, SECOND
from symphony_connect.connections import sql
from symphony_connect.core import Core

LATE = HOUR
"""Milliseconds after its time from which a connection counts as overdue: a burst is worked off sooner."""
MOST = 100_000
"""No more are counted of one platform, so that the question stays cheap."""

OVERDUE = Gauge(
    "symphony_overdue_connections",
    "Connections whose turn was over an hour ago",
    ["platform"],
    multiprocess_mode="livemax",
)
OLDEST = Gauge(
    "symphony_overdue_oldest_seconds",
    "How long ago the oldest of them was due",
    ["platform"],
    multiprocess_mode="livemax",
)


@dataclass(frozen=True)
class Overdue:
    """`count` goes no further than was asked for; `oldest` in milliseconds since it was due."""

    platform: str
    count: int
    oldest: int


async def overdue(core: Core, most: int = MOST) -> list[Overdue]:
    """The platforms that have any, over all workspaces. Raises StoreUnavailable."""
    now, found = core.clock(), []
    for name in core.platforms:
        async with core.store.reading() as tx:
            row = await tx.one(sql.overdue, platform=name, before=now - LATE, most=most)
        if row and row["count"]:
            found.append(Overdue(name, row["count"], now - row["oldest"]))
    return found


async def measure(core: Core) -> None:
    """Set the metrics, and count what there is to check, by which checks are spread. Raises StoreUnavailable."""
    late = {one.platform: one for one in await overdue(core)}
    for name in core.platforms:
        one = late.get(name)
        OVERDUE.labels(name).set(one.count if one else 0)
        OLDEST.labels(name).set(one.oldest / SECOND if one else 0)
        async with core.store.reading() as tx:
            row = await tx.one(sql.tended, platform=name)
        core.tended[name] = row["count"] if row else 0
