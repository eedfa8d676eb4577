"""Fixtures for every test: real databases, the real sandbox and service as processes, a real browser."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.tools import chromium, process
from tests.tools.postgres import Postgres
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.site import StaticSite
from tests.tools.watch import Watched


def pytest_xdist_auto_num_workers() -> int:
    """Three for two processors, because a test waits a third of its time; more than eight only fight over memory."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable * 3 // 2 or 1, 8)


def pytest_collection_finish() -> None:
    """The thousands of tests stay to the end, so no later collection of garbage has to look through them."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failure carries the logs of the processes that were up when it happened."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        report.sections += [(f"log of {one.name}", one.log_text()[-8_000:]) for one in process.running]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


# Databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server a worker; ask it for `new_database()`."""
    server = Postgres()
    try:
        server.up()
        yield server
    finally:
        server.remove()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A durable server for one test, which may kill it and bring it `up()` again."""
    server = Postgres(durable=True)
    try:
        server.up()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'symphony.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


# Sandbox and service


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    try:
        running.start()
        yield running
    finally:
        running.close()


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The worker's sandbox, reset."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox for one test, which may stop or kill its process."""
    running = Sandbox(tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.close()


ServiceFactory = Callable[..., Service]


@pytest.fixture
def service(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceFactory]:
    """`service(env, arguments, against=…)` starts one against the sandbox and returns it when it is ready."""
    yield from _services(sandbox, tmp_path_factory)


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for a module's tests and never reset: each test brings people and brands of its own."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    try:
        running.start()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def shared_service(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceFactory]:
    """As `service`, for a module's tests together, against `shared_sandbox`."""
    yield from _services(shared_sandbox, tmp_path_factory)


def _services(sandbox: Sandbox, folders: pytest.TempPathFactory) -> Iterator[ServiceFactory]:
    with ExitStack() as stack:

        def start(
            env: Mapping[str, str] | None = None, arguments: Sequence[str] = (), *, against: Sandbox = sandbox
        ) -> Service:
            started = Service(against, folders.mktemp("service"), env)
            stack.callback(started.close)
            assert started.secret_key
            started.start(arguments)
            return started

        yield start


# Browser and pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. tests/sdk has one with a popup blocker in its place.

    One a module and not one a worker: Playwright keeps an event loop running in this thread for as long
    as it is up, and no asynchronous test could run beside it.
    """
    with chromium.running() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context()
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def watched_page(context: BrowserContext) -> Iterator[Watched]:
    """A page that must end without policy violations, uncaught exceptions and requests to elsewhere."""
    watched = Watched(context)
    yield watched
    assert watched.complaints() == []


@pytest.fixture
def static_site() -> Iterator[Callable[..., StaticSite]]:
    """`static_site({"": "<html>…"}, headers)` serves pages from `http://localhost:<port>`."""
    with ExitStack() as stack:

        def serve(pages: Mapping[str, str], headers: Mapping[str, str] | None = None) -> StaticSite:
            site = StaticSite(pages, headers)
            site.start()
            stack.callback(site.close)
            return site

        yield serve
