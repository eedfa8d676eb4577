"""What a request says about who asks: its API key and the origin of its page. The rules are in `access/`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader

from symphony_connect.access.api_keys import Scope
from symphony_connect.access.caller import Caller, check_scope, find_caller
from symphony_connect.access.origins import check_origin
from symphony_connect.core import Core

header = APIKeyHeader(
    name="x-api-key",
    auto_error=False,
    scheme_name="ApiKey",
    description="A secret key (`sym_sk_…`), or for registering a token a publishable one (`sym_pk_…`).",
)


def core_of(request: Request) -> Core:
    core: Core = request.app.state.core
    return core


async def _core_of(request: Request) -> Core:
    """The same as a coroutine: FastAPI calls a plain function in a thread, which costs more than it does."""
    return core_of(request)


TheCore = Annotated[Core, Depends(_core_of)]


def key_of(request: Request) -> str:
    """The key that the request carries, unchecked; empty without one."""
    key = request.headers.get("x-api-key", "").strip()
    if not key and request.url.path == "/metrics":
        # Scrapers can send a bearer token everywhere, and another header not everywhere.
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = value.strip() if scheme.lower() == "bearer" else ""
    return key


class Needs:
    """FastAPI dependency: the caller, who must have this scope. Asked once for each request."""

    def __init__(self, scope: Scope, *, publishable: bool = False) -> None:
        self.scope = scope
        self.publishable = publishable

    async def __call__(self, request: Request, core: TheCore, _: Annotated[Any, Depends(header)]) -> Caller:
        if (known := request.scope.get("caller")) is not None:
            checked: Caller = known
            return checked
        caller = await find_caller(core, key_of(request))
        request.scope["key_id"] = caller.key_id
        check_origin(core.settings, caller, request.headers.get("origin"))
        if not (caller.publishable and self.publishable):
            check_scope(caller, self.scope)
        request.scope["caller"] = caller
        return caller
