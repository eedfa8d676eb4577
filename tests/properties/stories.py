"""Events that lead to trouble only one after the other, told together so that they are not left to chance."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from symphony_connect.base.clock import DAY, MINUTE
from symphony_connect.connections import disconnect
from tests.properties.machine import BRAND, LOST, MOOD, PERSON, Lifecycle


class Stories(Lifecycle):
    @rule(
        brand=BRAND,
        how=st.sampled_from([*LOST, "crash_before", "lost_before"]),
        sibling=st.one_of(st.none(), BRAND),
        then=MOOD,
    )
    def a_renewal_has_no_answer(self, brand: int, how: str, sibling: int | None, then: str) -> None:
        """And the worker comes again, whatever it then finds."""
        brand = self.one_to_renew(brand)
        self.the_worker_comes(0, how, None)
        self.check()
        if sibling:
            self.sign_in(sibling, self.person_of(brand), "well", None)
            self.check()
        self.the_worker_comes(2, then, None)

    @rule(brand=BRAND, readers=st.sampled_from([2, 4]), ended=st.booleans(), mood=st.sampled_from(["well", *LOST]))
    def many_want_another_token(self, brand: int, readers: int, ended: bool, mood: str) -> None:
        """In two processes, and nobody has an excuse: one renewal serves them all, or one loss is told to all."""
        brand = self.one_to_renew(brand)
        self.world.now += DAY // 4 if ended else 0
        self.reads(brand, readers, DAY, mood, None)

    @rule(brand=BRAND, mood=st.sampled_from(["stuck_before", "stuck_after"]))
    def an_answer_comes_after_the_lease(self, brand: int, mood: str) -> None:
        """When the worker has taken over."""
        self.a_renewal_hangs(brand, mood, 2, "worker")

    @rule(brand=BRAND, again=BRAND)
    def a_person_comes_back(self, brand: int, again: int) -> None:
        """Who had taken back all, just after the worker had asked after everybody."""
        person = self.person_of(self.one_to_renew(brand))
        self.the_worker_comes(0, "well", None)
        self.check()
        self.removes_the_app(person)
        self.check()
        self.sign_in(again, person, "well", None)
        self.check()
        self.the_worker_comes(0, "well", None)

    @rule(brand=BRAND, person=PERSON)
    def disconnects_who_has_just_changed(self, brand: int, person: str) -> None:
        """The caller looked before somebody signed in."""
        looked = self.seen.get(brand)
        if looked is None:
            return
        self.sign_in(brand, person, "well", None)
        self.check()
        (result,) = self.act(disconnect.disconnect(self.server.core, looked.connection, "tests"))
        self.expect(brand, (False, None, None))
        self.tally[f"disconnected: {result.upstream}"] += 1

    @rule(brand=BRAND, steps=st.integers(2, 4), again=BRAND)
    def a_disconnect_is_cut_short(self, brand: int, steps: int, again: int) -> None:
        """And its person signs in anew before the worker finishes it."""
        brand = self.one_to_renew(brand)
        person = self.person_of(brand)
        self.disconnects(brand, "well", steps)
        self.check()
        self.sign_in(again, person, "well", None)
        self.check()
        self.tally["disconnect cut short"] += 1
        self.the_worker_comes(1, "well", None)

    @rule(brand=BRAND, person=PERSON)
    def a_sign_in_waits_beside_a_lost_token(self, brand: int, person: str) -> None:
        """A reader finds the loss before the worker asks after the one that waits."""
        brand = self.one_to_renew(brand)
        self.removes_the_app(self.person_of(brand))
        self.check()
        self.sign_in(brand, person, "away", None)
        self.check()
        self.world.now += 5 * MINUTE
        self.reads(brand, 1, DAY, "well", None)

    def person_of(self, brand: int) -> str:
        line = self.brands[brand].line
        assert line is not None
        return line.person
