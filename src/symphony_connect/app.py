"""Puts everything together: opens the store, builds the core, starts the worker."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from symphony_connect import __version__, platforms
from symphony_connect.audit import batches
from symphony_connect.audit.trail import Trail
from symphony_connect.base import config, logs
from symphony_connect.base.config import Settings
from symphony_connect.base.ids import Ids
from symphony_connect.base.parent import end_with
from symphony_connect.base.watched_clock import WatchedClock
from symphony_connect.connections import heartbeat, worker
from symphony_connect.core import Core
from symphony_connect.operate import sweep
from symphony_connect.platforms import http
from symphony_connect.store import db
from symphony_connect.store.migrate import migrate
from symphony_connect.vault.vault import open_vault
from symphony_connect.web import (
    branding,
    callbacks,
    connect_page,
    domain_files,
    oauth,
    openapi,
    problems,
    reference,
    result_page,
    system,
)
from symphony_connect.web.api import assets, brands, connect_sessions, connections, events, keys, proxy, webhooks
from symphony_connect.web.api import platforms as platforms_api
from symphony_connect.web.api.schemas import Failure
from symphony_connect.web.cors import Cors
from symphony_connect.web.dashboard import routes as dashboard
from symphony_connect.web.envelope import Envelope
from symphony_connect.web.limits import Limits, buckets_of_keys
from symphony_connect.web.pages import HERE
from symphony_connect.web.proxy_calls import ProxyCalls
from symphony_connect.web.token_reads import TokenReads
from symphony_connect.webhooks import worker as deliveries

API = "/api/sym/v2"
WORKER_GRACE = 5.0
"""Seconds that running renewals have to finish when the process stops."""
COUNT_GRACE = 2.0
"""Seconds for the last counts to be written."""


@asynccontextmanager
async def opened_core(settings: Settings) -> AsyncIterator[Core]:
    """Opens everything that the verbs need, and closes it again. Raises ConfigError or StoreUnavailable."""
    async with AsyncExitStack() as stack:
        outward = await stack.enter_async_context(http.client(settings.outbound_proxy.reveal(), settings.ca_file))
        client = await stack.enter_async_context(http.client(settings.outbound_proxy.reveal(), settings.ca_file))
        # First, so that a start that fails here leaves no key files behind.
        clock = WatchedClock(settings.clock)
        loaded = platforms.load(settings.env, client, clock, settings.production)
        settings.env.check_names()
        store = await stack.enter_async_context(db.opened(settings.database_url.reveal()))
        await migrate(store)
        vault = await open_vault(store, settings)
        yield Core(
            settings=settings,
            store=store,
            vault=vault,
            audit=Trail(vault, clock),
            platforms=loaded,
            clock=clock,
            watch=clock,
            outward=outward,
            ids=Ids(clock),
        )


async def check_settings(settings: Settings) -> None:
    """For what needs no core: raises ConfigError for a platform's malformed setting or an unknown name."""
    async with http.client(settings.outbound_proxy.reveal(), settings.ca_file) as client:
        platforms.load(settings.env, client, settings.clock, settings.production)
        settings.env.check_names()


def create_app(settings: Settings, *, tends: bool = True, parent: int | None = None) -> FastAPI:
    """The web service. `tends`: whether this process also renews and verifies connections.

    `parent`: the id of the process that this one ends with; None to end with nobody.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened_core(settings) as core:
            app.state.core = core
            renewing = tending(core) if tends else watching_clock(core)
            async with ending_with(parent), counting(core), renewing:
                yield

    app = FastAPI(
        title="Symphony Connect",
        version=__version__,
        description="Each brand's ad accounts: connected once, kept connected.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        responses={"default": {"model": Failure}},
    )
    for part in (brands, connections, assets, proxy, connect_sessions, events, webhooks, keys, platforms_api):
        app.include_router(part.router, prefix=API)
    for page in (oauth, result_page, connect_page, callbacks, branding, reference, system):
        app.include_router(page.router)
    app.include_router(dashboard.router)
    if settings.domain_files:
        app.include_router(domain_files.router)
    app.router.routes.append(Mount("/static", StaticFiles(directory=HERE / "static"), name="static"))
    app.openapi = partial(openapi.describe, app, settings.public_url)  # type: ignore[method-assign]
    problems.install(app)
    ids = Ids(settings.clock)
    app.state.keys = buckets_of_keys(settings)
    app.add_middleware(ProxyCalls)
    app.add_middleware(Limits, settings=settings, keys=app.state.keys)
    app.add_middleware(Cors)
    app.add_middleware(Envelope, new_id=lambda: ids.new("req"), https=settings.production)
    return app


@asynccontextmanager
async def ending_with(parent: int | None) -> AsyncIterator[None]:
    """Ends this process when its parent ends meanwhile; None when nobody is to be watched."""
    watch = asyncio.create_task(end_with(parent)) if parent else None
    try:
        yield
    finally:
        if watch:
            watch.cancel()


@asynccontextmanager
async def tending(core: Core) -> AsyncIterator[None]:
    """Runs the worker during the block; running renewals then have WORKER_GRACE seconds to finish."""
    stop = asyncio.Event()
    task = asyncio.gather(worker.run(core, stop), deliveries.run(core, stop), sweep.keep(core, stop))
    try:
        yield
    finally:
        stop.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, WORKER_GRACE)


@asynccontextmanager
async def counting(core: Core) -> AsyncIterator[None]:
    """Writes token reads and proxied calls during the block, and the rest at its end."""
    stop = asyncio.Event()
    task = asyncio.create_task(batches.keep(core.write_noted, stop))
    try:
        yield
    finally:
        stop.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, COUNT_GRACE)


@asynccontextmanager
async def watching_clock(core: Core) -> AsyncIterator[None]:
    """Compares the process's clock during the block; a process that tends does so by itself."""
    stop = asyncio.Event()
    task = asyncio.create_task(heartbeat.watch_clock(core, stop))
    try:
        yield
    finally:
        stop.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, COUNT_GRACE)


def factory() -> TokenReads:
    """Called by each server process. Settings come from its environment."""
    settings = config.load(os.environ)
    logs.configure(settings.log_format, settings.log_level)
    # Not os.getppid(): a parent that was killed while this process began is no longer there to be asked for.
    parent = multiprocessing.parent_process()
    return TokenReads(
        create_app(settings, tends=settings.tends, parent=parent.pid if parent else os.getppid()), settings
    )
