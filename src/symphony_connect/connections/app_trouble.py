"""Whether a refusal means our app, not the owner's token: the app is asked before a connection is lost.

Platforms refuse a whole app in the same codes as one person's token. No owner can help with that, so
connections stay as they are, the operator sees it, and what was lost shortly before is checked again.
"""

from __future__ import annotations

import structlog

from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.connections import sql
from symphony_connect.connections.lease import within_lease
from symphony_connect.core import Core
from symphony_connect.platforms.base import (
    Misconfigured,
    PermissionRefused,
    Platform,
    PlatformError,
    RateLimited,
    Rejected,
    TokenRefused,
    Unavailable,
)
from symphony_connect.store.db import Row

AGAIN = MINUTE
"""Milliseconds between two checks of an app that its platform refuses."""
MANY, WITHIN = 10, 10 * MINUTE
"""So many people whose tokens are refused within this time are a sign that something else is wrong."""
HOLD = HOUR
"""How long no further connection is lost after such a sign. The next hold begins a day later at the earliest."""
BETWEEN_HOLDS = 24 * HOUR
BEFORE = HOUR
"""A connection lost up to this long before the app was found refused is checked again afterwards."""

log = structlog.get_logger()


class Held(Unavailable):
    """Refused together with many others: nothing is concluded from it yet."""


async def whose(core: Core, platform: Platform, error: PlatformError) -> PlatformError:
    """The error as it stands when it is about the token; Misconfigured when the platform refuses our app.

    Unavailable or RateLimited when the platform could not be asked, or when many are refused at once.
    """
    if isinstance(error, Misconfigured):
        await note(core, platform, error)
    if not isinstance(error, TokenRefused | PermissionRefused | Rejected) or not error.could_be_app:
        return error
    if isinstance(error, Rejected) and error.problem == "platform_refused":
        return error
    known = await _trouble(core, platform)
    now = core.clock()
    if known and known["refused_at"] is not None and 0 <= now - known["asked_at"] < AGAIN:
        return Misconfigured(known["message"], code=error.code, subcode=error.subcode)
    if refusal := await _asked(core, platform):
        return refusal
    return Held("many people's tokens are refused at once") if await _hold(core, platform, known) else error


async def look(core: Core, name: str) -> None:
    """Ask about an app that was refused, once a minute over all processes, until the platform accepts it."""
    platform, now = core.platform(name), core.clock()
    known = await _trouble(core, platform)
    if not known or known["refused_at"] is None or 0 <= now - known["asked_at"] < AGAIN:
        return
    async with core.store.writing() as tx:
        if not await tx.one(sql.app_ask, platform=name, now=now, before=now - AGAIN):
            return
    await _asked(core, platform)


async def note(core: Core, platform: Platform, error: PlatformError) -> None:
    """Store that the platform refuses our app; logged once, when it begins."""
    async with core.store.writing() as tx:
        known = await tx.one(sql.app_trouble, platform=platform.name)
        await tx.run(sql.app_refused, platform=platform.name, now=core.clock(), message=error.message)
    if not known or known["refused_at"] is None:
        log.error("platform.app_refused", platform=platform.name, message=error.message, code=error.code)


async def troubles(core: Core) -> dict[str, Row]:
    """By platform: `refused_at`, `message` and `held_until`, only where something is wrong now."""
    async with core.store.reading() as tx:
        return {row["platform"]: row for row in await tx.all(sql.app_troubles, now=core.clock())}


async def _trouble(core: Core, platform: Platform) -> Row | None:
    async with core.store.reading() as tx:
        return await tx.one(sql.app_trouble, platform=platform.name)


async def _asked(core: Core, platform: Platform) -> PlatformError | None:
    """None when the platform accepts our app; else why that is not known, or Misconfigured."""
    try:
        await within_lease(platform.check_app())
    except (Unavailable, RateLimited) as error:
        return error
    except PlatformError as error:
        refused = Misconfigured(error.message, code=error.code, subcode=error.subcode)
        await note(core, platform, refused)
        return refused
    await _accepted(core, platform)
    return None


async def _accepted(core: Core, platform: Platform) -> None:
    known = await _trouble(core, platform)
    if not known or known["refused_at"] is None:
        return
    async with core.store.writing() as tx:
        await tx.run(sql.app_accepted, platform=platform.name)
        since = known["refused_at"] - BEFORE
        await tx.run(sql.lost_due, platform=platform.name, since=since, now=core.clock())
    log.warning("platform.app_accepted", platform=platform.name, since=known["refused_at"])


async def _hold(core: Core, platform: Platform, known: Row | None) -> bool:
    """Whether so many are refused at once that nobody is lost now."""
    now, held = core.clock(), (known["held_until"] if known else None) or 0
    if now < held:
        return True
    if now < held + BETWEEN_HOLDS:
        return False
    async with core.store.writing() as tx:
        lost = await tx.one(sql.people_lost, platform=platform.name, since=now - WITHIN, most=MANY)
        if lost is None or lost["people"] < MANY:
            return False
        await tx.run(sql.losses_hold, platform=platform.name, until=now + HOLD)
        await tx.run(sql.lost_due, platform=platform.name, since=now - WITHIN, now=now + HOLD // 2)
    log.error("platform.many_refused", platform=platform.name, people=MANY, minutes=WITHIN // MINUTE)
    return True
