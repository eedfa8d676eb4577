"""A platform in memory that knows what it issued, and fails, dies or falls silent as it is told."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.model import AdAccount, Grant, Identity, Inspection, Reason, Secret
from symphony_connect.platforms import base
from tests.properties.process import Life

NAME = "scripted"


@dataclass(eq=False)
class Line:
    """What one sign-in led to: its grant, and each that was given in exchange for the one before."""

    person: str
    tip: str = ""
    """The newest access token."""
    held: str = ""
    """The newest whose answer was heard."""
    dead_at: int | None = None
    note: str = "closed"
    """What the journal must say of it: `open` after a call without an answer, `closed` after one with, or `either`."""
    doubted: bool = False
    """Whether a call had no answer since the last that had."""
    troubled: bool = False
    """Whether a call failed since the last that did not."""

    @property
    def missed(self) -> bool:
        return self.held != self.tip


@dataclass
class Issued:
    line: Line
    expires_at: int
    spent: bool = False
    ended: bool = False


@dataclass
class World:
    """What the platform remembers. `mood` is how it meets the next calls."""

    now: int = 1_800_000_000_000
    mood: str = "well"
    survives: bool = True
    """Whether an access token outlives the exchange of its refresh token."""
    trouble_at: int = 0
    issued: dict[str, Issued] = field(default_factory=dict)
    revoked: list[Line] = field(default_factory=list)
    """What lived until we asked for its end, since this was last looked at."""
    asked: int = 0
    """How many renewals were asked for."""
    tally: Counter[str] = field(default_factory=Counter)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    stuck: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def clock(self) -> int:
        """A millisecond on at each look, so that no two events happen at once."""
        self.now += 1
        return self.now

    def issue(self, person: str) -> Grant:
        line = Line(person)
        grant = self._grant(line)
        line.held = line.tip
        return grant

    def line_of(self, grant: Grant) -> Line:
        return self.issued[grant.access_token.reveal()].line

    def remove(self, person: str) -> list[Line]:
        """The person takes back all that was ever granted; what is granted after that is another matter."""
        lines = {token.line for token in self.issued.values()}
        taken = [line for line in lines if line.person == person and line.dead_at is None]
        for line in taken:
            line.dead_at = self.now
        return taken

    def _grant(self, line: Line) -> Grant:
        number, end = next(self.numbers), self.now + DAY
        line.tip = f"access-{number}"
        self.issued[line.tip] = Issued(line, end)
        return Grant(Secret(line.tip), Secret(f"refresh-{number}"), end, self.now + 365 * DAY)

    def rotate(self, refresh: str) -> Grant:
        old = self.issued[refresh.replace("refresh", "access")]
        if old.spent or old.line.dead_at is not None:
            raise base.TokenRefused("the refresh token is no good", Reason.REVOKED)
        old.spent, old.ended = True, not self.survives
        return self._grant(old.line)

    def works(self, access: str) -> bool:
        token = self.issued[access]
        return token.line.dead_at is None and not token.ended and token.expires_at > self.now

    async def hang(self) -> None:
        """The platform takes its time with this one call, until it is told to go on."""
        self.mood = "well"
        self.stuck.set()
        await self.free.wait()


class Scripted(base.Platform):
    name: ClassVar[str] = NAME
    display_name: ClassVar[str] = "Scripted"
    login_name: ClassVar[str] = "Scripted"
    token_type: ClassVar[str] = "token"
    verify_every: ClassVar[int] = 6 * HOUR
    refresh_tokens_work_once: ClassVar[bool] = True
    scopes: tuple[str, ...] = ()
    missing_settings: tuple[str, ...] = ()
    nearly_limited = False

    def __init__(self, world: World, life: Life | None = None) -> None:
        self.world = world
        self.life = life or Life()

    def authorization_url(self, sign_in: base.SignIn) -> str:
        return sign_in.state

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        raise base.Denied(query["error"])

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:
        raise base.Rejected("nobody signs in here")

    async def check_app(self) -> None:
        """Always well."""

    async def inspect(self, grant: Grant) -> Inspection:
        self.life.step()
        token = self.world.issued[grant.access_token.reveal()]
        if self.world.mood in ("away", "half_away"):
            token.line.troubled = True
            raise self._trouble(base.Unavailable("no answer"))
        if token.line.dead_at is not None:
            raise base.TokenRefused("removed", Reason.APP_REMOVED)
        if not self.world.works(grant.access_token.reveal()):
            raise base.TokenRefused("expired", Reason.EXPIRED)
        self.life.step()
        return Inspection(Identity(token.line.person, token.line.person.title()), grant)

    def renew_at(self, grant: Grant, issued_at: int) -> int | None:
        if grant.refresh_token is None or grant.expires_at is None:
            return None
        return grant.expires_at - max(grant.expires_at - issued_at, 0) // 3

    async def renew(self, grant: Grant) -> Grant:
        """The line learns what was heard of each call, for that is what the service may know of it."""
        self.life.step()
        assert grant.refresh_token is not None
        line = self.world.line_of(grant)
        noted, doubted = line.note, line.doubted
        line.note, line.doubted = "open", True
        try:
            new = await self._answer(grant.refresh_token.reveal())
        except base.OutcomeUnknown:
            line.troubled = True
            raise
        except base.TokenRefused:
            line.note = "either"
            raise
        except base.PlatformError:
            line.note, line.doubted, line.troubled = noted, doubted, True
            raise
        self.life.step()
        line.held, line.note, line.doubted, line.troubled = new.access_token.reveal(), "closed", False, False
        self.world.tally["renewed"] += 1
        return new

    async def _answer(self, refresh: str) -> Grant:
        world, mood = self.world, self.world.mood
        world.asked += 1
        if mood == "stuck_before":
            await world.hang()
        if mood == "crash_before":
            world.tally["died before the call"] += 1
            self.life.die()
        if mood in _FAILURES:
            world.tally[f"renewal: {mood}"] += 1
            raise self._trouble(_FAILURES[mood](mood, retry_at=world.now + MINUTE if mood == "limited" else None))
        new = world.rotate(refresh)
        if mood == "stuck_after":
            await world.hang()
        if mood == "crash_after":
            world.tally["died after the call"] += 1
            self.life.die()
        if mood == "lost_after":
            world.tally["renewal: lost_after"] += 1
            raise self._trouble(base.OutcomeUnknown("answered, never heard"))
        return new

    def _trouble(self, error: base.PlatformError) -> base.PlatformError:
        self.world.trouble_at = self.world.now
        if isinstance(error, base.RateLimited):
            for token in self.world.issued.values():
                token.line.troubled = True  # nobody is asked after for a while
        return error

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return [AdAccount("1", "One", "active")]

    async def revoke(self, grant: Grant) -> None:
        self.life.step()
        if self.world.mood == "away":
            raise base.Unavailable("no answer")
        self.world.revoked += self.world.remove(self.world.line_of(grant).person)
        self.world.tally["revoked upstream"] += 1
        self.life.step()


_FAILURES = {
    "away": base.Unavailable,
    "limited": base.RateLimited,
    "misconfigured": base.Misconfigured,
    "lost_before": base.OutcomeUnknown,
}
