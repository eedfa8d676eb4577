"""A process's clock, compared with the database's, other processes' and the platforms' own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from symphony_connect.base.clock import MINUTE, SECOND, Clock, FileClock, system_clock

MARGIN = 10 * MINUTE + 30 * SECOND
"""How far clocks may differ: no token this close to its end is served, so nothing goes wrong until then."""
FRESH = 600.0
"""Seconds for which the time in a platform's answer is used."""


class WatchedClock:
    """Milliseconds since the epoch: the process's own clock, or the time that the others agree on when it is `off`.

    A process whose clock is off must renew and check nothing, and say so; the times it stores are right all the same.
    Offsets are milliseconds that another clock is ahead of this one.
    """

    def __init__(self, own: Clock = system_clock, elapsed: Callable[[], float] = time.monotonic) -> None:
        self.own = own
        self._elapsed = elapsed
        self._platforms: dict[str, tuple[float, int]] = {}
        self._database: int | None = None
        self._processes: int | None = None
        self._alone = 0
        self.others_off: list[int] = []
        self._asked = self._said = -math.inf
        self._offset, self._offset_until = 0, -math.inf

    @property
    def moved_by_hand(self) -> bool:
        """Whether a file moves it (development): then the database's clock, which stays, says nothing about it."""
        return isinstance(self.own, FileClock)

    def __call__(self) -> int:
        offset = self.offset
        return self.own() + (offset if abs(offset) > MARGIN else 0)

    def unmoved(self) -> int:
        """The same without what a file adds (development): people's browsers do not move with that clock."""
        return self() - (self.own.offset() if isinstance(self.own, FileClock) else 0)

    @property
    def compared(self) -> bool:
        """Whether it was compared with the database's, or with other processes', at all."""
        return self._database is not None or self._processes is not None

    @property
    def off(self) -> bool:
        return abs(self.offset) > MARGIN

    @property
    def offset(self) -> int:
        """Of the clock that is right. Two that agree are; of two that differ, this process's own is not.

        A platform outweighs the database, unless the database agrees with this process.
        """
        now = self._elapsed()
        if now >= self._offset_until:  # nothing was said since, and nothing that was said is too old by now
            self._offset = self._offset_at(now)
            said = [at + FRESH for at, _ in self._platforms.values() if now - at < FRESH]
            self._offset_until = min(said, default=math.inf)
        return self._offset

    def _offset_at(self, now: float) -> int:
        stored = self._database if self._database is not None else self._processes
        recent = [offset for at, offset in self._platforms.values() if now - at < FRESH]
        found = [min(recent, key=abs)] if recent else []
        found += [stored] if stored is not None else []
        return min(found[:1] if self._database is None else found, key=abs, default=0)

    def platform_said(self, host: str, date: str, began: int, ended: int) -> None:
        """Note an answer's `Date` (RFC 9110), of a call that lasted from `began` to `ended` by the own clock."""
        try:
            said = round(parsedate_to_datetime(date).timestamp() * SECOND)
        except (ValueError, OverflowError):
            return
        # Whole seconds; and a clock that was moved during the call is right by both its readings.
        self._offset_until = -math.inf
        low, high = min(began, ended) - SECOND, max(began, ended)
        self._platforms[host] = self._elapsed(), said - low if said < low else max(said - high, 0)

    def database_said(self, now: int, others: list[int]) -> None:
        """Note the database's time, and how far the clocks of `others` are ahead of it."""
        self._offset_until = -math.inf
        ahead = self.own() - now
        self.others_off = [other - ahead for other in others if abs(other - ahead) > MARGIN]
        if not self.moved_by_hand:
            self._database = -ahead
        else:
            # All that share the file agree. Whoever is further from the database than another has moved alone.
            lead = min([*others, ahead], key=abs) - ahead
            self._alone = self._alone + 1 if abs(lead) > MARGIN else 0
            # The file was just moved, and the others have not reported since: this ends when they do.
            if self._processes is None or self._alone not in (1, 2):
                self._processes = lead

    def ask_again(self) -> bool:
        """Whether a minute has passed since the platforms were last asked for their time; counts as asking."""
        due = self._elapsed() - self._asked >= MINUTE / SECOND
        self._asked = self._elapsed() if due else self._asked
        return due

    def say_again(self) -> bool:
        """The same for telling the operator."""
        due = self._elapsed() - self._said >= MINUTE / SECOND
        self._said = self._elapsed() if due else self._said
        return due
