"""Metrics that carry alerts, and the alerts, the scrape and the dashboard that are shipped for them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.core import Core
from symphony_connect.operate.metrics import state
from tests.api.conftest import Api
from tests.conftest import ServiceFactory
from tests.platforms.chosen import ANY
from tests.tools import repository
from tests.tools.process import CLI, Process
from tests.tools.rows import rows
from tests.tools.wait import free_port, wait_until

FILES = Path(__file__).parents[2] / "docs" / "monitoring"


def measured(api: Api, **headers: str) -> dict[str, list[Any]]:
    answer = api.http.get("/metrics", headers=headers or {"authorization": f"Bearer {api.service.secret_key}"})
    assert answer.status_code == 200, answer.text
    samples: dict[str, list[Any]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(sample)
    return samples


def measured_since(api: Api, changed: Callable[[dict[str, list[Any]]], bool]) -> dict[str, list[Any]]:
    """An answer in which the change is seen: one that was slow to make is given for a while."""
    return wait_until(lambda: samples if changed(samples := measured(api)) else None, what="a new measurement") or {}


def value(samples: dict[str, list[Any]], name: str, **labels: str) -> float:
    return sum(each.value for each in samples.get(name, []) if labels.items() <= each.labels.items())


def changed(api: Api, *statements: str) -> None:
    async def run(core: Core) -> None:
        async with core.store.writing() as tx:
            for statement in statements:
                await tx.script(statement)

    api.in_core(run)


def test_state_is_measured_from_the_database(stored_api: Api) -> None:
    api = stored_api
    before = measured(api)
    assert "symphony_worker_heartbeat_age_seconds" not in before, "nothing tends here"
    brand = api.connected(ANY)
    now = api.in_core(_clock)
    changed(
        api,
        f"UPDATE connections SET due_at = {now - 600_000}, lease_until = NULL WHERE brand_id = {brand}",
        f"INSERT INTO heartbeats (process, at) VALUES ('p', {now - 60_000})",
        f"INSERT INTO platform_paces (platform, next_at, paused_until) VALUES ('{ANY}', 0, {now + 300_000}) "
        "ON CONFLICT (platform) DO UPDATE SET paused_until = excluded.paused_until",
    )
    api.new_key("brands:read", days=3)
    after = measured_since(api, lambda samples: value(samples, "symphony_due_connections", platform=ANY) == 1)
    stored = rows(api.service.env["SYMPHONY_DATABASE_URL"], "connections")["connections"]
    connected = sum({ANY, "connected"} <= set(row) for row in stored)
    assert value(after, "symphony_connections", platform=ANY, status="connected") == connected > 0
    assert 600 <= value(after, "symphony_due_oldest_seconds", platform=ANY) < 900
    assert 60 <= value(after, "symphony_worker_heartbeat_age_seconds") < 360
    assert 0 < value(after, "symphony_platform_pause_seconds", platform=ANY) <= 300
    assert 2 * 86400 < value(after, "symphony_api_key_next_end_seconds") <= 3 * 86400
    changed(
        api,
        f"UPDATE connections SET due_at = NULL WHERE brand_id = {brand}",
        "DELETE FROM heartbeats",
        "DELETE FROM platform_paces",
    )


async def _clock(core: Core) -> int:
    return core.clock()


def test_a_bearer_token_is_a_key_at_metrics_alone(api: Api) -> None:
    bearer = {"authorization": f"bearer {api.new_key('brands:read')}"}
    assert api.http.get("/metrics", headers=bearer).status_code == 200
    assert api.http.get("/metrics", headers={"authorization": f"Basic {api.service.secret_key}"}).status_code == 401
    assert api.http.get("/metrics", headers={"authorization": "Bearer sym_sk_nonsense"}).status_code == 401
    assert api.send("GET", "/brands", key=None, headers=bearer).status_code == 401


def expressions() -> list[str]:
    alerts = yaml.safe_load((FILES / "alerts.yml").read_text())
    dashboard = json.loads((FILES / "dashboard.json").read_text())
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    return rules + [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def test_every_metric_that_is_watched_exists(api: Api) -> None:
    api.connected(ANY)
    described = api.http.get("/metrics", headers={"x-api-key": api.service.secret_key}).text
    there = set(re.findall(r"^# TYPE (\w+)", described, re.MULTILINE))
    watched = {name for text in expressions() for name in re.findall(r"symphony_\w+", text)}
    assert watched
    watched = {name.removesuffix("_bucket") for name in watched}
    assert watched <= there
    ours = {name for name in there if name.startswith("symphony_") and not name.endswith("_created")}
    assert ours - watched == {"symphony_platform_pauses_total"}, "on the dashboard, pauses are seconds"
    explained = "".join(repository.text(Path("docs") / page) for page in ("operating.md", "proxy.md"))
    assert {name for name in ours if name not in explained} == set()


@pytest.mark.parametrize(
    "name",
    [
        *("Lost", "Backlog", "AppRefused", "WorkerDead", "ClockOff", "KeyEndsSoon"),
        *("WebhooksWait", "WebhooksGivenUp", "ProxyNearLimit", "AuditCut"),
    ],
)
def test_what_must_not_pass_unseen_has_an_alert(name: str) -> None:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    (rule,) = [rule for rule in rules if rule["alert"].endswith(name)]
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_files_are_what_prometheus_takes() -> None:
    scrape = yaml.safe_load((FILES / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scrape["authorization"]["type"] == "Bearer"
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "rules", str(FILES / "alerts.yml")], check=True)
        subprocess.run([promtool, "test", "rules", str(Path(__file__).with_name("alerts.promtool.yml"))], check=True)


def test_renewals_checks_and_calls_are_counted_by_outcome(api: Api) -> None:
    person = api.sandbox.newcomer()
    brand = api.connected(ANY, person)
    at = f"/brands/{brand}/connections/{ANY}"
    before = measured(api)
    assert api.send("POST", f"{at}/verify").status_code == 200
    assert api.send("POST", f"{at}/renew").status_code in (200, 409)
    api.sandbox.fault(ANY, "http:503", times=20)
    try:
        assert api.send("POST", f"{at}/verify").status_code == 503
    finally:
        api.sandbox.calm()
    api.sandbox.person(person, "revoke", platform=ANY)
    assert api.send("POST", f"{at}/verify").json()["data"]["connection"]["status"] == "needs_reconnect"
    after = measured(api)

    def more(name: str, **labels: str) -> float:
        return value(after, name, platform=ANY, **labels) - value(before, name, platform=ANY, **labels)

    assert more("symphony_checks_total", outcome="ok") >= 1
    assert more("symphony_checks_total", outcome="unavailable") == 1
    assert more("symphony_checks_total", outcome="lost") == 1
    assert more("symphony_platform_calls_total", outcome="2xx") >= 1
    assert more("symphony_platform_calls_total", outcome="no_answer") >= 1


def test_processes_of_one_serve_are_counted_in_one_scrape(service: ServiceFactory) -> None:
    running = service({}, ["--no-worker", "--workers", "2"])
    for _ in range(60):
        # A connection of its own: the system chooses which process accepts it.
        assert httpx2.get(f"{running.url}/healthz", trust_env=False).status_code == 200
    header = {"authorization": f"Bearer {running.secret_key}"}
    texts = [httpx2.get(f"{running.url}/metrics", headers=header, trust_env=False).text for _ in range(6)]
    for text in texts:
        families = text_string_to_metric_families(text)
        samples = [sample for family in families for sample in family.samples]
        counted = [each.value for each in samples if each.labels.get("route") == "/healthz" and "total" in each.name]
        assert sum(counted) == 60


def test_a_worker_tells_its_own(service: ServiceFactory, tmp_path: Path) -> None:
    running = service({}, ["--no-worker"])
    port = free_port()
    command = [CLI, "worker", "--metrics-port", str(port)]
    worker = Process("worker", command, tmp_path / "worker.log", running.env, tmp_path)
    worker.start(f"http://127.0.0.1:{port}/metrics")
    try:
        text = httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    finally:
        worker.stop()
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {"symphony_renewals", "symphony_checks", "symphony_platform_calls", "symphony_clock_offset_seconds"} <= names


async def test_a_slow_measurement_is_used_again(api: Api, tmp_path: Path) -> None:
    settings = config.load({"SYMPHONY_DATA_DIR": str(tmp_path)})
    async with opened_core(settings) as core:
        core.checks["metrics"] = (b"as before", time.monotonic() + 60)
        assert await state(core) == b"as before"
        core.checks["metrics"] = (b"as before", time.monotonic() - 1)
        assert b"symphony_connections" in await state(core)
        text, until = core.checks["metrics"]
        assert text
        assert until > 0
