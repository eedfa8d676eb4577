"""The ad accounts that a grant reaches: all, some, or not known now."""

from __future__ import annotations

from dataclasses import replace

from symphony_connect.base.clock import MINUTE
from symphony_connect.base.model import AdAccount, Grant
from symphony_connect.platforms.base import LISTED_TO, PartlyListed, Platform, PlatformError

AGAIN = 10 * MINUTE
"""When the worker verifies a connection whose ad accounts could not all be listed, and goes on with them."""


async def list_accounts(
    platform: Platform, grant: Grant, before: tuple[AdAccount, ...] | None = None
) -> tuple[tuple[AdAccount, ...] | None, PlatformError | None]:
    """The ad accounts, or those of them that could be listed, with those known `before`; None when not known.

    With it what was in the way. A list that is refused says nothing about the token.
    """
    try:
        return tuple(await platform.ad_accounts(grant)), None
    except PartlyListed as error:
        listed = {account.id: account for account in (*(before or ()), *error.accounts)}
        return tuple(listed.values()), error
    except PlatformError as error:
        return None, error


def ran_out(error: PlatformError | None) -> bool:
    """Whether a later call must continue the list from where it stopped."""
    return isinstance(error, PartlyListed) and bool(error.place)


def placed(grant: Grant, error: PlatformError | None) -> Grant:
    """The grant to store after its ad accounts were listed: with the place where that stopped, or without one."""
    if error is not None and not isinstance(error, PartlyListed):
        return grant
    extra = {name: value for name, value in grant.extra.items() if name != LISTED_TO}
    place = error.place if error else ""
    return replace(grant, extra=extra | ({LISTED_TO: place} if place else {}))
