"""Two clients, for code that waits and for code that awaits, made from the same calls."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx2

from symphony_connect_client import calls, event_calls, exchange
from symphony_connect_client.calls import Call, Listing
from symphony_connect_client.errors import ConnectionFailed, SymphonyError
from symphony_connect_client.retries import Retries

P = ParamSpec("P")
Result = TypeVar("Result")
Item = TypeVar("Item")
Method = TypeVar("Method", bound=Callable[..., object])


class _Base:
    """What both clients know. Clock, waiting and randomness may be given, for tests."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: Retries | None = None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.service = exchange.Service.at(url, key)
        self._retries = retries or Retries()
        self._clock = clock
        self._chance = chance

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.service.url!r})"

    def proxy_url(self, brand_id: int, platform: str) -> str:
        """The address to give to a platform's SDK, with this client's key as the token. It needs `proxy:use`."""
        return self.service.proxy(brand_id, platform)

    def _read(self, call: Call[Result], answer: httpx2.Response) -> Result:
        return exchange.read(call, answer.status_code, answer.headers, answer.content, self._clock())

    def _wait(self, call: Call[Any], tried: int, error: SymphonyError) -> float:
        """Seconds. Raises the error where the call is not sent again."""
        wait = self._retries.wait(call, tried, error, self._chance)
        if wait is None:
            raise error
        return wait


def _failed(error: httpx2.TransportError) -> ConnectionFailed:
    return ConnectionFailed(f"Symphony Connect did not answer: {type(error).__name__}")


def _described(make: Callable[..., object]) -> Callable[[Method], Method]:
    """Gives a method the name, text and signature of the call that it sends."""

    def describe(method: Method) -> Method:
        given = inspect.signature(make)
        owner = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        described: Any = method
        described.__name__, described.__doc__ = make.__name__, make.__doc__
        described.__signature__ = given.replace(
            parameters=[owner, *given.parameters.values()], return_annotation=inspect.Signature.empty
        )
        return method

    return describe


def _sync(make: Callable[P, Call[Result]]) -> Callable[Concatenate[Client, P], Result]:
    @_described(make)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        return self.send(make(*args, **kwargs))

    return method


def _sync_pages(make: Callable[P, Listing[Item]]) -> Callable[Concatenate[Client, P], Iterator[Item]]:
    @_described(make)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
        return self._items(make(*args, **kwargs))

    return method


def _async(make: Callable[P, Call[Result]]) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, Result]]:
    @_described(make)
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        return await self.send(make(*args, **kwargs))

    return method


def _async_pages(make: Callable[P, Listing[Item]]) -> Callable[Concatenate[AsyncClient, P], AsyncIterator[Item]]:
    @_described(make)
    def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Item]:
        return self._items(make(*args, **kwargs))

    return method


