"""Processes that can die at every step, on a loop whose time passes only while nobody has anything to do.

A process that dies raises `Crash` from each of its calls to the store or the platform from then on. So all
its tasks end by themselves, transactions are rolled back as the database would, and nothing of it goes on
behind the test's back. They are not cancelled: that would end the drivers' own tasks with them.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

from symphony_connect.store.db import Store, Transaction
from symphony_connect.store.look_ups import Found, Question
from symphony_connect.store.statements import One

_AT_DATABASE = ContextVar("at_database", default=False)


class Crash(BaseException):
    """The process is gone: nothing after this runs."""


class Life:
    """Of one process. `fuse` is after how many more steps it dies; None for never."""

    def __init__(self) -> None:
        self.dead = False
        self.fuse: int | None = None

    def step(self) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            self.dead = self.dead or self.fuse < 0
        if self.dead:
            raise Crash

    def die(self) -> None:
        self.dead = True
        raise Crash


class LeapingLoop(asyncio.SelectorEventLoop):
    """Waits for a database as long as that takes, and for nothing else.

    Those who wait for the hour, such as a reader for the lease of a process that died, would wait by the
    machine's clock for a world whose clock stands still: here both leap to the moment they wait for.
    """

    def __init__(self, leapt: Callable[[int], None]) -> None:
        self._moment = 0.0
        self._busy = 0
        self._leapt = leapt
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return self._moment

    def create_task(self, work: Any, **more: Any) -> asyncio.Task[Any]:
        """What a driver begins on its own, such as another connection, is the database's work too."""
        task = super().create_task(work, **more)
        if _AT_DATABASE.get():
            self._busy += 1
            task.add_done_callback(self._over)
        return task

    def _over(self, _: asyncio.Task[Any]) -> None:
        self._busy -= 1

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While a database is at it no time passes."""
        self._busy += 1
        before = _AT_DATABASE.set(True)
        try:
            yield
        finally:
            _AT_DATABASE.reset(before)
            self._busy -= 1

    def before_waiting(self, seconds: float | None) -> float | None:
        """How long to wait in truth where the next timer is that many seconds away, None where there is none."""
        if seconds is not None and seconds <= 0:
            return seconds
        if self._busy:
            return None
        if seconds is None:
            raise RuntimeError("everybody waits for somebody else")
        self._moment += seconds
        self._leapt(math.ceil(seconds * 1000))
        return 0


class _LeapingSelector(selectors.DefaultSelector):
    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        return super().select(self.loop.before_waiting(timeout))


class MortalStore:
    """The real store, one transaction at a time so that every run takes the same turns; a step on each side of it."""

    def __init__(self, store: Store, life: Life, loop: LeapingLoop, turn: asyncio.Lock) -> None:
        self.engine = store.engine
        self.snapshot = store.snapshot
        self._store, self._life, self._loop, self._turn = store, life, loop, turn

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._turn:
            self._life.step()
            with self._loop.busy():
                async with self._store.reading() as tx:
                    yield tx

    async def look_up(self, statement: One, questions: Sequence[Question], now: int) -> list[Found | None]:
        async with self._turn:
            self._life.step()
            with self._loop.busy():
                return await self._store.look_up(statement, questions, now)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        async with self._turn:
            self._life.step()
            with self._loop.busy():
                async with self._store.writing() as tx:
                    yield tx
                    self._life.step()
            self._life.step()
