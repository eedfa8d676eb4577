"""PostgreSQL's primary dies, or goes silent with its connections open: its standby takes over, without an operator."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.faults.figures import Figure
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.renewal.house import environment
from tests.tools.postgres import Postgres
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

TOKEN = f"/api/sym/v2/brands/7/connections/{LASTING}/token"


@pytest.fixture
def standby(own_postgres: Postgres) -> Iterator[Postgres]:
    server = Postgres(durable=True, follows=own_postgres)
    try:
        server.up()
        yield server
    finally:
        server.remove()


@pytest.fixture
def service(own_postgres: Postgres, standby: Postgres, sandbox: Sandbox, tmp_path: Path) -> Iterator[Service]:
    """One with a served brand, which both servers know."""
    database = own_postgres.new_database().rpartition("/")[2]
    hosts = f"127.0.0.1:{own_postgres.port},127.0.0.1:{standby.port}"
    url = f"postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write"
    service = Service(sandbox, tmp_path, environment(sandbox, tmp_path, url))
    assert service.secret_key
    try:
        service.start()
        connect(service, sandbox, 7)
        at = own_postgres.sql("SELECT pg_current_wal_flush_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{at}'"
        wait_until(lambda: standby.sql(replayed) == "t", 20, "the standby to have everything")
        yield service
    finally:
        service.close()


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_the_standby_is_used_when_the_primary_is(
    how: str, own_postgres: Postgres, standby: Postgres, service: Service, sandbox: Sandbox, figure: Figure
) -> None:
    for _ in range(30):  # some sessions are open
        assert service.client.get(TOKEN).status_code == 200
    own_postgres.kill() if how == "killed" else own_postgres.freeze()
    began = time.monotonic()
    try:
        standby.sql("SELECT pg_promote()")
        wait_until(lambda: served(service), 60, "the service to use the standby")
        without = time.monotonic() - began
        wait_until(lambda: connects(service, sandbox, 8), 60, "the service to write to the standby")
        assert served(service)
    finally:
        if how == "silent":
            own_postgres.kill()
    figure(f"PostgreSQL's primary {how}, standby promoted", f"{without:.1f} s without answers; 0 lost")


def served(service: Service) -> bool:
    try:
        return service.client.get(TOKEN, timeout=2).status_code == 200
    except httpx2.TimeoutException:
        return False


def connect(service: Service, sandbox: Sandbox, brand: int) -> None:
    body = {"brandId": brand, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
    service.client.put("/api/sym/v2/brands", json=body, timeout=5).raise_for_status()


def connects(service: Service, sandbox: Sandbox, brand: int) -> bool:
    with contextlib.suppress(httpx2.HTTPError):
        connect(service, sandbox, brand)
        return True
    return False