class Client(_Base):
    """For code that waits. Close it, or use it in a `with` block. Several threads may share one."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        **more: Any,
    ) -> None:
        """`timeout` in seconds. `http` is an HTTP client of your own, such as one with a proxy; `more` are
        `retries`, `clock` and `chance`. Raises ValueError for an address or a key that cannot be one."""
        super().__init__(url, key, **more)
        self._http = http or httpx2.Client(timeout=timeout)
        self._sleep = sleep

    def send(self, call: Call[Result]) -> Result:
        """Raises APIError, NeedsReconnect or ConnectionFailed."""
        tried = 0
        while True:
            tried += 1
            try:
                try:
                    answer = self._http.request(**self.service.request(call))
                except httpx2.TransportError as error:
                    raise _failed(error) from error
                return self._read(call, answer)
            except SymphonyError as error:
                wait = self._wait(call, tried, error)
            self._sleep(wait)

    def _items(self, listing: Listing[Item]) -> Iterator[Item]:
        cursor: str | None = None
        while True:
            page = self.send(listing.page(cursor))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    brand = _sync(calls.brand)
    brands = _sync_pages(calls.brands)
    register_token = _sync(calls.register_token)
    delete_brand = _sync(calls.delete_brand)
    connections = _sync(calls.connections)
    connection = _sync(calls.connection)
    disconnect = _sync(calls.disconnect)
    token = _sync(calls.token)
    report_token = _sync(calls.report_token)
    verify = _sync(calls.verify)
    renew = _sync(calls.renew)
    ad_accounts = _sync_pages(calls.ad_accounts)
    select_ad_accounts = _sync(calls.select_ad_accounts)
    assets = _sync_pages(calls.assets)
    select_assets = _sync(calls.select_assets)
    create_connect_session = _sync(calls.create_connect_session)
    end_connect_session = _sync(calls.end_connect_session)
    platforms = _sync(calls.platforms)
    keys = _sync_pages(calls.keys)
    create_key = _sync(calls.create_key)
    revoke_key = _sync(calls.revoke_key)
    events = _sync_pages(event_calls.events)
    webhooks = _sync(event_calls.webhooks)
    create_webhook = _sync(event_calls.create_webhook)
    change_webhook = _sync(event_calls.change_webhook)
    delete_webhook = _sync(event_calls.delete_webhook)
    rotate_webhook_secret = _sync(event_calls.rotate_webhook_secret)
    send_test_webhook = _sync(event_calls.send_test_webhook)
    deliveries = _sync_pages(event_calls.deliveries)
    replay_delivery = _sync(event_calls.replay_delivery)
    replay_failed_deliveries = _sync(event_calls.replay_failed_deliveries)


class AsyncClient(_Base):
    """For code that awaits. Close it with `aclose`, or use it in an `async with` block."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        http: httpx2.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        **more: Any,
    ) -> None:
        """As for Client."""
        super().__init__(url, key, **more)
        self._http = http or httpx2.AsyncClient(timeout=timeout)
        self._sleep = sleep

    async def send(self, call: Call[Result]) -> Result:
        """Raises APIError, NeedsReconnect or ConnectionFailed."""
        tried = 0
        while True:
            tried += 1
            try:
                try:
                    answer = await self._http.request(**self.service.request(call))
                except httpx2.TransportError as error:
                    raise _failed(error) from error
                return self._read(call, answer)
            except SymphonyError as error:
                wait = self._wait(call, tried, error)
            await self._sleep(wait)

    async def _items(self, listing: Listing[Item]) -> AsyncIterator[Item]:
        cursor: str | None = None
        while True:
            page = await self.send(listing.page(cursor))
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    brand = _async(calls.brand)
    brands = _async_pages(calls.brands)
    register_token = _async(calls.register_token)
    delete_brand = _async(calls.delete_brand)
    connections = _async(calls.connections)
    connection = _async(calls.connection)
    disconnect = _async(calls.disconnect)
    token = _async(calls.token)
    report_token = _async(calls.report_token)
    verify = _async(calls.verify)
    renew = _async(calls.renew)
    ad_accounts = _async_pages(calls.ad_accounts)
    select_ad_accounts = _async(calls.select_ad_accounts)
    assets = _async_pages(calls.assets)
    select_assets = _async(calls.select_assets)
    create_connect_session = _async(calls.create_connect_session)
    end_connect_session = _async(calls.end_connect_session)
    platforms = _async(calls.platforms)
    keys = _async_pages(calls.keys)
    create_key = _async(calls.create_key)
    revoke_key = _async(calls.revoke_key)
    events = _async_pages(event_calls.events)
    webhooks = _async(event_calls.webhooks)
    create_webhook = _async(event_calls.create_webhook)
    change_webhook = _async(event_calls.change_webhook)
    delete_webhook = _async(event_calls.delete_webhook)
    rotate_webhook_secret = _async(event_calls.rotate_webhook_secret)
    send_test_webhook = _async(event_calls.send_test_webhook)
    deliveries = _async_pages(event_calls.deliveries)
    replay_delivery = _async(event_calls.replay_delivery)
    replay_failed_deliveries = _async(event_calls.replay_failed_deliveries)
