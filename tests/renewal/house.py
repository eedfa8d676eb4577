"""A core over a real database, against the sandbox over real HTTP, with the levers that tests of renewal need."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from symphony_connect.access import sql as access_sql
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.access.caller import Caller
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem, SymphonyError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.connections import app_trouble, connect, lease, read_token, renew, worker
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connect import Registration
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from tests.platforms import contract
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

WORKSPACE = "ws_tests"
_brands = itertools.count(1)


def environment(sandbox: Sandbox, folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """What an operator would set; apps are those whose tokens can be renewed unless `more` says otherwise."""
    return Service(sandbox, folder, {**contract.settings(sandbox), "SYMPHONY_DATABASE_URL": database_url, **more}).env


class House:
    """One core, its sandbox, and a workspace."""

    def __init__(self, core: Core, sandbox: Sandbox) -> None:
        self.core = core
        self.sandbox = sandbox
        self.caller = Caller(WORKSPACE, "key_tests", "secret", frozenset(SCOPES), ())

    async def move_in(self) -> None:
        async with self.core.store.writing() as tx:
            if not await tx.one(access_sql.workspace_by_name, name="tests"):
                await tx.run(access_sql.workspace_add, id=WORKSPACE, name="tests", at=self.core.clock())

    async def connect(self, platform: str, *, person: str = "", brand: int = 0, **wishes: Any) -> str:
        """The id of a new connection, of somebody new unless `person` is named; `wishes` as `POST /_sandbox/tokens`."""
        registration = self.bring(platform, person=person, brand=brand, **wishes)
        return (await connect.register(self.core, self.caller, registration)).id

    def bring(self, platform: str, *, person: str = "", brand: int = 0, **wishes: Any) -> Registration:
        usual = contract.rules(platform).WISHES
        who = person or self.sandbox.newcomer()
        issued = self.sandbox.control("tokens", {"platform": platform, "person": who, **usual, **wishes})
        refresh = issued.get("refreshToken")
        return Registration(
            brand or next(_brands),
            platform,
            Secret(issued["accessToken"]),
            Secret(refresh) if refresh else None,
            86_400 if refresh else None,
        )

    async def row(self, id: str) -> Connection:
        async with self.core.store.reading() as tx:
            row = await tx.one(connections_sql.connection_by_id, id=id)
        assert row is not None
        return Connection.of(row)

    async def sealed(self, id: str) -> bytes | None:
        async with self.core.store.reading() as tx:
            row = await tx.one(connections_sql.grant_sealed, connection_id=id, slot="live")
        return bytes(row["sealed"]) if row else None

    async def grant(self, id: str) -> Grant:
        sealed = await self.sealed(id)
        assert sealed is not None
        return await self.core.vault.open_grant((await self.row(id)).binding("live"), sealed)

    async def read(self, id: str, min_ttl: int = 300 * SECOND) -> str:
        """The access token that a reader is served. Raises Problem."""
        read = await read_token.serve(self.core, await self.row(id), await self.sealed(id), min_ttl)
        return read.grant.access_token.reveal()

    async def served(self, id: str) -> str | None:
        """What a reader is served, None where it is told to come back or to reconnect."""
        try:
            return await self.read(id)
        except Problem as problem:
            if problem.code in ("platform_unavailable", "needs_reconnect"):
                return None
            raise

    async def refused(self, id: str) -> Any:
        """The Problem or StoreUnavailable that a reader meets instead of a token."""
        try:
            await self.read(id)
        except SymphonyError as problem:
            return problem
        raise AssertionError(f"{id} was served")

    async def refused_registration(self, platform: str) -> Problem:
        """What a caller is told whose new token is not taken."""
        try:
            await self.connect(platform)
        except Problem as problem:
            return problem
        raise AssertionError("the token was taken")

    async def events(self, id: str, type: str = "") -> list[Mapping[str, Any]]:
        """What happened, oldest first."""
        async with self.core.store.reading() as tx:
            rows = await tx.all(connections_sql.events_of_connection, connection_id=id, most=1000)
        body = [{"type": row["type"], **json.loads(row["data"])} for row in reversed(rows)]
        return [event for event in body if type in ("", event["type"])]

    async def due(self) -> bool:
        async with self.core.store.reading() as tx:
            names = list(self.core.platforms)
            return any([await tx.one(connections_sql.due_now, platform=name, now=self.core.clock()) for name in names])

    async def tend(self) -> int:
        """All that is due, at the platforms' pace, by a clock that is moved on; returns how many were tended."""
        tended = 0
        for name in self.core.platforms:
            await app_trouble.look(self.core, name)
        while await self.due():
            done = await worker.tend_due(self.core)
            tended += done
            if not done:
                self.sandbox.advance("6s")
        return tended

    async def tend_one(self, id: str) -> None:
        """This one connection, as the worker would, due or not and whatever the pace."""
        held = await lease.hold(self.core, id)
        assert held is not None
        await worker.tend(self.core, replace(held, admitted=True))

    async def renew_one(self, id: str) -> None:
        """Renew this one connection, due or not and whatever the pace."""
        held = await lease.hold(self.core, id)
        assert held is not None
        await renew.renew(self.core, replace(held, admitted=True), worker.ACTOR)

    async def calm_pace(self) -> None:
        """As if the platforms had never asked for fewer calls."""
        async with self.core.store.writing() as tx:
            for name in self.core.platforms:
                await tx.run(connections_sql.pace_pause, platform=name, until=None, strikes=0)

    async def calm(self) -> None:
        """As if the platforms had never limited or refused the app, and nobody had been lost lately."""
        await self.calm_pace()
        async with self.core.store.writing() as tx:
            for name in self.core.platforms:
                await tx.run(connections_sql.app_accepted, platform=name)
                await tx.run(connections_sql.losses_hold, platform=name, until=self.core.clock())

    async def pass_time(self, by: str) -> int:
        self.sandbox.advance(by)
        return await self.tend()

    def calls(self, platform: str, path: str) -> int:
        return len(self.sandbox.calls(platform, path))


@asynccontextmanager
async def opened(env: Mapping[str, str], sandbox: Sandbox) -> AsyncIterator[House]:
    async with opened_core(config.load(env)) as core:
        house = House(replace(core, random=random.Random(7)), sandbox)
        await house.move_in()
        yield house
