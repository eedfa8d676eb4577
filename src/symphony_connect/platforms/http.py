"""Calls to platforms: one HTTP client with limits on time, size and host. Answers must be JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import stamina
from prometheus_client import Counter

from symphony_connect.base.clock import SECOND, Clock, system_clock
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.watched_clock import WatchedClock
from symphony_connect.platforms.base import NotSent, OutcomeUnknown, PlatformError, RateLimited, Unavailable

MAX_ANSWER_BYTES = 4 * 1024 * 1024
TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
DEADLINE = 20.0
"""Seconds for one request with its whole answer, also when the answer arrives slowly."""

CALLS = Counter("symphony_platform_calls_total", "Calls to platforms by outcome", ["platform", "outcome"])
"""An outcome is `2xx` to `5xx`, `no_answer` (also one that cannot be read) or `not_sent`."""

_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)


def client(proxy: str = "", ca_file: Path | None = None) -> httpx2.AsyncClient:
    """The process's one client: TLS verified, no redirects, no proxies or certificates from the environment.

    `proxy` is the URL of an HTTP proxy that every call goes through; `ca_file` holds certificates (PEM) that are
    trusted beside the system's. Raises ConfigError when the file holds none.

    The libraries below it log whole URLs and headers, which hold tokens, so only their warnings are logged.
    """
    for name in ("httpx2", "httpcore2", "hpack", "h2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        http2=True,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        proxy=proxy or None,
        verify=trusting(ca_file),
        limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0),
    )


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificates and those of the file. Raises ConfigError when the file holds none."""
    context = httpx2.create_ssl_context(trust_env=False)
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"SYMPHONY_CA_FILE names {ca_file}, which holds no certificates (PEM): {error}"
            ) from error
    return context


@dataclass(frozen=True)
class Answer:
    """A platform's JSON answer. `body` is whatever JSON it sent; the platform's code judges it."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Upstream:
    """Sends requests to one platform's configured base URL and to nothing else.

    Redirects are not followed. An answer that is late, cut off, too large or not JSON raises
    `Unavailable`: it says nothing about the token. `within` names the base; until then every
    URL is refused.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        attempts: int = 3,
        clock: Clock = system_clock,
        deadline: float = DEADLINE,
        base: str = "",
        name: str = "",
    ) -> None:
        self._client = client
        self._attempts = attempts
        self._clock = clock
        self._deadline = deadline
        self._base = base
        self._name = name

    def within(self, base: str) -> Upstream:
        """The same client, restricted to the scheme, host and port of `base`."""
        return Upstream(
            self._client,
            attempts=self._attempts,
            clock=self._clock,
            deadline=self._deadline,
            base=base,
            name=self._name,
        )

    async def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A read. Tried again when the connection failed; never after a whole answer or a long wait for one."""
        async for attempt in stamina.retry_context(
            on=_connection_failed,
            attempts=self._attempts,
            wait_initial=0.05,
            wait_max=0.5,
            wait_jitter=0.1,
            timeout=15.0,
        ):
            with attempt:
                return await self._send("GET", url, Unavailable, params=params, headers=headers)
        raise AssertionError("unreachable: the retry loop returns or raises")

    async def once(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        spends: bool = True,
    ) -> Answer:
        """A write, or a read that spends something: sent once, with a body of `json` or of the form `data`.

        Raises OutcomeUnknown when it was sent and no usable answer came; Unavailable when the call
        `spends` nothing, so that sending it again later does no harm.
        """
        lost = OutcomeUnknown if spends else Unavailable
        return await self._send(method, url, lost, params=params, headers=headers, json=json, data=data)

    async def _send(self, method: str, url: str, lost: type[Unavailable], **parts: Any) -> Answer:
        outcome = "no_answer"
        try:
            answer = await self._sent(method, url, lost, **parts)
            outcome = f"{answer.status // 100}xx"
        except NotSent:
            outcome = "not_sent"
            raise
        finally:
            CALLS.labels(self._name, outcome).inc()
        return answer

    async def _sent(self, method: str, url: str, lost: type[Unavailable], **parts: Any) -> Answer:
        host, began = self._allowed(url), self._own_time()
        try:
            async with asyncio.timeout(self._deadline), self._client.stream(method, url, **parts) as response:
                raw = await _limited(response, lost)
        except _UNSENT as error:
            raise NotSent(f"no connection to {host}") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise lost(f"{host} gave no usable answer ({type(error).__name__})") from error
        if isinstance(self._clock, WatchedClock) and "age" not in response.headers:
            self._clock.platform_said(host, response.headers.get("date", ""), began, self._own_time())
        try:
            body = storable(json.loads(raw))
        except (ValueError, RecursionError):
            raise self._not_json(response, host, lost) from None
        return Answer(response.status_code, response.headers, body)

    def _own_time(self) -> int:
        return self._clock.own() if isinstance(self._clock, WatchedClock) else self._clock()

    def _allowed(self, url: str) -> str:
        """The URL's host, when it is the configured one; else a ValueError and no connection."""
        asked, base = httpx2.URL(url), httpx2.URL(self._base)
        if not base.host or (asked.scheme, asked.host, asked.port) != (base.scheme, base.host, base.port):
            raise ValueError(f"{asked.host or url!r} is not the configured host {base.host!r}")
        return asked.host

    def _not_json(self, response: httpx2.Response, host: str, lost: type[Unavailable]) -> PlatformError:
        """An edge server's page. Nothing follows for the token, but 429 and 503 mean that the call had no effect."""
        message = f"{host} answered HTTP {response.status_code} without JSON"
        later = retry_after(response.headers, self._clock())
        if response.status_code == 429:
            return RateLimited(message, retry_at=later)
        if response.status_code == 503:
            return Unavailable(message, retry_at=later)
        return lost(message)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """JSON as a database can store it: in every string and key, NUL and half a surrogate pair become U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return value


def retry_after(headers: Mapping[str, str], now: int) -> int | None:
    """The time that a `Retry-After` in seconds means, in milliseconds; None without one."""
    seconds = headers.get("retry-after", "").strip()
    return now + int(seconds) * SECOND if seconds.isascii() and seconds.isdigit() and len(seconds) < 8 else None


def _connection_failed(error: Exception) -> bool:
    cause = error.__cause__
    return isinstance(cause, httpx2.TransportError) and not isinstance(cause, httpx2.ReadTimeout)


async def _limited(response: httpx2.Response, lost: type[Unavailable]) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise lost(f"an answer larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)
