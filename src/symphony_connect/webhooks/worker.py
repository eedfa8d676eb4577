"""The loop that delivers: due → claim → send → mark. Every process with a worker runs it.

At least once: a process that ends between sending and marking leaves its lease to run out, and another sends the
same again under the same id. Of one connection, an endpoint gets the events in their order: a later one waits until
the one before it was accepted or given up. Endpoints do not wait for each other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from prometheus_client import Counter as Metric

from symphony_connect.base.clock import DAY, HOUR, MINUTE, SECOND
from symphony_connect.core import Core
from symphony_connect.store.db import Row, StoreUnavailable
from symphony_connect.webhooks import sql
from symphony_connect.webhooks.endpoints import secrets_of
from symphony_connect.webhooks.sender import Outcome, Sender

AT_ONCE = 8
"""Deliveries to one endpoint that are under way in one process."""
LEASE = 45 * SECOND
"""Longer than one delivery can take."""
HORIZON = LEASE + 30 * MINUTE
"""A lease that ends later than this was taken before the clock was set back."""
WAITS = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR)
"""Before each further try; the last one again and again."""
TRIED_FOR = 3 * DAY
"""From when it was queued. One more try at the end, then it is given up."""
IDLE = 1.0
"""Seconds between looks at an empty list."""

ATTEMPTS = Metric("symphony_webhook_attempts_total", "Deliveries of webhooks that were tried, by outcome", ["outcome"])

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True)
class Claimed:
    """One delivery under lease, and where it goes."""

    endpoint: Row
    row: Row


async def run(core: Core, stop: asyncio.Event) -> None:
    """Deliver what is due until `stop` is set. Raises ConfigError for a SYMPHONY_CA_FILE without certificates."""
    async with Sender.opened(core.settings) as sender:
        await run_with(core, sender, stop)


async def run_with(core: Core, sender: Sender, stop: asyncio.Event) -> None:
    """The same with a sender that is given."""
    under_way: Counter[str] = Counter()
    async with asyncio.TaskGroup() as tasks:
        while not stop.is_set():
            claimed = [] if core.watch.off else await _survive(claim(core, under_way)) or []
            for each in claimed:
                tasks.create_task(_survive(_counted(core, sender, each, under_way)))
            if not claimed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), IDLE)


async def _survive(work: Coroutine[Any, Any, T]) -> T | None:
    """One failed turn does not end the loop."""
    try:
        return await work
    except StoreUnavailable as error:
        log.warning("webhooks.store_unavailable", error=str(error))
    except Exception:
        log.exception("webhooks.failed")
    return None


async def _counted(core: Core, sender: Sender, claimed: Claimed, under_way: Counter[str]) -> None:
    try:
        await deliver(core, sender, claimed)
    finally:
        under_way[claimed.endpoint["id"]] -= 1


async def claim(core: Core, under_way: Counter[str]) -> list[Claimed]:
    """Take what is due under leases, for each endpoint no more than it may have under way. Counts what it took."""
    now = core.clock()
    async with core.store.reading() as tx:
        endpoints = await tx.all(sql.endpoints_due, now=now, horizon=now + HORIZON)
    claimed: list[Claimed] = []
    for endpoint in endpoints:
        room = AT_ONCE - under_way[endpoint["id"]]
        if room <= 0:
            continue
        of = {"endpoint_id": endpoint["id"], "now": now, "until": now + LEASE, "horizon": now + HORIZON}
        async with core.store.writing() as tx:
            rows = await tx.all(sql.deliveries_claim, **of, most=room)
        under_way[endpoint["id"]] += len(rows)
        claimed += [Claimed(endpoint, row) for row in rows]
    return claimed


async def deliver(core: Core, sender: Sender, claimed: Claimed) -> Outcome:
    """Send one, and write down how that went. Raises StoreUnavailable: then it is sent again."""
    endpoint, row = claimed.endpoint, claimed.row
    secrets = await secrets_of(core, endpoint["id"])
    outcome = await sender.send(endpoint["url"], row["event_id"], row["body"], secrets, core.watch.unmoved())
    await _mark(core, claimed, outcome)
    return outcome


async def _mark(core: Core, claimed: Claimed, outcome: Outcome) -> None:
    endpoint, row, now = claimed.endpoint, claimed.row, core.clock()
    again = None if outcome.ok or outcome.gone else next_try(core, row["attempts"], row["queued_at"], now)
    status = "delivered" if outcome.ok else "pending" if again is not None else "failed"
    async with core.store.writing() as tx:
        await tx.one(
            sql.delivery_done,
            endpoint_id=endpoint["id"],
            event_id=row["event_id"],
            fence=row["fence"],
            status=status,
            due_at=now if again is None else again,
            answer=outcome.answer,
            error=outcome.error,
        )
        if outcome.gone and await tx.one(sql.endpoint_disable, id=endpoint["id"], at=now, why="gone"):
            await tx.run(sql.deliveries_give_up, endpoint_id=endpoint["id"], error="answered 410", now=now)
            log.warning("webhooks.endpoint_gone", endpoint=endpoint["id"])
    ATTEMPTS.labels({"pending": "retried"}.get(status, status)).inc()
    if status == "failed":
        log.warning("webhooks.given_up", endpoint=endpoint["id"], delivery=row["event_id"], error=outcome.error)


def next_try(core: Core, attempts: int, queued_at: int, now: int) -> int | None:
    """When to try again; None when it has been tried for long enough. Not all of an outage come back together."""
    if now - queued_at >= TRIED_FOR:
        return None
    wait = WAITS[min(attempts, len(WAITS) - 1)]
    return min(now + round(wait * core.random.uniform(0.8, 1.2)), max(queued_at + TRIED_FOR, now + SECOND))


async def deliver_due(core: Core, sender: Sender) -> int:
    """Deliver what is due now, and return how many were tried."""
    claimed = await claim(core, Counter())
    await asyncio.gather(*(deliver(core, sender, each) for each in claimed))
    return len(claimed)
