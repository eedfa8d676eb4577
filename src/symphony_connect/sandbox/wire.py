"""HTTP rules of the control API: JSON, from this machine or with a token; a refusal is a sentence."""

from __future__ import annotations

import functools
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symphony_connect.base.config import LOOPBACK

Endpoint = Callable[[Request], Awaitable[Response]]
Order = TypeVar("Order")
TOKEN_LENGTH = 16
"""Characters that a control token has at least."""


class Refused(Exception):
    """A refused request. Its message says why, and what to do."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Guard:
    """Who may use the control API: clients on this machine, and those that show the token.

    A loopback `Host` from a loopback address needs no token, which keeps out web pages whose DNS name points here.
    """

    token: str = field(default="", repr=False)
    """At least TOKEN_LENGTH characters; empty: nobody from elsewhere."""
    hosts: tuple[str, ...] = ()
    """Names beside the loopback ones that `Host` may have, such as a container's."""

    def check(self, request: Request) -> None:
        """Raises Refused."""
        host = _host(request)
        if host not in (*LOOPBACK, *self.hosts):
            names = " and ".join(("127.0.0.1 and localhost", *self.hosts))
            raise Refused(
                f"The control API answers to {names} only; call it by one of these, or add --control-host.", 403
            )
        if host in LOOPBACK and request.client and _is_here(request.client.host):
            return
        if not self.token:
            raise Refused("The control API answers this machine only; start the sandbox with --control-token.", 403)
        sent = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(sent.encode(), self.token.encode()):
            raise Refused("Send the sandbox's --control-token: Authorization: Bearer TOKEN.", 401)


def guarded(endpoint: Endpoint, guard: Guard) -> Endpoint:
    """The endpoint for those whom the guard lets in."""

    @functools.wraps(endpoint)
    async def guarding(request: Request) -> Response:
        try:
            guard.check(request)
            return await endpoint(request)
        except Refused as refusal:
            return JSONResponse({"error": str(refusal)}, refusal.status)

    return guarding


async def read(request: Request, kind: type[Order]) -> Order:
    """The body as `kind`. A page of another origin cannot send this content type without CORS permission."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("Send JSON with the header Content-Type: application/json.", 415)
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"The body is not what is expected here: {error}.") from error


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _host(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None
