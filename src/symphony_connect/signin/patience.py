"""Questions about a token that was just issued, asked again when the platform is busy for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from symphony_connect.base.clock import SECOND
from symphony_connect.base.model import AdAccount, Grant
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform, PlatformError, RateLimited, Unavailable

T = TypeVar("T")
PAUSES = (0.5, 1.5)
"""Seconds before a question about a token that was just issued is asked again."""
PATIENCE = 5 * SECOND


async def listed(core: Core, platform: Platform, grant: Grant) -> list[AdAccount] | None:
    """The ad accounts; None when they cannot be listed now, for the token is good without them."""
    try:
        return await patiently(core, lambda: platform.ad_accounts(grant))
    except PlatformError:
        return None


async def patiently(core: Core, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again when the platform is busy: the code is spent, and with this answer its token would be lost.

    Not where the platform wants a longer pause, nor after a long wait for nothing: a person waits for the page.
    """
    begun = core.clock()
    for pause in PAUSES:
        try:
            return await ask()
        except (RateLimited, Unavailable) as error:
            if core.clock() - begun > PATIENCE or (error.retry_at or 0) - core.clock() > PATIENCE:
                raise
            await asyncio.sleep(pause)
    return await ask()
