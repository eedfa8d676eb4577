"""Deletes what is past its time: in small transactions, by every process with a worker."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from symphony_connect.audit import proof
from symphony_connect.base.clock import DAY
from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.signin.flows import FLOW_LIFE
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.store.statements import All

EVERY = 60.0
"""Seconds between two looks."""
BATCH = 500
"""Rows in one transaction, so that nobody else waits for long."""
SESSIONS_KEPT = 30 * DAY
"""How long after its end a connect session is kept, to see what became of a link."""

DELIVERED_KEPT = 7 * DAY
UNDELIVERED_KEPT = 30 * DAY
"""Deliveries of webhooks that were accepted, and those that were given up and may be sent again."""

log = structlog.get_logger()


async def keep(core: Core, stop: asyncio.Event) -> None:
    """Sweep once a minute until `stop` is set."""
    while not stop.is_set():
        try:
            # A process whose clock is off would delete what is not past its time.
            if not core.watch.off:
                await sweep(core)
        except StoreUnavailable as error:
            log.warning("sweep.store_unavailable", error=str(error))
        except Exception:
            log.exception("sweep.failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY)


async def sweep(core: Core) -> int:
    """Delete what is past its time; returns how many rows there were. Raises StoreUnavailable."""
    now = core.clock()
    kept_events = core.settings.event_days * DAY
    of = {
        # Tokens first: a flow may hold a sealed one, and a token that was handed to a page waits sealed.
        sql.sweep_handed_over: now,
        sql.sweep_flows: now - FLOW_LIFE,
        sql.sweep_replays: now,
        sql.sweep_dashboard_sessions: core.watch.unmoved(),
        sql.sweep_dashboard_links: now,
        sql.sweep_connect_sessions: now - SESSIONS_KEPT,
        sql.sweep_outages: now - kept_events,
        sql.sweep_events: now - kept_events,
        sql.sweep_delivered: now - DELIVERED_KEPT,
        sql.sweep_undelivered: now - UNDELIVERED_KEPT,
        sql.sweep_webhook_secrets: now,
    }
    async with core.store.writing() as tx:
        await tx.run(sql.counts_tidy)
    swept = sum([await _sweep(core, statement, before) for statement, before in of.items()])
    return swept + await proof.forget(core.store, core.vault, core.clock, now - core.settings.audit_days * DAY)


async def _sweep(core: Core, statement: All, before: int) -> int:
    swept = 0
    while True:
        async with core.store.writing() as tx:
            rows = await tx.all(statement, before=before, most=BATCH)
        swept += len(rows)
        if len(rows) < BATCH:
            return swept
