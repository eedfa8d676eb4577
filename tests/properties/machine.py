"""What can happen to four brands of two people, in any order, and what must hold after each of it."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.connections import connect, disconnect, read_token, sql, worker
from symphony_connect.connections.connect import Registration
from symphony_connect.signin import connect_sessions, signin
from symphony_connect.signin.flows import Start
from tests.properties import checks, model
from tests.properties.model import Brand, Way
from tests.properties.place import BRANDS, CALLER, WORKSPACE, Place, Process
from tests.properties.process import Crash
from tests.properties.scripted import NAME

BRAND = st.sampled_from(BRANDS)
PERSON = st.sampled_from(["ada", "bea"])
LOST = ["lost_after", "crash_after"]
"""The answer was given and never heard: what all of this is about."""
MOOD = st.sampled_from(
    [*LOST, "well", "well", *LOST, "away", "half_away", "limited", "misconfigured", "lost_before", "crash_before"]
)
FUSE = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 14))
"""After how many steps the process dies, where it does."""
TTL = st.sampled_from([5 * MINUTE, 20 * HOUR])


class Lifecycle(RuleBasedStateMachine):
    """The core as it is, over a real database and a platform in memory; `brands` is what it should come to."""

    place: Place

    def __init__(self) -> None:
        super().__init__()
        self.world = self.place.begin()
        self.tally = self.world.tally
        self.processes = [self.place.process(), self.place.process()]
        self.brands = {number: Brand() for number in BRANDS}
        self.expected: dict[int, set[Way]] = {}
        self.seen: dict[int, model.Seen] = {}
        self.ended: set[str] = set()
        self.events = 0
        """Since all was well."""
        self.died_at = 0
        self.died = False

    @property
    def server(self) -> Process:
        return self.processes[0]

    @property
    def worker(self) -> Process:
        return self.processes[1]

    def act(self, *works: Any, mood: str = "well", dies: Process | None = None, fuse: int | None = None) -> list[Any]:
        """Do it all at once, to the end of each or of its process. Raises what nobody should ever see."""
        self.world.mood = mood
        self.events += 1
        if dies:
            dies.life.fuse = fuse
        results = self.place.run(self.place.everything(*works))
        for each, process in enumerate(self.processes):
            process.life.fuse = None
            if process.life.dead:
                self.processes[each] = self.place.process()
                self.died, self.died_at = True, self.world.now
                self.tally["died"] += 1
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, Crash | Problem):
                raise result
        return results

    def expect(self, brand: int, *ways: Way) -> None:
        """What may become of a brand; all that no event expected anything of stay as they were."""
        self.expected[brand] = set(ways)

    # What can happen

    @initialize(survives=st.booleans())
    def three_brands_of_two_people(self, survives: bool) -> None:
        self.world.survives = survives
        self.check()
        for brand, person in ((1, "ada"), (2, "ada"), (3, "bea")):
            self.sign_in(brand, person, "well", None)
            self.check()

    @rule(brand=BRAND, person=PERSON, mood=st.sampled_from(["well", "well", "away"]), fuse=FUSE)
    def sign_in(self, brand: int, person: str, mood: str, fuse: int | None) -> None:
        grant = self.world.issue(person)
        line, before = self.world.line_of(grant), self.brands[brand]
        ask = Registration(brand, NAME, grant.access_token, grant.refresh_token, 86_400, replace_identity=True)
        (result,) = self.act(connect.register(self.server.core, CALLER, ask), mood=mood, dies=self.server, fuse=fuse)
        after = (True, before.line, line) if mood == "away" else (True, line, None)
        self.expect(brand, after, *([before.way] if isinstance(result, Crash) else []))
        assert not isinstance(result, Problem), result
        self.tally["signed in while away" if mood == "away" else "reconnected" if before.known else "connected"] += 1

    @rule(brand=BRAND, person=PERSON, how=st.sampled_from(["at the page", "taken back", "somebody else"]))
    def denied(self, brand: int, person: str, how: str) -> None:
        """Nothing changes."""
        if how == "at the page":
            assert self.act(self.says_no(brand)) == ["access_denied"]
        else:
            grant = self.world.issue(person)
            if how == "taken back":
                self.world.line_of(grant).dead_at = self.world.now
            known = self.seen[brand].connection.identity if brand in self.seen else None
            if how == "somebody else" and (known is None or known.id == person):
                return
            ask = Registration(brand, NAME, grant.access_token, grant.refresh_token, 86_400)
            (result,) = self.act(connect.register(self.server.core, CALLER, ask))
            assert isinstance(result, Problem)
            assert result.code == ("token_refused" if how == "taken back" else "identity_mismatch")
        self.tally[f"denied: {how}"] += 1
        now = self.place.run(self.place.seen())
        assert {each: seen.connection for each, seen in now.items()} == {
            each: seen.connection for each, seen in self.seen.items()
        }

    async def says_no(self, brand: int) -> str | None:
        core = self.server.core
        made = await connect_sessions.create(core, CALLER, connect_sessions.NewSession(brand))
        start = Start("connect", NAME, WORKSPACE, "browser", session_id=made.id)
        state = await signin.begin(core, start)
        flow = await signin.returned(core, NAME, {"state": state, "error": "denied"}, "browser")
        return flow.error_code

    @rule(person=PERSON)
    def removes_the_app(self, person: str) -> None:
        self.tally["removed by its person"] += bool(self.world.remove(person))

    @rule(hours=st.sampled_from([17, 17, 7, 17, 1, 25, 0]), mood=MOOD, fuse=FUSE)
    def the_worker_comes(self, hours: int, mood: str, fuse: int | None) -> None:
        self.world.now += hours * HOUR
        calm = checks.calm(self, mood)
        self.everybody_may_be_verified()
        for _ in range(8):
            (result,) = self.act(worker.tend_due(self.worker.core), mood=mood, dies=self.worker, fuse=fuse)
            if isinstance(result, Crash) or not result:
                break
        assert not isinstance(result, Problem), result
        if calm and not self.died:
            self.check()
            checks.siblings_are_marked(self)

    @rule(brand=BRAND, readers=st.sampled_from([1, 3]), ttl=TTL, mood=MOOD, fuse=FUSE)
    def reads(self, brand: int, readers: int, ttl: int, mood: str, fuse: int | None) -> None:
        asked, before = self.world.asked, self.brands[brand]
        calm, way = checks.calm(self, mood), before.way
        works = [self.read(self.processes[each % 2], brand, ttl) for each in range(readers)]
        results = self.act(*works, mood=mood, dies=self.server, fuse=fuse)
        calm = calm and not self.died
        for result in results:
            checks.answer(self, result, before, self.seen.get(brand), calm)
        if calm and readers > 1 and model.healthy(before.line):
            self.tally["read by several"] += 1
            self.tally["renewed once for several"] += self.world.asked > asked
            assert self.world.asked - asked <= 1
        self.expect(brand, way)

    @rule(brand=BRAND, minutes=st.sampled_from([5, 12]), readers=st.sampled_from([3, 1]), ttl=TTL, mood=MOOD)
    def reads_near_the_end(self, brand: int, minutes: int, readers: int, ttl: int, mood: str) -> None:
        line = self.brands[brand].line
        if line:
            self.world.now = max(self.world.now, self.world.issued[line.held].expires_at - minutes * MINUTE)
            self.tally["read near the end"] += 1
            self.reads(brand, readers, ttl, mood, None)

    async def read(self, process: Process, brand: int, ttl: int) -> read_token.Token:
        """As the API does it: one look at the store, then whatever that needs."""
        core = process.core
        async with core.store.reading() as tx:
            row = await tx.one(sql.connection, workspace_id=WORKSPACE, brand_id=brand, platform=NAME)
            if row is None:
                raise Problem("connection_not_found", "There is none.")
            sealed = await tx.one(sql.grant_sealed, connection_id=row["id"], slot="live")
        return await read_token.serve(core, model.Connection.of(row), sealed["sealed"] if sealed else None, ttl)

    @rule(brand=BRAND, mood=st.sampled_from(["well", "well", "away"]), fuse=FUSE)
    def disconnects(self, brand: int, mood: str, fuse: int | None) -> None:
        before, seen = self.brands[brand], self.seen.get(brand)
        if seen is None:
            return
        work = disconnect.disconnect(self.server.core, seen.connection, "tests")
        (result,) = self.act(work, mood=mood, dies=self.server, fuse=fuse)
        self.expect(brand, (False, None, None), *([before.way] if isinstance(result, Crash) else []))
        if not isinstance(result, Crash):
            self.tally[f"disconnected: {result.upstream}"] += 1

    @rule(
        brand=BRAND,
        mood=st.sampled_from(["stuck_before", "stuck_after"]),
        minutes=st.sampled_from([0, 2]),
        meanwhile=st.sampled_from(["worker", "read", "disconnect", "sign in", "removed"]),
    )
    def a_renewal_hangs(self, brand: int, mood: str, minutes: int, meanwhile: str) -> None:
        """And something else happens before its answer comes, within its lease or after it."""
        brand = self.one_to_renew(brand)
        before, seen = self.brands[brand], self.seen[brand]
        assert before.line is not None
        self.everybody_may_be_verified()
        works = {
            "worker": lambda: worker.tend_due(self.worker.core),
            "read": lambda: self.read(self.worker, brand, 20 * HOUR),
            "disconnect": lambda: disconnect.disconnect(self.worker.core, seen.connection, "tests"),
            "sign in": lambda: connect.register(self.worker.core, CALLER, ask),
            "removed": lambda: self.gone(before.line.person),
        }
        grant = self.world.issue("bea")
        ask = Registration(brand, NAME, grant.access_token, grant.refresh_token, 86_400, replace_identity=True)
        late, other = self.act(*self.hang(brand, minutes, works[meanwhile]), mood=mood)
        if meanwhile == "disconnect":
            self.expect(brand, (False, None, None))
        if meanwhile == "sign in":
            self.expect(brand, (True, self.world.line_of(grant), None))
        for result in (late, other):
            if isinstance(result, read_token.Token):
                checks.served(self, result, {before.line, self.world.line_of(grant)})
        self.tally[f"{mood}, {minutes} min, {meanwhile}"] += self.world.stuck.is_set()

    def hang(self, brand: int, minutes: int, meanwhile: Any) -> tuple[Any, Any]:
        self.world.stuck, self.world.free = asyncio.Event(), asyncio.Event()
        reader_is_back = asyncio.Event()

        async def late() -> Any:
            try:
                return await self.read(self.server, brand, 20 * HOUR)
            finally:
                reader_is_back.set()

        async def other() -> Any:
            waits = [asyncio.create_task(event.wait()) for event in (self.world.stuck, reader_is_back)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            self.world.mood = "well"
            self.world.now += minutes * MINUTE
            try:
                return await meanwhile()
            finally:
                self.world.free.set()

        return late(), other()

    async def gone(self, person: str) -> None:
        self.world.remove(person)

    def one_to_renew(self, brand: int) -> int:
        """A brand whose token is to be renewed now and can be, by its number: nothing of the past stands in the way."""
        if not any(model.healthy(its.line) for its in self.brands.values()):
            self.sign_in(brand, "ada", "well", None)
            self.check()
        living = [each for each, its in self.brands.items() if model.healthy(its.line)]
        brand = living[brand % len(living)]
        end = self.world.issued[self.brands[brand].line.held].expires_at
        quiet = max(self.world.trouble_at + model.CALM, self.died_at + model.BURIAL) + MINUTE
        self.world.now = max(self.world.now, quiet, end - DAY // 4)
        return brand

    def everybody_may_be_verified(self) -> None:
        for number, brand in self.brands.items():
            self.expect(number, *brand.ways(self.world))

    @precondition(lambda self: self.events > 8)
    @rule()
    def all_is_well_for_a_while(self) -> None:
        """Trouble over, leases run out: whoever can be served is, and whoever cannot is known for the right reason."""
        for _ in range(4):
            self.world.now += 150 * MINUTE
            self.the_worker_comes(0, "well", None)
            self.check()
        self.events = 0
        checks.settled(self)
        self.tally["settled"] += 1

    # What must hold all the time

    @invariant()
    def check(self) -> None:
        checks.everything(self)

    def teardown(self) -> None:
        self.all_is_well_for_a_while()
