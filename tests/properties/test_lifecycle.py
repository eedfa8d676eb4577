"""Whatever happens in whatever order: no token dies unnoticed, none comes back from the dead."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from symphony_connect import config, connect, disconnect, lifecycle, tokens, worker
from symphony_connect.clock import HOUR, MINUTE
from symphony_connect.connect import Registration
from symphony_connect.core import Connection, Core
from symphony_connect.errors import Problem
from symphony_connect.ids import Ids
from symphony_connect.keys import SCOPES, Caller
from symphony_connect.model import Grant, Status
from symphony_connect.platforms.base import Platform
from symphony_connect.store import db
from symphony_connect.store.migrate import migrate
from symphony_connect.vault import open_vault
from tests.faults.figures import FULL
from tests.properties.scripted import NAME, Crash, Scripted, World
from tests.tools.postgres import Postgres

WORKSPACE = "ws_properties"
BRANDS = st.integers(1, 4)
PEOPLE = st.sampled_from(["ada", "bea"])
MOODS = ["well", "away", "limited", "misconfigured", "lost_before", "lost_after", "crash_before", "crash_after"]
LIVING = (Status.CONNECTED, Status.EXPIRING)
CALLER = Caller(WORKSPACE, "key_properties", "secret", frozenset(SCOPES), ())


class Lifecycle(RuleBasedStateMachine):
    """The core as it is, over a platform in memory; the model is the platform's own memory of what it issued."""

    url = ""
    folder = Path()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.loop = asyncio.Runner()
        self.ended: set[int] = set()
        self.seed = 0
        self.run(self.open())
        self.run(self.clear())

    def run(self, work: Any) -> Any:
        return self.loop.run(work)

    async def open(self) -> None:
        self.seed += 1
        self.stack = AsyncExitStack()
        chosen = config.load({"SYMPHONY_DATABASE_URL": self.url, "SYMPHONY_DATA_DIR": str(self.folder)})
        store = await self.stack.enter_async_context(db.opened(self.url))
        await migrate(store)
        dice = random.Random(self.seed)
        clock = lambda: self.world.now  # noqa: E731
        self.core = Core(
            settings=chosen,
            store=store,
            vault=await open_vault(store, chosen),
            platforms={NAME: cast(Platform, Scripted(self.world))},
            clock=clock,
            ids=Ids(clock, dice.randbytes),
            random=dice,
        )

    async def clear(self) -> None:
        async with self.core.store.writing() as session:
            for table in ("events", "rotations", "grants", "connections", "brands", "platform_paces"):
                await session.script(f"DELETE FROM {table}")
            if not await session.one("workspace_by_id", id=WORKSPACE):
                await session.run("workspace_add", id=WORKSPACE, name="properties", at=0)

    async def rows(self) -> list[tuple[Connection, Grant | None, bool]]:
        """Every connection, its live grant, and whether a renewal of it has no outcome yet."""
        found = []
        async with self.core.store.reading() as session:
            for brand in range(1, 5):
                row = await session.one("connection", workspace_id=WORKSPACE, brand_id=brand, platform=NAME)
                if row is None:
                    continue
                connection = Connection.of(row)
                sealed = await session.one("grant_sealed", connection_id=connection.id, slot="live")
                grant = await self.core.vault.open_grant(connection.binding(), sealed["sealed"]) if sealed else None
                open_note = await session.one("rotation", connection_id=connection.id) is not None
                found.append((connection, grant, open_note))
        return found

    async def living(self, brand: int) -> tuple[Connection, bytes | None] | None:
        async with self.core.store.reading() as session:
            row = await session.one("connection", workspace_id=WORKSPACE, brand_id=brand, platform=NAME)
            if row is None:
                return None
            sealed = await session.one("grant_sealed", connection_id=row["id"], slot="live")
        return Connection.of(row), bytes(sealed["sealed"]) if sealed else None

    async def through(self, work: Any) -> Any:
        """To its end, or to the crash that the platform's mood makes of it: then everything in memory is gone."""
        try:
            return await work
        except* Crash:
            await self.stack.aclose()
            await self.open()

    # What can happen

    @rule(brand=BRANDS, person=PEOPLE)
    def sign_in(self, brand: int, person: str) -> None:
        grant = self.world.issue(person)
        ask = Registration(brand, NAME, grant.access_token, grant.refresh_token, 86_400, replace_identity=True)
        self.run(self.through(connect.register(self.core, CALLER, ask)))
        self.ended.discard(brand)

    @rule(person=PEOPLE)
    def remove_the_app(self, person: str) -> None:
        self.world.gone.add(person)

    @rule(mood=st.sampled_from(MOODS), hours=st.sampled_from([0, 1, 7, 17, 23, 25]))
    def time_passes_and_the_worker_comes(self, mood: str, hours: int) -> None:
        self.world.now += hours * HOUR
        self.world.mood = mood
        self.run(self.through(worker.tend_due(self.core)))
        self.world.mood = "well"

    @rule(brand=BRANDS, mood=st.sampled_from(MOODS), ttl=st.sampled_from([5 * MINUTE, 20 * HOUR]))
    def somebody_reads(self, brand: int, mood: str, ttl: int) -> None:
        found = self.run(self.living(brand))
        if found is None:
            return
        self.world.mood = mood
        served = self.run(self.through(self.read(*found, ttl)))
        self.world.mood = "well"
        if served is not None:
            token = self.world.issued[served.grant.access_token.reveal()]
            assert token.expires_at - self.world.now > lifecycle.MARGIN
            assert brand not in self.ended

    async def read(self, connection: Connection, sealed: bytes | None, ttl: int) -> tokens.Token | None:
        with suppress(Problem):
            return await tokens.read(self.core, connection, sealed, ttl)
        return None

    @rule(brand=BRANDS)
    def disconnected(self, brand: int) -> None:
        found = self.run(self.living(brand))
        if found:
            self.run(disconnect.disconnect(self.core, found[0], "tests"))
            self.ended.add(brand)

    @precondition(lambda self: self.seed < 6)
    @rule()
    def the_process_ends_and_another_begins(self) -> None:
        self.run(self.stack.aclose())
        self.run(self.open())

    # What must hold all the time

    @invariant()
    def nothing_dies_unnoticed(self) -> None:
        for connection, grant, open_note in self.run(self.rows()):
            if connection.status is Status.CONNECTED and grant and not open_note:
                person = self.world.issued[grant.access_token.reveal()].person
                assert self.world.renewable(grant) or person in self.world.gone, connection

    @invariant()
    def the_living_have_their_hour(self) -> None:
        for connection, grant, _ in self.run(self.rows()):
            living = connection.status in LIVING
            assert not living or (connection.due_at is not None and grant is not None), connection

    @invariant()
    def the_ended_stay_so(self) -> None:
        assert not {connection.brand_id for connection, _, _ in self.run(self.rows())} & self.ended

    def teardown(self) -> None:
        self.run(self.ends_well())
        self.run(self.stack.aclose())
        self.loop.close()

    async def ends_well(self) -> None:
        """Trouble over, leases run out: whoever can be served is, and whoever cannot is known for the right reason."""
        self.world.mood = "well"
        for _ in range(8):
            self.world.now += 70 * MINUTE
            while await worker.tend_due(self.core):
                pass
        for connection, grant, open_note in await self.rows():
            assert not open_note, connection
            if grant is None or connection.status is Status.NEEDS_RECONNECT:
                continue
            access = grant.access_token.reveal()
            if self.world.renewable(grant):
                assert connection.status is Status.CONNECTED, connection
                assert self.world.works(access)
            else:
                known = connection.status is Status.EXPIRING and grant.refresh_token is None
                assert known or self.world.issued[access].person in self.world.gone, connection
        await self.history_is_whole()

    async def history_is_whole(self) -> None:
        """Each change begins where the one before it ended."""
        async with self.core.store.reading() as session:
            for connection, _, _ in await self.rows():
                rows = await session.all("events_of_connection", connection_id=connection.id, most=10_000)
                moves = [json.loads(row["data"]) for row in reversed(rows) if row["type"] == "connection.status"]
                for earlier, later in itertools.pairwise(moves):
                    assert later["before"] == {"status": earlier["status"], "reason": earlier["reason"]}


@pytest.mark.timeout(1800 if FULL else 180)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_any_order_of_events(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'symphony.db'}"
    if engine == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    machine = type("Here", (Lifecycle,), {"url": url, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=400 if FULL else 25,
            stateful_step_count=40 if FULL else 20,
            deadline=None,
            derandomize=not FULL,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
