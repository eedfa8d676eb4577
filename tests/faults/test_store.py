"""The database in trouble: locked, read-only, full, restarted, or failing right after a rotation."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import HOUR
from symphony_connect.base.model import Status
from symphony_connect.connections import sql, worker
from symphony_connect.operate.ready import readiness
from symphony_connect.store.db import StoreUnavailable
from tests.faults.figures import Figure
from tests.faults.killing import Driver, kill
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House, environment, opened
from tests.tools.postgres import Postgres
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

REFRESH = contract.rules(ROTATING).RENEWED


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, except where a test says otherwise: these break one engine in its own way."""
    return f"sqlite:///{tmp_path / 'symphony.db'}"


def path_of(env: dict[str, str]) -> Path:
    return Path(env["SYMPHONY_DATABASE_URL"].removeprefix("sqlite:///"))


async def test_a_store_that_cannot_be_written_is_found_out_before_the_call(
    env: dict[str, str], house: House, figure: Figure
) -> None:
    """The valid token is served, and nothing is spent."""
    ids = [await house.connect(ROTATING) for _ in range(10)]
    grants = [await house.grant(id) for id in ids]
    house.sandbox.advance("22h")
    with full():
        served = [await house.read(id, 4 * HOUR) for id in ids]
    assert served == [grant.access_token.reveal() for grant in grants]
    house.sandbox.advance("3h")
    with full():
        refused = [await house.refused(id) for id in ids]
        with contextlib.suppress(StoreUnavailable):
            await worker.tend_due(house.core)
    assert {type(problem) for problem in refused} == {StoreUnavailable}
    calls = house.calls(ROTATING, REFRESH)
    assert calls == 0
    with contextlib.closing(sqlite3.connect(path_of(env))) as looking:
        assert looking.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [await house.grant(id) for id in ids] == grants
    assert await house.read(ids[0])
    figure("store full or read-only", f"{calls} upstream calls, 0 corrupt rows")


