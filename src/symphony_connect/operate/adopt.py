"""Moves existing tokens in: each row of a file is asked about at its platform, reported, and connected.

A row is connected in one transaction or not at all, so the same file can be read again after a stop.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.base.errors import Code, Problem
from symphony_connect.base.model import AdAccount, Grant, Identity, Status
from symphony_connect.connections import adopted, app_trouble, connect, listing, refusals
from symphony_connect.connections.brought import unprovable
from symphony_connect.connections.connect import Registration
from symphony_connect.connections.connection import Connection, find_or_none
from symphony_connect.connections.failures import problem_of
from symphony_connect.core import Core
from symphony_connect.operate.adoption_file import Checked, File, Row, rows
from symphony_connect.platforms.base import OneLimited, Platform, PlatformError, RateLimited, Rejected, TokenRefused

ACTOR = "brands adopt"
"""How events name who connected it."""
AT_ONCE = 8
"""Rows that are under way at the same time."""
LONGEST_WAIT = MINUTE
"""Milliseconds after which the pace is looked at again."""

Result = Literal["good", "renewable", "adopted", "connected", "unverified", "repeated", "refused"]
RIGHT = frozenset({"good", "renewable", "adopted", "connected", "repeated"})
"""Results that leave nothing to do."""
STOPS: frozenset[Code] = frozenset({"not_configured", "platform_misconfigured"})
"""Errors of the platform's app: every other row of the platform would meet them too."""
OWNERS: frozenset[Code] = frozenset(
    {"token_refused", "token_of_other_app", "token_kind_refused", "permissions_missing"}
)
"""Errors that only the brand's owner can put right."""
RENEWED = "its refresh token is used when it is adopted, not now"
LATER = "kept sealed; the platform cannot be reached now, and the worker asks it again"
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Outcome:
    """What became of one row, or would. Times are milliseconds since the epoch. It holds no token."""

    row: int
    brand_id: int
    platform: str
    result: Result
    message: str = ""
    code: str | None = None
    identity: Identity | None = None
    scopes: tuple[str, ...] | None = None
    missing_scopes: tuple[str, ...] = ()
    ad_accounts: int | None = None
    expires_at: int | None = None


Wait = Callable[[int], Awaitable[None]]
"""Waits for so many milliseconds."""


