"""The installation's state as Prometheus gauges, read from the database: every process says the same."""

from __future__ import annotations

import os
import time
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from symphony_connect.base.clock import DAY
from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.store.db import Row, Transaction

SHARE = 20
"""Times that a measurement took, for which it is used again."""


class _Measured:
    """A collector of what was measured already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def process() -> bytes:
    """What this process counted, as Prometheus text; under `serve --workers`, what all of its processes did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    _forget_ended(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_ended(folder: Path) -> None:
    """Gauges of processes that were killed and replaced would stand for ever."""
    for file in folder.glob("gauge_live*_*.db"):
        try:
            os.kill(int(file.stem.rsplit("_", 1)[1]), 0)
        except ProcessLookupError:
            file.unlink(missing_ok=True)


async def state(core: Core) -> bytes:
    """Prometheus text. Times are of the service's clock, in seconds. Raises StoreUnavailable.

    Counting a million connections takes the database a while. So an answer serves again for twenty times as long
    as it took: scrapes cost a twentieth of one connection to the database, however many there are.
    """
    text: bytes
    async with core.scraping:
        text, until = core.checks.get("metrics", (b"", 0.0))
        if time.monotonic() >= until:
            began = time.monotonic()
            text = await _measured(core)
            ended = time.monotonic()
            core.checks["metrics"] = (text, ended + SHARE * (ended - began))
    return text


async def _measured(core: Core) -> bytes:
    now = core.clock()
    async with core.store.reading() as tx:
        metrics = [await _connections(tx), *await _backlog(tx, core, now), await _pauses(tx, core, now)]
        metrics += [
            await _heartbeat(tx, now),
            await _next_key_end(tx, now),
            *await _deliveries(tx, now),
            await _chains(tx, now),
        ]
    registry = CollectorRegistry()
    registry.register(_Measured(metrics))
    return generate_latest(registry)


async def _connections(tx: Transaction) -> Metric:
    metric = GaugeMetricFamily(
        "symphony_connections", "Connections by platform, status and reason", labels=["platform", "status", "reason"]
    )
    for row in await tx.all(sql.connections_counted):
        metric.add_metric([row["platform"], row["status"], row["reason"]], row["count"])
    return metric


async def _backlog(tx: Transaction, core: Core, now: int) -> list[Metric]:
    count = GaugeMetricFamily("symphony_due_connections", "Due, and begun by no process", labels=["platform"])
    age = GaugeMetricFamily(
        "symphony_due_oldest_seconds", "For how long the one that has waited longest is due", labels=["platform"]
    )
    rows: dict[str, Row] = {row["platform"]: row for row in await tx.all(sql.backlog, now=now)}
    for platform in core.platforms:
        row = rows.get(platform)
        count.add_metric([platform], row["count"] if row else 0)
        age.add_metric([platform], (now - row["oldest"]) / 1000 if row else 0)
    return [count, age]


async def _pauses(tx: Transaction, core: Core, now: int) -> Metric:
    metric = GaugeMetricFamily(
        "symphony_platform_pause_seconds", "For how long the platform is not asked any more", labels=["platform"]
    )
    until = {row["platform"]: row["paused_until"] for row in await tx.all(sql.pauses)}
    for platform in core.platforms:
        metric.add_metric([platform], max((until.get(platform) or 0) - now, 0) / 1000)
    return metric


async def _heartbeat(tx: Transaction, now: int) -> Metric:
    """Without a sample where no process ever tended anything."""
    metric = GaugeMetricFamily("symphony_worker_heartbeat_age_seconds", "Since a process last said that it tends")
    row = await tx.one(sql.newest_heartbeat)
    if row and row["at"] is not None:
        metric.add_metric([], (now - row["at"]) / 1000)
    return metric


async def _deliveries(tx: Transaction, now: int) -> list[Metric]:
    count = GaugeMetricFamily("symphony_webhook_deliveries", "Deliveries of webhooks by status", labels=["status"])
    age = GaugeMetricFamily("symphony_webhook_oldest_seconds", "For how long the oldest pending delivery has waited")
    rows = {row["status"]: row for row in await tx.all(sql.deliveries_counted)}
    for status in ("pending", "delivered", "failed"):
        count.add_metric([status], rows[status]["count"] if status in rows else 0)
    oldest = rows["pending"]["oldest"]
    age.add_metric([], 0 if oldest is None else max(now - oldest, 0) / 1000)
    return [count, age]


async def _chains(tx: Transaction, now: int) -> Metric:
    """Kept outside the database, it shows a chain that was shortened together with the record of its end."""
    metric = GaugeMetricFamily(
        "symphony_audit_rows",
        "Rows that each chain of the audit ever had, with the code of its last one",
        labels=["chain", "head"],
    )
    for row in await tx.all(sql.chains_alive, since=now - DAY):
        metric.add_metric([row["chain"], row["mac"][:16]], row["number"])
    return metric


async def _next_key_end(tx: Transaction, now: int) -> Metric:
    """Without a sample where no key has an end."""
    metric = GaugeMetricFamily(
        "symphony_api_key_next_end_seconds", "Until the next API key ends, of those that have an end"
    )
    row = await tx.one(sql.next_key_end, now=now)
    if row and row["at"] is not None:
        metric.add_metric([], (row["at"] - now) / 1000)
    return metric
