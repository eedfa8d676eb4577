"""HTTP rules of the control API: JSON, from this machine only; a refusal is a sentence."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symphony_connect.base.config import LOOPBACK

Endpoint = Callable[[Request], Awaitable[Response]]
Order = TypeVar("Order")


class Refused(Exception):
    """A refused request. Its message says why, and what to do."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def guarded(endpoint: Endpoint) -> Endpoint:
    """Accepts a loopback `Host` only, which stops web pages whose DNS name points at this machine."""

    @functools.wraps(endpoint)
    async def guard(request: Request) -> Response:
        try:
            if _host(request) not in LOOPBACK:
                raise Refused("The control API answers to 127.0.0.1 and localhost only; call it by one of these.", 403)
            return await endpoint(request)
        except Refused as refusal:
            return JSONResponse({"error": str(refusal)}, refusal.status)

    return guard


async def read(request: Request, kind: type[Order]) -> Order:
    """The body as `kind`. A page of another origin cannot send this content type without CORS permission."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("Send JSON with the header Content-Type: application/json.", 415)
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"The body is not what is expected here: {error}.") from error


def _host(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None
