"""The only way out: one client with time, size and host limits, and answers that are what they claim."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import stamina

from symphony_connect.platforms.base import OutcomeUnknown, Unavailable

MAX_ANSWER_BYTES = 4 * 1024 * 1024
TIMEOUT = httpx2.Timeout(10.0, connect=5.0)


@dataclass(frozen=True)
class Answer:
    """A platform's JSON answer. `body` is whatever JSON it sent; the platform's code judges it."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Upstream:
    """Sends requests to one platform's configured base URL and to nothing else.

    Redirects are not followed. An answer that is late, cut off, too large or not JSON raises
    `Unavailable`: it says nothing about the token.
    """

    def __init__(self, client: httpx2.AsyncClient, *, attempts: int = 3) -> None:
        self._client = client
        self._attempts = attempts

    async def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A read. Tried again when nothing came back at all; never after an answer."""
        async for attempt in stamina.retry_context(
            on=Unavailable, attempts=self._attempts, wait_initial=0.05, wait_max=0.5, timeout=15.0
        ):
            with attempt:
                return await self._send("GET", url, params=params, headers=headers)
        raise AssertionError("unreachable: the retry loop returns or raises")

    async def once(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Answer:
        """A write, or a read that spends something: sent once.

        Raises OutcomeUnknown when it was sent and no usable answer came.
        """
        return await self._send(method, url, params=params, headers=headers, json=json, spends=True)

    async def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        json: Any = None,
        spends: bool = False,
    ) -> Answer:
        lost = OutcomeUnknown if spends else Unavailable
        try:
            async with self._client.stream(method, url, params=params, headers=headers, json=json) as response:
                raw = await _limited(response, lost)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Unavailable(f"no connection to {_host(url)}") from error
        except httpx2.HTTPError as error:
            raise lost(f"{_host(url)} gave no usable answer ({type(error).__name__})") from error
        return Answer(response.status_code, response.headers, _parse(raw, response.status_code, url, lost))


async def _limited(response: httpx2.Response, lost: type[Unavailable]) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise lost(f"an answer larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _parse(raw: bytes, status: int, url: str, lost: type[Unavailable]) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        # 4xx and 5xx pages of an edge server are answers too, but they say nothing about the token.
        raise lost(f"{_host(url)} answered HTTP {status} without JSON") from None


def _host(url: str) -> str:
    return httpx2.URL(url).host
