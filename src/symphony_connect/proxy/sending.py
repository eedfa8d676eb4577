"""One call on its way to a platform and its answer on the way back, neither held in memory as a whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx2

from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.platforms.http import CALLS
from symphony_connect.platforms.proxied import READS, Call, Proxied
from symphony_connect.proxy import headers, paths
from symphony_connect.proxy.bodies import joined
from symphony_connect.proxy.headers import Fields
from symphony_connect.proxy.masking import Masker

TIMEOUT = httpx2.Timeout(connect=5.0, pool=10.0, read=300.0, write=60.0)
"""Seconds: a platform may think for long before it answers. A body that flows has no limit."""
LOOKED_AT = 64 * 1024
"""Bytes of an answer in JSON that are looked at for an error; those of platforms are shorter."""
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
TEXTS = ("json", "text", "javascript", "xml", "csv", "html")
DECODED = ("", "identity", "gzip", "deflate")


class BrokenOff(Exception):
    """An answer ended before its end. Whoever passes it on must not finish it."""


@dataclass
class Reply:
    """A platform's answer: its beginning, and the rest as it arrives."""

    response: httpx2.Response
    pieces: AsyncIterator[bytes]
    begun: bytes = b""
    json: Any = None
    """The whole answer, where it is short JSON."""
    ended: bool = False

    @property
    def is_text(self) -> bool:
        kind = self.response.headers.get("content-type", "").lower()
        return not kind or any(each in kind for each in TEXTS)

    async def close(self) -> None:
        await self.response.aclose()


@dataclass
class Answer:
    """What the caller gets. `body` is closed by whoever reads it, also when nobody reads it to its end."""

    status: int
    headers: Fields
    body: AsyncIterator[bytes] = field(repr=False)


async def send(
    core: Core,
    platform: Platform,
    proxied: Proxied,
    call: Call,
    fields: Fields,
    content: bytes | AsyncIterator[bytes] | None,
    signed: Mapping[str, str],
) -> Reply:
    """The platform's reply, with as much of it as an error would be. Raises Problem `platform_unavailable`.

    `signed` are the header fields that carry the token.
    """
    request = core.outward.build_request(
        call.method,
        _address(proxied, call),
        headers=[*fields, *signed.items(), ("accept-encoding", "identity")],
        content=content,
        timeout=TIMEOUT,
    )
    outcome = "no_answer"
    try:
        response = await core.outward.send(request, stream=True)
        outcome = f"{response.status_code // 100}xx"
        reply = await _begun(response)
    except UNSENT:
        outcome = "not_sent"
        raise _unavailable(platform, "could not be reached. Nothing was sent") from None
    except httpx2.HTTPError:
        words = "gave no usable answer"
        raise _unavailable(platform, words if call.method in READS else f"{words}, and may have done it") from None
    finally:
        CALLS.labels(platform.name, outcome).inc()
    return reply


def _address(proxied: Proxied, call: Call) -> httpx2.URL:
    root, before = _root(proxied.root)
    raw = proxied.keeps_encoding
    path = f"{before}/{(raw and call.raw_path) or paths.encoded(call.path)}"
    query = joined(call.query, raw=raw)
    return root.copy_with(raw_path=(f"{path}?{query}" if query else path).encode("ascii"))


@lru_cache(maxsize=64)
def _root(address: str) -> tuple[httpx2.URL, str]:
    """A platform's address, and the path in it without a slash at its end."""
    root = httpx2.URL(address)
    return root, root.raw_path.decode("ascii").rstrip("/")


def _unavailable(platform: Platform, words: str) -> Problem:
    return Problem("platform_unavailable", f"{platform.display_name} {words}.")


async def _begun(response: httpx2.Response) -> Reply:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in DECODED:
        await response.aclose()
        raise httpx2.DecodingError(f"an answer in {coding[:20]!r}, which was not asked for")
    reply = Reply(response, response.aiter_bytes() if coding not in ("", "identity") else response.aiter_raw())
    if "json" not in response.headers.get("content-type", "").lower():
        return reply
    try:
        async for piece in reply.pieces:
            reply.begun += piece
            if len(reply.begun) > LOOKED_AT:
                return reply
    except BaseException:
        await response.aclose()
        raise
    reply.ended = True
    try:
        reply.json = json.loads(reply.begun)
    except (ValueError, RecursionError):
        reply.json = None
    return reply


def answered(reply: Reply, masker: Masker, root: str, here: str) -> Answer:
    """The reply without what is not the caller's. `root` is the platform's address, `here` the proxy's."""
    response = reply.response
    fields = [(name, masker.whole(value)) for name, value in headers.to_caller(response.headers.multi_items())]
    fields = [(name, _here(value, root, here) if name == "location" else value) for name, value in fields]
    length, coding = response.headers.get("content-length"), response.headers.get("content-encoding", "identity")
    if length is not None and coding == "identity" and not reply.is_text:
        fields.append(("content-length", length))
    return Answer(response.status_code, fields, _masked(reply, masker))


def _here(address: str, root: str, here: str) -> str:
    return here + address.removeprefix(root) if address.startswith(f"{root}/") else address


async def _masked(reply: Reply, masker: Masker) -> AsyncIterator[bytes]:
    try:
        if masked := masker.feed(reply.begun):
            yield masked
        if not reply.ended:
            async for piece in reply.pieces:
                if masked := masker.feed(piece):
                    yield masked
        if masked := masker.end():
            yield masked
    except httpx2.HTTPError as error:
        raise BrokenOff(type(error).__name__) from None
    finally:
        await reply.close()


async def passing(pieces: AsyncIterator[bytes], masker: Masker) -> AsyncIterator[bytes]:
    """A request's body on its way, with the caller's own key taken out of it."""
    async for piece in pieces:
        if masked := masker.feed(piece):
            yield masked
    if masked := masker.end():
        yield masked
