"""Which pages may use the service: by the settings, or by the origins on a publishable key."""

from __future__ import annotations

import json

import structlog

from symphony_connect.access import sql
from symphony_connect.access.caller import Caller
from symphony_connect.base.config import Settings
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core

log = structlog.get_logger()


def check_origin(settings: Settings, caller: Caller, origin: str | None) -> None:
    """A page may use a key only from an allowed origin, and a secret key only in development.

    `origin` is the request's header; None, from a server, is allowed. Raises Problem
    `secret_key_in_browser` or `origin_not_allowed`.
    """
    if origin is None or origin == settings.public_url:
        return
    if not caller.publishable:
        if settings.production:
            raise Problem(
                "secret_key_in_browser",
                "This is a secret key, and it came from a browser, where anybody can read it. Revoke it, "
                "and use a publishable key or SymphonyConnect.connect.",
            )
        log.warning("secret_key_in_browser", key=caller.key_id, origin=origin[:200])
    if not origin_allowed(settings, caller, origin):
        raise Problem(
            "origin_not_allowed", f"Pages of {origin[:200]} may not use this service; see SYMPHONY_ALLOWED_ORIGINS."
        )


def origin_allowed(settings: Settings, caller: Caller, origin: str) -> bool:
    """A key's own origins replace the server's list for it."""
    return origin in caller.origins if caller.origins else settings.origin_allowed(origin)


async def origin_known(core: Core, origin: str) -> bool:
    """Whether the settings or any publishable key name the origin. Which key may do what is decided later."""
    if core.settings.origin_allowed(origin):
        return True
    async with core.store.reading() as tx:
        rows = await tx.all(sql.keys_with_origins)
    return any(origin in json.loads(row["origins"]) for row in rows)