@dataclass
class Adoption:
    """One reading of a file, in one workspace."""

    core: Core
    workspace_id: str
    file: File
    checked: Checked
    wait: Wait
    dry: bool

    def __post_init__(self) -> None:
        self._caller = Caller(self.workspace_id, ACTOR, "secret", frozenset(), ())
        self._stopped: dict[str, Problem] = {}
        self.counts: Counter[str] = Counter()

    async def run(self, report: Callable[[Outcome], None], progress: Callable[[int, int], None]) -> None:
        """Report row by row, in the order of the file.

        When it is cancelled, rows under way are finished and reported first: a refresh token that works once
        may be spent already. Raises BadFile and StoreUnavailable.
        """
        source = rows(self.file)
        while batch := list(itertools.islice(source, AT_ONCE)):
            tasks = [asyncio.create_task(self._one(row)) for row in batch]
            try:
                await asyncio.wait(tasks)
            finally:
                await asyncio.wait(tasks)
                for task in tasks:
                    if not task.cancelled() and not task.exception():
                        self._note(task.result(), report, progress)
            for task in tasks:
                task.result()

    def _note(self, outcome: Outcome, report: Callable[[Outcome], None], progress: Callable[[int, int], None]) -> None:
        self.counts[outcome.result] += 1
        report(outcome)
        progress(self.counts.total(), self.checked.rows)

    async def _one(self, row: Row) -> Outcome:
        if before := self.checked.repeated.get(row.number):
            return _outcome(row, "repeated", f"says what row {before} says")
        try:
            if problem := self._stopped.get(row.platform):
                raise problem
            platform = self.core.configured(row.platform)
            try:
                return await self._known(platform, row) or await (self._look if self.dry else self._adopt)(row)
            except PlatformError as error:
                raise problem_of(error, platform, self.core.clock()) from error
        except Problem as problem:
            if problem.code in STOPS:
                self._stopped[row.platform] = problem
            return _outcome(row, "refused", _advice(problem), code=problem.code)

    async def _known(self, platform: Platform, row: Row) -> Outcome | None:
        """For a brand whose connection works, or waits for its platform: nothing is changed. None for another.

        Raises Problem `identity_mismatch` and PlatformError.
        """
        before = await find_or_none(self.core, self.workspace_id, row.brand_id, row.platform)
        if before is None or before.status is Status.NEEDS_RECONNECT:
            return None
        if await adopted.was_from(self.core, before.id, row.access_token):
            if before.status is Status.UNVERIFIED:
                return _of(row, before, "unverified", LATER)
            return _of(row, before, "connected", "already, from this token")
        if before.status is Status.UNVERIFIED:
            return None
        try:
            found = await self._asked(row, lambda: platform.inspect(self._grant(row)))
        except (TokenRefused, Rejected):
            return _of(row, before, "connected", "already; this row's token is not accepted, and not needed")
        if before.identity and found.identity.id != before.identity.id:
            raise refusals.identity_mismatch(row.brand_id, before.identity, found.identity)
        return _of(row, before, "connected", "already, as the same; left as it is")

    async def _look(self, row: Row) -> Outcome:
        """Ask whose token it is and what it may do. A refresh token is not used: it may work once."""
        platform = self.core.platform(row.platform)
        try:
            found = await self._asked(row, lambda: self._found(platform, row))
        except TokenRefused:
            if row.refresh_token is None:
                raise
            return _outcome(row, "renewable", f"the access token has ended; {RENEWED}")
        if not platform.tells_whose_app and row.refresh_token is None:
            raise unprovable(platform)
        connect.refuse_useless(platform, found)
        inspection = found.inspection
        proven = platform.tells_whose_app
        return _outcome(
            row,
            "good" if proven else "renewable",
            ". ".join(filter(None, ("" if proven else RENEWED, _not_reached(row, found.accounts)))),
            identity=inspection.identity,
            scopes=inspection.grant.scopes,
            missing_scopes=inspection.missing_scopes,
            ad_accounts=None if found.accounts is None else len(found.accounts),
            expires_at=inspection.grant.expires_at,
        )

    async def _found(self, platform: Platform, row: Row) -> connect.Found:
        inspection = await platform.inspect(self._grant(row))
        accounts, _ = await listing.list_accounts(platform, inspection.grant)
        return connect.Found(inspection, accounts)

    async def _adopt(self, row: Row) -> Outcome:
        ends = self._ends(row)
        # 0 would be no known end.
        seconds = None if ends is None else ((ends - self.core.clock()) // SECOND or -1)
        ask = Registration(
            row.brand_id,
            row.platform,
            row.access_token,
            row.refresh_token,
            seconds,
            row.name,
            adopted=True,
            ad_accounts=row.ad_accounts,
        )
        made = await self._paced(lambda: connect.register(self.core, self._caller, ask))
        if made.waiting:
            return _of(row, made, "unverified", LATER)
        return _of(row, made, "adopted", _not_reached(row, made.ad_accounts))

    async def _asked(self, row: Row, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """A platform's answer, at its pace. Raises PlatformError: Misconfigured where our app is what it refuses."""

        async def paced() -> Answer:
            async with adopted.pace(self.core, row.platform):
                return await ask()

        try:
            return await self._paced(paced)
        except PlatformError as error:
            raise await app_trouble.whose(self.core, self.core.platform(row.platform), error) from None

    async def _paced(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The same call again, as often as the platform wants none yet."""
        while True:
            try:
                return await ask()
            except OneLimited:
                raise
            except RateLimited as limited:
                until = limited.retry_at or 0
                await self.wait(min(max(until - self.core.clock(), SECOND), LONGEST_WAIT))

    def _grant(self, row: Row) -> Grant:
        return Grant(row.access_token, row.refresh_token, self._ends(row))

    def _ends(self, row: Row) -> int | None:
        return row.expires_at or (self.core.clock() + row.expires_in * SECOND if row.expires_in else None)


def _of(row: Row, connection: Connection, result: Result, message: str = "") -> Outcome:
    return _outcome(
        row,
        result,
        message,
        identity=connection.identity,
        scopes=connection.scopes,
        missing_scopes=connection.missing_scopes,
        ad_accounts=connection.used_count,
        expires_at=connection.expires_at,
    )


def _outcome(row: Row, result: Result, message: str = "", **found: Any) -> Outcome:
    return Outcome(row.number, row.brand_id, row.platform, result, message, **found)


def _not_reached(row: Row, accounts: tuple[AdAccount, ...] | None) -> str:
    found = adopted.reached(row.ad_accounts or (), accounts)
    left = len(row.ad_accounts or ()) - len(found)
    return f"{left} of its adAccountIds cannot be reached with this token" if left > 0 else ""


def _advice(problem: Problem) -> str:
    """What is wrong, and what to do, for somebody who has a file and no request."""
    if problem.code == "identity_mismatch":
        kept = problem.message.partition(" Nothing was changed")[0]
        return f"{kept} Leave the row out, or disconnect the brand there first."
    todo = "Let the owner sign in: POST /connect-sessions makes the link."
    return f"{problem.message} {todo}" if problem.code in OWNERS else problem.message