@contextlib.contextmanager
def full() -> Iterator[None]:
    """No file of this process may grow, as on a full disk: SQLite's write-ahead log cannot take what is written."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_store_that_fails_right_after_a_rotation_is_tried_until_it_works(
    env: dict[str, str], house: House, driver: Driver, figure: Figure
) -> None:
    """Another connection holds SQLite's one write lock while the answer arrives; nobody reports success meanwhile."""
    ids = [await house.connect(ROTATING) for _ in range(5)]
    house.sandbox.advance("17h")
    held = {"platform": ROTATING, "path": REFRESH, "delayMs": 60_000, "when": "after", "times": len(ids)}
    house.sandbox.control("faults", held)
    for id in ids:
        driver.start(id)
    wait_until(lambda: house.calls(ROTATING, REFRESH) == len(ids), 60, "the calls to be held")
    before = [await house.sealed(id) for id in ids]
    with contextlib.closing(sqlite3.connect(path_of(env), isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        house.sandbox.calm()
        wait_until(lambda: answered(house) == len(ids), 30, "the answers to be out")
        assert driver.done == {}
        assert [await house.sealed(id) for id in ids] == before
        blocker.execute("ROLLBACK")
    assert {driver.outcome(id) for id in ids} == {"connected"}
    now = [await house.grant(id) for id in ids]
    assert house.calls(ROTATING, REFRESH) == len(ids)
    assert all(contract.rules(ROTATING).works(house.sandbox, grant.access_token.reveal()) for grant in now)
    figure("store fails right after a rotation", f"0 unsaved successes of {len(ids)}")


def answered(house: House) -> int:
    return sum(call["status"] == 200 for call in house.sandbox.calls(ROTATING, REFRESH))


async def test_not_ready_while_nothing_can_be_written(house: House) -> None:
    core = house.core
    assert await readiness(core) == "ok"
    with full():
        assert await readiness(core) == "ok"  # found out a moment ago
        core.checks.clear()
        assert await readiness(core) == "database takes no writes"
    core.checks.clear()
    assert await readiness(core) == "ok"


async def test_not_ready_while_postgresql_is_read_only(
    own_postgres: Postgres, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with opened(environment(sandbox, tmp_path, own_postgres.new_database()), sandbox) as house:
        assert await readiness(house.core) == "ok"
        own_postgres.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        own_postgres.sql("SELECT pg_reload_conf()")

        async def found() -> str:
            house.core.checks.clear()
            return await readiness(house.core)

        for _ in range(200):  # the server's processes read their settings when they next have nothing to do
            if await found() != "ok":
                break
        assert await found() == "database takes no writes"


async def test_killed_while_its_commit_waits(env: dict[str, str], house: House, driver: Driver, figure: Figure) -> None:
    """The answer is in the process, the write lock in another: what is killed here is the very window that is left."""
    ids = [await house.connect(ROTATING) for _ in range(10)]
    house.sandbox.advance("17h")
    held = {"platform": ROTATING, "path": REFRESH, "delayMs": 60_000, "when": "after", "times": len(ids)}
    house.sandbox.control("faults", held)
    pids = [driver.start(id) for id in ids]
    wait_until(lambda: house.calls(ROTATING, REFRESH) == len(ids), 60, "the calls to be held")
    with contextlib.closing(sqlite3.connect(path_of(env), isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        house.sandbox.calm()
        wait_until(lambda: answered(house) == len(ids), 30, "the answers to be out")
        kill(pids)
        blocker.execute("ROLLBACK")
    await house.pass_time("2m")
    found = {((await house.row(id)).status, (await house.row(id)).reason) for id in ids}
    assert found == {(Status.EXPIRING, "outcome_unknown")}
    figure("kill -9 while the commit waits", f"0 undetected in {len(ids)}")


async def test_a_writer_that_was_cancelled_leaves_the_store_usable(env: dict[str, str], house: House) -> None:
    """Cancelled while it waits for the lock, in the middle, and at the commit: the next one writes."""
    store = house.core.store
    for at in range(3):
        with contextlib.closing(sqlite3.connect(path_of(env), isolation_level=None)) as blocker:
            if at == 0:
                blocker.execute("BEGIN IMMEDIATE")
            entered = asyncio.Event()

            async def write(entered: asyncio.Event = entered, wait: bool = at == 1) -> None:
                async with store.writing() as tx:
                    entered.set()
                    await tx.run(sql.pace_spend, platform=LASTING, next_at=0)
                    if wait:
                        await asyncio.Event().wait()

            task = asyncio.create_task(write())
            if at == 0:
                await asyncio.sleep(0)
            else:
                await entered.wait()
            task.cancel()
            if at == 0:
                blocker.execute("ROLLBACK")
            with contextlib.suppress(asyncio.CancelledError):
                await task
        async with store.writing() as tx:
            await tx.run(sql.pace_spend, platform=LASTING, next_at=at)


async def test_several_processes_write_one_sqlite_file(house: House, driver: Driver) -> None:
    """They wait for one another; nobody is told that the database is locked."""
    ids = [await house.connect(ROTATING) for _ in range(16)]
    house.sandbox.advance("17h")
    for id in ids:
        driver.start(id)
    assert {driver.outcome(id, 120) for id in ids} == {"connected"}
    assert house.calls(ROTATING, REFRESH) == len(ids)


async def test_postgresql_restarted_under_a_service(
    own_postgres: Postgres, sandbox: Sandbox, tmp_path: Path, figure: Figure
) -> None:
    """503 while it is away, well again without an operator, and nothing lost."""
    env = environment(sandbox, tmp_path, own_postgres.new_database())
    service = Service(sandbox, tmp_path, env)
    assert service.secret_key
    async with opened(env, sandbox) as house:
        kept = await house.connect(ROTATING)
        try:
            service.start()
            body = {"brandId": 7, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
            assert service.client.put("/api/sym/v2/brands", json=body).status_code == 200
            path = f"/api/sym/v2/brands/7/connections/{LASTING}/token"
            for crash in (True, False):
                own_postgres.kill() if crash else own_postgres.stop()
                answer = service.client.get(path)
                assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
                assert answer.headers["retry-after"]
                with pytest.raises(StoreUnavailable):
                    await house.row(kept)
                own_postgres.up()
                wait_until(lambda: service.client.get(path).status_code == 200, 30, "the service to be well again")
                assert (await house.row(kept)).status is Status.CONNECTED
            sandbox.advance("17h")
            wait_until(lambda: len(sandbox.calls(ROTATING, REFRESH)) == 1, 30, "the worker to have come back")
            figure("PostgreSQL crashed and restarted", "503, then well again; 0 lost")
        finally:
            service.close()


async def test_connections_cut_in_the_middle(own_postgres: Postgres, sandbox: Sandbox, tmp_path: Path) -> None:
    """A failover ends every session at once: the pool finds new ones by itself."""
    url = own_postgres.new_database()
    env = environment(sandbox, tmp_path, url)
    async with opened(env, sandbox) as house, opened_core(config.load(env)) as other:
        id = await house.connect(ROTATING)
        async with other.store.writing() as tx:
            with contextlib.suppress(Exception):
                await tx.script("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        tries = 0
        while True:
            with contextlib.suppress(StoreUnavailable):
                assert (await house.row(id)).status is Status.CONNECTED
                break
            tries += 1
            assert tries < 20


async def test_a_column_more_while_old_and_new_run_side_by_side(
    own_postgres: Postgres, sandbox: Sandbox, tmp_path: Path
) -> None:
    """An upgrade adds to the schema under running processes: they go on, at most told once to try again."""
    env = environment(sandbox, tmp_path, own_postgres.new_database())
    async with opened(env, sandbox) as old:
        id = await old.connect(ROTATING)
        assert await old.read(id)
        async with opened_core(config.load(env)) as new, new.store.writing() as tx:
            await tx.script("ALTER TABLE connections ADD COLUMN of_tomorrow BIGINT")
        assert await old.read(id)
        await old.pass_time("17h")
        assert (await old.row(id)).renewed_at is not None
        assert await old.connect(LASTING)
