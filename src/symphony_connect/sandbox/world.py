"""What all platforms of one sandbox share: the clock, the people, the switches."""

from __future__ import annotations

import asyncio
import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from symphony_connect.base.clock import system_clock
from symphony_connect.sandbox.faults import Faults
from symphony_connect.sandbox.ledger import Ledger


class MovableClock(Protocol):
    """Milliseconds since the epoch, and a way to move on. `clock.FileClock` is one."""

    def __call__(self) -> int: ...

    def offset(self) -> int:
        """Milliseconds ahead of the machine's clock."""
        ...

    def advance(self, milliseconds: int) -> int: ...


class LocalClock:
    """A movable clock for a sandbox that runs without a service."""

    def __init__(self, base: Callable[[], int] = system_clock) -> None:
        self._base = base
        self._offset = 0

    def __call__(self) -> int:
        return self._base() + self._offset

    def offset(self) -> int:
        return self._offset

    def advance(self, milliseconds: int) -> int:
        self._offset += milliseconds
        return self._offset


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in. Each platform derives from these traits what they own there."""

    name: str
    title: str
    number: int
    """1 for the first person; platforms derive ids from it, so that ids are the same in every sandbox."""
    ad_accounts: int = 2
    business_only: bool = False
    """Ad accounts belong to a Business, not to the person."""
    disabled: bool = False
    """Ad accounts are disabled."""
    partial: bool = False
    """Ticks only some of the permissions asked for, unless the form says otherwise."""
    businesses: int = 0
    """How many Businesses they work for, which own the ad accounts in turn."""
    account_names: tuple[str, ...] = ()
    """Names of the first ad accounts: empty, very long, in any script."""
    missing_fields: tuple[str, ...] = ()
    """Fields of ad accounts that the platform leaves out."""
    pages: int = 1
    """How many Pages they have, each with an Instagram account, or whatever the platform has in the place of Pages."""
    unshared: int = 0
    """How many of these, the last ones, they leave unticked, unless the form says otherwise."""
    paging: str = ""
    """What is odd about lists: `repeats`, the second page leads to itself; `without-after`, no `after` cursor."""

    def account_name(self, count: int, usual: str) -> str:
        """Of the ad account of this number, from 1."""
        return self.account_names[count - 1] if count <= len(self.account_names) else usual


READY_MADE = (
    Person("ada", "Ada Lark", 1),
    Person("noaccounts", "Noa Counts", 2, ad_accounts=0),
    Person("business", "Bea Ness", 3, business_only=True, pages=2, unshared=1),
    Person("disabled", "Dis Abelle", 4, ad_accounts=1, disabled=True),
    Person("partial", "Pat Shell", 5, partial=True),
)


class World:
    """What the platforms of one sandbox share. Each platform keeps its own state beside it.

    `seed` decides every id, code and token to come; the same seed and the same calls give the same ones.
    """

    def __init__(self, clock: MovableClock, seed: str) -> None:
        self.clock = clock
        self.closing = asyncio.Event()
        """Set when the process ends: calls that a fault holds back stop waiting."""
        self.coop = False
        """Consent pages send `Cross-Origin-Opener-Policy: same-origin`, which severs the opener."""
        self.people: dict[str, Person] = {}
        self.ledger = Ledger()
        self.faults = Faults()
        self._seed = seed
        self._resets = 0
        self.reset()

    def reset(self) -> None:
        """Set everything back to the start, except the clock, which other processes may share.

        Ids and tokens do not repeat: a token from before the reset must not work for somebody else.
        """
        self._random = random.Random(f"{self._seed}/{self._resets}")  # noqa: S311 - repeatable on purpose
        self._resets += 1
        self.coop = False
        self.people = {person.name: person for person in READY_MADE}
        self.ledger.clear()
        self.faults.clear()

    def add_person(self, person: Person) -> Person:
        """Add a person and give them a number. Raises ValueError when the name is taken or cannot stand in a path."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", person.name):
            raise ValueError("A person's name is 1 to 40 of a-z, 0-9, - and _, such as ada or brand-7.")
        if person.name in self.people:
            raise ValueError(f"There is a person {person.name} already.")
        numbered = replace(person, number=len(self.people) + 1)
        self.people[person.name] = numbered
        return numbered

    def letters(self, length: int) -> str:
        """So many unpredictable-looking letters and digits."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=length))

    def digits(self, length: int) -> str:
        """So many digits, the first not zero."""
        return str(self._random.randint(10 ** (length - 1), 10**length - 1))

    def hex(self, length: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))

    async def pause(self, seconds: float) -> None:
        """Wait on purpose, but not beyond the end of the process, nor beyond the disarming of all faults."""
        ends = [asyncio.create_task(event.wait()) for event in (self.closing, self.faults.released)]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in ends:
            each.cancel()
