"""The ad accounts that a grant reaches: all, some, or not known now."""

from __future__ import annotations

from symphony_connect.base.model import AdAccount, Grant
from symphony_connect.platforms.base import PartlyListed, Platform, PlatformError


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
