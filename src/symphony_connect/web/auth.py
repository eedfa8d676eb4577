"""Who is asking: `x-api-key`, its scopes, and the origin of the page it came from."""

from __future__ import annotations

import json
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import APIKeyHeader

from symphony_connect.access import api_keys, sql
from symphony_connect.access.api_keys import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.store.db import Row

log = structlog.get_logger()

header = APIKeyHeader(
    name="x-api-key",
    auto_error=False,
    scheme_name="ApiKey",
    description="A secret key (`sym_sk_…`), or for registering a token a publishable one (`sym_pk_…`).",
)


def core_of(request: Request) -> Core:
    core: Core = request.app.state.core
    return core


TheCore = Annotated[Core, Depends(core_of)]


def key_sent(request: Request) -> str:
    """The well-formed key of a request. Raises Problem before the store is asked."""
    key = request.headers.get("x-api-key", "").strip()
    if not key and request.url.path == "/metrics":
        # What scrapes can be set up to send a bearer token everywhere, another header not everywhere.
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = value.strip() if scheme.lower() == "bearer" else ""
    if not key:
        raise Problem("key_required", "Send your API key in the header x-api-key.")
    if api_keys.kind_of(key) is None:
        raise Problem("invalid_key", "This is not an API key of ours: it is cut off or mistyped.")
    return key


def caller_of(row: Row | None, prefix: str = "") -> Caller:
    """The caller that a row of `api_keys` (or of a join with it) names. Raises Problem `invalid_key`."""
    if row is None:
        raise Problem("invalid_key", "This API key is unknown, expired or revoked.")
    return Caller(
        workspace_id=row[f"{prefix}workspace_id"],
        key_id=row[f"{prefix}id"],
        kind=row[f"{prefix}kind"],
        scopes=frozenset(json.loads(row[f"{prefix}scopes"])),
        origins=tuple(json.loads(row[f"{prefix}origins"])),
    )


async def find_caller(core: Core, key: str) -> Caller:
    async with core.store.reading() as tx:
        return caller_of(await tx.one(sql.key_by_hash, hash=fingerprint(key), now=core.clock()))


def check_origin(core: Core, caller: Caller, request: Request) -> None:
    """A page may use a key only from an allowed origin, and a secret one only in development."""
    origin = request.headers.get("origin")
    if origin is None or origin == core.settings.public_url:
        return
    if not caller.publishable:
        if core.settings.production:
            raise Problem(
                "secret_key_in_browser",
                "This is a secret key, and it came from a browser, where anybody can read it. Revoke it, "
                "and use a publishable key or SymphonyConnect.connect.",
            )
        log.warning("secret_key_in_browser", key=caller.key_id, origin=origin[:200])
    if not origin_allowed(core, caller, origin):
        raise Problem(
            "origin_not_allowed", f"Pages of {origin[:200]} may not use this service; see SYMPHONY_ALLOWED_ORIGINS."
        )


def origin_allowed(core: Core, caller: Caller, origin: str) -> bool:
    """A key's own origins replace the server's list for it."""
    return origin in caller.origins if caller.origins else core.settings.origin_allowed(origin)


def check_scope(caller: Caller, scope: str) -> None:
    if caller.publishable:
        raise Problem("missing_scope", "A publishable key can only start sign-ins and register their tokens.")
    if scope not in caller.scopes:
        raise Problem("missing_scope", f"This key lacks the scope {scope}.")


class Needs:
    """FastAPI dependency: the caller, who must have this scope."""

    def __init__(self, scope: str, *, publishable: bool = False) -> None:
        self.scope = scope
        self.publishable = publishable

    async def __call__(self, request: Request, core: TheCore, _: Annotated[Any, Depends(header)]) -> Caller:
        caller = await find_caller(core, key_sent(request))
        request.scope["key_id"] = caller.key_id
        check_origin(core, caller, request)
        if not (caller.publishable and self.publishable):
            check_scope(caller, self.scope)
        return caller
