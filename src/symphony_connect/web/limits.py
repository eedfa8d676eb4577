"""How often one key, and one address that shows no good key, may ask: token buckets in each process's memory.

Generous: they are there for a caller gone wild and for somebody who guesses, not for metering.
`SYMPHONY_RATE_LIMIT` is how many requests a second refill a key's bucket (2,000; four times as many at once),
`SYMPHONY_FAILURE_LIMIT` how many failed requests without a good key an address may make in a minute (30),
`SYMPHONY_SIGN_IN_LIMIT` how many sign-ins an address may start in a minute (120).
"""

from __future__ import annotations

import ipaddress
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphony_connect.access import api_keys
from symphony_connect.access.caller import find_caller
from symphony_connect.base.config import Networks, Settings
from symphony_connect.base.errors import CODES, Code, Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web.problems import answer
from symphony_connect.web.proxied import is_proxied, key_in_form, key_in_head, keyed_by_form

PATHS = ("/api/", "/metrics")
"""What is asked with a key."""
START = re.compile(r"/oauth/[^/]+/(start|again/.*)")
"""Where a sign-in begins: without a key, and each leaves a row in the database."""
KEY_WINDOW = 4
"""Seconds in which a key's empty bucket is full again."""
MOST_BUCKETS = 20_000
"""Of each kind; the longest unused is forgotten first, which is as if it had been full again."""


@dataclass(frozen=True)
class Policy:
    """`burst` at once, refilled in `window` seconds."""

    name: str
    burst: int
    window: int


class Buckets:
    """One bucket for each name that was seen lately."""

    def __init__(self, policy: Policy, now: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._now = now
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._one = policy.window / policy.burst
        """Seconds that bring one more."""

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def left(self, name: str) -> float:
        held = self._held.get(name)
        return float(self._policy.burst) if held is None else self._level(held, self._now())

    def _level(self, held: tuple[float, float], now: float) -> float:
        level, at = held
        return min(float(self._policy.burst), level + (now - at) / self._one)

    def take(self, name: str) -> float:
        """Returns what is left."""
        now, held = self._now(), self._held.get(name)
        level = self._policy.burst if held is None else self._level(held, now)
        left = max(0.0, level - 1)
        self._held[name] = left, now
        self._held.move_to_end(name)
        if len(self._held) > MOST_BUCKETS:
            self._held.popitem(last=False)
        return left

    def forget(self, name: str) -> None:
        self._held.pop(name, None)

    def wait(self, name: str) -> int:
        """Whole seconds until there is one to take."""
        return max(1, math.ceil((1 - self.left(name)) * self._one))

    def fields(self, name: str) -> dict[str, str]:
        """As the IETF's draft "RateLimit header fields for HTTP" has them."""
        return {"ratelimit": self.field(self.left(name)), "ratelimit-policy": self.policy_field}

    def field(self, left: float) -> str:
        policy = self._policy
        return f'"{policy.name}";r={int(left)};t={math.ceil((policy.burst - left) * self._one)}'

    @property
    def policy_field(self) -> str:
        policy = self._policy
        return f'"{policy.name}";q={policy.burst};w={policy.window}'


def buckets_of_keys(settings: Settings) -> Buckets:
    """By the fingerprint of a key that was good when it was last used."""
    return Buckets(Policy("key", settings.rate_limit * KEY_WINDOW, KEY_WINDOW))


class Limits:
    """ASGI layer over the API, the metrics and the starts of sign-ins.

    A key that is good is counted by itself, so that somebody who guesses behind the same address
    cannot shut its holder out. Everything else is counted by address, and only when it fails.
    Starts of sign-ins, which carry no key, are all counted by address.
    """

    def __init__(self, app: ASGIApp, settings: Settings, keys: Buckets) -> None:
        self._app = app
        self._proxies = settings.trusted_proxies
        self._keys = keys
        self._failures = Buckets(Policy("address", settings.failure_limit, 60))
        self._starts = Buckets(Policy("sign-ins", settings.sign_in_limit, 60))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(PATHS):
            await self._call(scope, receive, send)
        elif scope["type"] == "http" and START.fullmatch(path):
            await self._start(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        sent = key_in_head(scope) if is_proxied(scope) else headers.get("x-api-key", "").strip()
        if keyed_by_form(scope):
            try:
                sent, receive = await key_in_form(receive)
            except Problem as slow:
                await answer(slow, scope.get("request_id", ""))(scope, receive, send)
                return
            scope["key_in_form"] = sent
        address = client_address(scope, headers, self._proxies)
        key = fingerprint(sent) if api_keys.kind_of(sent) else None
        counted_by_key = key in self._keys
        if not counted_by_key and key and self._failures.left(address) < 1:
            # This process has not seen the key yet: a good one is served, whoever guesses behind its address.
            counted_by_key = await _is_good(scope, sent)
        buckets, name = (self._keys, str(key)) if counted_by_key else (self._failures, address)
        if buckets.left(name) < 1:
            await _refuse(buckets, name)(scope, receive, send)
            return
        await self._app(scope, receive, _telling(send, lambda status: self._count(scope, status, key, address)))

    async def _start(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = client_address(scope, Headers(scope=scope), self._proxies)
        if self._starts.left(address) < 1:
            await _refuse(self._starts, address)(scope, receive, send)
            return
        self._starts.take(address)
        await self._app(scope, receive, _telling(send, lambda _: self._starts.fields(address)))

    def _count(self, scope: Scope, status: int, key: str | None, address: str) -> dict[str, str]:
        """Charge an answer to the key that was good, or to the address; returns what is left to tell.

        What the proxy passed on was asked with a good key, whatever the status.
        """
        if key is not None and (status != 401 or scope.get("passed_on")):
            self._keys.take(key)
            return self._keys.fields(key)
        if status >= 400:
            self._failures.take(address)
            self._keys.forget(key or "")
        return self._failures.fields(address)


async def _is_good(scope: Scope, key: str) -> bool:
    """Whether the database knows the key. One that cannot be looked up now is not counted against its holder."""
    try:
        await find_caller(scope["app"].state.core, key)
    except Problem:
        return False
    except StoreUnavailable:
        pass
    return True


def _telling(send: Send, fields: Callable[[int], dict[str, str]]) -> Send:
    """Adds to an answer the header fields that `fields` gives for its status."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(fields(message["status"]))
        await send(message)

    return telling


def _refuse(buckets: Buckets, name: str) -> ASGIApp:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        code: Code = "too_many_requests"
        problem = Problem(code, CODES[code][1], retry_after=buckets.wait(name))
        response = answer(problem, scope.get("request_id", ""))
        response.headers.update(buckets.fields(name))
        await response(scope, receive, send)

    return refuse


def client_address(scope: Scope, headers: Headers, proxies: Networks) -> str:
    """The peer's, or the nearest one that trusted proxies vouch for; a /64 of IPv6, which one caller has, is one."""
    address = (scope.get("client") or ("",))[0]
    hops = [hop.strip() for hop in ",".join(headers.getlist("x-forwarded-for")).split(",")]
    while hops and _trusted(address, proxies):
        address = hops.pop() or address
    parsed = _parsed(address)
    if parsed is None or parsed.version == 4:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _trusted(address: str, proxies: Networks) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in proxies)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
