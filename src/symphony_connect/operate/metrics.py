"""The installation's state as Prometheus gauges, read from the database: every process says the same."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from symphony_connect.core import Core
from symphony_connect.operate import sql
from symphony_connect.store.db import Row, Transaction


class _Measured:
    """A collector of what was measured already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


async def state(core: Core) -> bytes:
    """Prometheus text. Times are of the service's clock, in seconds. Raises StoreUnavailable."""
    now = core.clock()
    async with core.store.reading() as tx:
        metrics = [await _connections(tx), *await _backlog(tx, core, now), await _pauses(tx, core, now)]
        metrics += [await _heartbeat(tx, now), await _next_key_end(tx, now)]
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


async def _next_key_end(tx: Transaction, now: int) -> Metric:
    """Without a sample where no key has an end."""
    metric = GaugeMetricFamily(
        "symphony_api_key_next_end_seconds", "Until the next API key ends, of those that have an end"
    )
    row = await tx.one(sql.next_key_end, now=now)
    if row and row["at"] is not None:
        metric.add_metric([], (row["at"] - now) / 1000)
    return metric
