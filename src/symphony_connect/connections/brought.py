"""Checks a token that a caller registers: it may have ended, or belong to another app."""

from __future__ import annotations

from dataclasses import replace

from symphony_connect.base.model import Grant, Inspection
from symphony_connect.platforms.base import Platform, PlatformError, RateLimited, Rejected, TokenRefused, Unavailable


async def inspect_brought(platform: Platform, grant: Grant) -> Inspection:
    """Inspect it. Its refresh token is used when the access token has ended, or when only that proves whose app it is.

    A refresh token works only for the app that it was issued to (RFC 6749, section 6).
    """
    refused: PlatformError | None = None
    try:
        inspection = await platform.inspect(grant)
        if platform.tells_whose_app:
            return inspection
    except TokenRefused as error:
        refused = error
    if grant.refresh_token is None:
        raise refused or unprovable(platform)
    try:
        new = await platform.renew(grant)
    except TokenRefused as error:
        raise refused or Rejected(error.message, problem="token_of_other_app", code=error.code) from error
    new = replace(new, refresh_token=new.refresh_token or grant.refresh_token)
    try:
        return await platform.inspect(new)
    except (Unavailable, RateLimited) as error:
        error.issued = new
        raise


def unprovable(platform: Platform) -> Rejected:
    name = platform.display_name
    return Rejected(
        f"{name} does not say whose app a token is. Bring its refresh token too, or let the owner sign in here",
        problem="token_of_other_app",
    )
