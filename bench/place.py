"""What measurements stand on: a sandbox, databases, a service as shipped, and a core in this process."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from symphony_connect.app import opened_core
from symphony_connect.base import config
from tests.platforms import contract
from tests.platforms.chosen import LASTING
from tests.renewal.house import House
from tests.tools.postgres import Postgres
from tests.tools.process import clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

ENGINES = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
UNLIMITED = {"SYMPHONY_RATE_LIMIT": "100000", "SYMPHONY_FAILURE_LIMIT": "100000", "SYMPHONY_SIGN_IN_LIMIT": "100000"}
"""Request limits are lifted: it is the service that is measured. They are counted and told all the same."""
FAST = {contract.setting(name, "CALLS_PER_SECOND"): "10000" for name in contract.all_having("RENEWED")}
BRAND = 7


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="symphony-bench-") as name:
        yield Path(name)


@contextmanager
def postgres() -> Iterator[Postgres]:
    server = Postgres(durable=True)
    try:
        server.up()
        yield server
    finally:
        server.remove()


@contextmanager
def sandbox(at: Path) -> Iterator[Sandbox]:
    one = Sandbox(at)
    one.start()
    try:
        yield one
    finally:
        one.close()


def url(engine: str, at: Path, server: Postgres) -> str:
    """Of a new database."""
    return server.new_database() if engine == "postgresql" else f"sqlite:///{at / 'symphony.db'}"


def service_of(sandbox: Sandbox, at: Path, url: str) -> Service:
    """Set up, not started. It has no clock file, and no help of the tests in starting."""
    env = {**UNLIMITED, **FAST, "SYMPHONY_DATABASE_URL": url, "SYMPHONY_CLOCK_FILE": ""}
    service = Service(sandbox, at, env)
    service.process.preloaded = False
    return service


@contextmanager
def serving(sandbox: Sandbox, at: Path, url: str, *arguments: str) -> Iterator[Service]:
    """A service with one brand, BRAND, connected to LASTING."""
    service = service_of(sandbox, at, url)
    assert service.secret_key
    service.start(arguments)
    try:
        body = {"brandId": BRAND, "adPlatform": LASTING, **contract.rules(LASTING).token(sandbox, "ada")}
        service.client.put("/api/sym/v2/brands", json=body).raise_for_status()
        yield service
    finally:
        service.close()


def token_path(brand: int = BRAND) -> str:
    return f"/api/sym/v2/brands/{brand}/connections/{LASTING}/token"


@asynccontextmanager
async def house(sandbox: Sandbox, at: Path, url: str) -> AsyncIterator[House]:
    """A core in this process, with nothing that works beside it."""
    env = {**service_of(sandbox, at, url).env, **contract.settings(sandbox)}
    async with opened_core(config.load(clean_env(**env))) as core:
        one = House(core, sandbox)
        await one.move_in()
        yield one
