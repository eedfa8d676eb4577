"""A platform in memory that knows what it issued, and fails, crashes or falls silent as it is told."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symphony_connect.clock import DAY, HOUR
from symphony_connect.model import AdAccount, Grant, Identity, Inspection, Reason, Secret
from symphony_connect.platforms import base

NAME = "scripted"


class Crash(BaseException):
    """The process is gone: nothing after this runs."""


@dataclass
class Issued:
    person: str
    expires_at: int
    refresh: str
    spent: bool = False


@dataclass
class World:
    """What the platform remembers. `mood` is how it meets the next renewal."""

    now: int = 1_800_000_000_000
    mood: str = "well"
    gone: set[str] = field(default_factory=set)
    issued: dict[str, Issued] = field(default_factory=dict)
    by_refresh: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def issue(self, person: str) -> Grant:
        self.gone.discard(person)
        return self._grant(person)

    def _grant(self, person: str) -> Grant:
        number = next(self.numbers)
        access, refresh, end = f"access-{number}", f"refresh-{number}", self.now + DAY
        self.issued[access] = Issued(person, end, refresh)
        self.by_refresh[refresh] = access
        return Grant(Secret(access), Secret(refresh), end, self.now + 365 * DAY)

    def rotate(self, refresh: str) -> Grant:
        old = self.issued[self.by_refresh[refresh]]
        if old.spent or old.person in self.gone:
            raise base.TokenRefused("the refresh token is no good", Reason.REVOKED)
        old.spent = True
        return self._grant(old.person)

    def works(self, access: str) -> bool:
        token = self.issued[access]
        return token.person not in self.gone and token.expires_at > self.now

    def renewable(self, grant: Grant) -> bool:
        """Whether the refresh token of this grant would be taken."""
        token = self.issued[grant.access_token.reveal()]
        return grant.refresh_token is not None and not token.spent and token.person not in self.gone


class Scripted:
    name: ClassVar[str] = NAME
    display_name: ClassVar[str] = "Scripted"
    login_name: ClassVar[str] = "Scripted"
    token_type: ClassVar[str] = "token"
    notes: ClassVar[str] = ""
    verify_every: ClassVar[int] = 6 * HOUR
    asks_add_up: ClassVar[bool] = False
    login_lists_accounts: ClassVar[bool] = False
    scopes: tuple[str, ...] = ()
    missing_settings: tuple[str, ...] = ()
    nearly_limited = False

    def __init__(self, world: World) -> None:
        self.world = world

    async def extend(self, grant: Grant) -> Grant:
        return grant

    async def inspect(self, grant: Grant) -> Inspection:
        if self.world.mood == "away":
            raise base.Unavailable("no answer")
        token = self.world.issued[grant.access_token.reveal()]
        if token.person in self.world.gone:
            raise base.TokenRefused("removed", Reason.APP_REMOVED)
        if token.expires_at <= self.world.now:
            raise base.TokenRefused("expired", Reason.EXPIRED)
        return Inspection(Identity(token.person, token.person.title()), grant)

    def renew_at(self, grant: Grant, issued_at: int) -> int | None:
        if grant.refresh_token is None or grant.expires_at is None:
            return None
        return grant.expires_at - max(grant.expires_at - issued_at, 0) // 3

    def rotates(self, grant: Grant) -> bool:
        return grant.refresh_token is not None

    async def renew(self, grant: Grant) -> Grant:
        assert grant.refresh_token is not None
        mood = self.world.mood
        if mood == "crash_before":
            raise Crash
        if mood == "away":
            raise base.Unavailable("no connection")
        if mood == "limited":
            raise base.RateLimited("slow down", retry_at=self.world.now + 60_000)
        if mood == "misconfigured":
            raise base.Misconfigured("wrong secret")
        if mood == "lost_before":
            raise base.OutcomeUnknown("sent, never answered")
        new = self.world.rotate(grant.refresh_token.reveal())
        if mood == "crash_after":
            raise Crash
        if mood == "lost_after":
            raise base.OutcomeUnknown("answered, never heard")
        return new

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return [AdAccount("1", "One", "active")]

    async def revoke(self, grant: Grant) -> None:
        self.world.gone.add(self.world.issued[grant.access_token.reveal()].person)
