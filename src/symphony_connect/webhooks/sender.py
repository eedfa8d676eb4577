"""One delivery over HTTP: signed as Standard Webhooks say, sent to the address that was checked, never redirected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
from standardwebhooks import Webhook

from symphony_connect import __version__
from symphony_connect.base.clock import SECOND
from symphony_connect.base.config import Settings
from symphony_connect.platforms import http
from symphony_connect.webhooks.addresses import NotAllowed, Resolve, checked, resolve

DEADLINE = 15.0
"""Seconds for one delivery: finding the host, connecting, sending, and the head of the answer."""
TRIES = 3
"""Addresses of one host that are tried, where some cannot be reached."""


@dataclass(frozen=True)
class Outcome:
    """How a delivery went. `answer` is the HTTP status; None where none came, and then `error` says why."""

    answer: int | None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.answer is not None and 200 <= self.answer < 300

    @property
    def gone(self) -> bool:
        return self.answer == 410


class Sender:
    """Made once for each worker. `resolving` finds a host's addresses; `deadline` is in seconds."""

    def __init__(self, settings: Settings, client: httpx2.AsyncClient, resolving: Resolve, deadline: float) -> None:
        self._settings = settings
        self._client = client
        self._resolving = resolving
        self._deadline = deadline

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, resolving: Resolve = resolve, deadline: float = DEADLINE
    ) -> AsyncIterator[Sender]:
        """Raises ConfigError for a SYMPHONY_CA_FILE without certificates."""
        client = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=deadline,
            proxy=settings.outbound_proxy.reveal() or None,
            verify=http.trusting(settings.ca_file),
            # A connection is to an address, and is good for the one host whose certificate was checked.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )
        async with client:
            yield cls(settings, client, resolving, deadline)

    async def send(self, url: str, id: str, body: str, secrets: Sequence[str], now: int) -> Outcome:
        """`now` in milliseconds, by the clock that receivers compare with. Raises nothing that a receiver causes."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._sent(httpx2.URL(url), body, signed(id, body, secrets, now))
        except TimeoutError:
            return Outcome(None, f"no answer within {self._deadline:g} seconds")
        except NotAllowed as error:
            return Outcome(None, f"the host leads to {error}, where nothing is delivered")
        except OSError:
            return Outcome(None, "the host cannot be found")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            return Outcome(None, f"no answer: {type(error).__name__}")

    async def _sent(self, url: httpx2.URL, body: str, headers: dict[str, str]) -> Outcome:
        addresses = await checked(self._settings, url, self._resolving)
        for place, address in enumerate(addresses[:TRIES], 1):
            try:
                return await self._post(url, address, body, headers)
            except httpx2.ConnectError:
                if place == len(addresses[:TRIES]):
                    raise
        raise AssertionError("a host without addresses")

    async def _post(self, url: httpx2.URL, address: str, body: str, headers: dict[str, str]) -> Outcome:
        there = url.copy_with(host=address)
        host = {"host": url.netloc.decode("ascii")}
        named = {"sni_hostname": url.raw_host.decode("ascii")}
        async with self._client.stream(
            "POST", there, content=body.encode(), headers={**headers, **host}, extensions=named
        ) as answer:
            return Outcome(answer.status_code, None if answer.is_success else f"answered {answer.status_code}")


def signed(id: str, body: str, secrets: Sequence[str], now: int) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret that is good now."""
    at = datetime.fromtimestamp(now // SECOND, UTC)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now // SECOND),
        "webhook-signature": " ".join(Webhook(secret).sign(id, at, body) for secret in secrets),
        "content-type": "application/json",
        "user-agent": f"symphony-connect/{__version__}",
    }
