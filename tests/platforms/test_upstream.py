"""The way out: one host, one try where a try spends something, and no answer but JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.base.env import Env
from symphony_connect.platforms import fields, http
from symphony_connect.platforms.base import OutcomeUnknown, RateLimited, Unavailable
from symphony_connect.platforms.http import MAX_ANSWER_BYTES, Upstream

NOW = 1_780_000_000_000
BASE = "https://graph.example"
Handler = Callable[[httpx2.Request], httpx2.Response]


def upstream(handler: Handler, attempts: int = 3) -> Upstream:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(handler))
    return Upstream(client, attempts=attempts, clock=lambda: NOW).within(BASE)


def answering(response: httpx2.Response) -> Handler:
    return lambda request: response


class Failing:
    """Fails so many times, then answers; counts what it was asked."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return httpx2.Response(200, json={})


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/user-data",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
        "https://graph.example.evil.test/me",
        "https://graph.example@evil.test/me",
        "https://evil.test/?https://graph.example",
        "http://graph.example/me",
        "https://graph.example:8443/me",
        "//graph.example/me",
        "file:///etc/passwd",
        "/me",
        "",
    ],
)
async def test_nothing_is_sent_to_another_host(url: str) -> None:
    def never(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError(f"asked {request.url}")

    with pytest.raises(ValueError, match="configured host"):
        await upstream(never).get(url)
    with pytest.raises(ValueError, match="configured host"):
        await upstream(never).once("POST", url)


async def test_without_a_base_everything_is_refused() -> None:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answering(httpx2.Response(200, json={}))))
    with pytest.raises(ValueError, match="configured host"):
        await Upstream(client).get(BASE)


async def test_a_port_that_goes_without_saying_is_the_same_host() -> None:
    assert (await upstream(answering(httpx2.Response(200, json=[1]))).get(f"{BASE}:443/me")).body == [1]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Sorry</html>"),
        (200, b'{"access_token": "EAA'),
        (200, b""),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 200_000),
        (200, b"9" * 100_000),
        (200, b'{"a": "' + b"x" * MAX_ANSWER_BYTES + b'"}'),
        (302, b""),
        (404, b"404 page not found"),
        (500, b"<html>Oops</html>"),
        (502, b"<html>Bad gateway</html>"),
    ],
    ids=["html", "truncated", "empty", "binary", "deep", "number", "huge", "redirect", "404", "500", "502"],
)
async def test_what_is_no_json_says_nothing(status: int, body: bytes) -> None:
    handler = answering(httpx2.Response(status, content=body, headers={"location": "http://169.254.169.254/"}))
    with pytest.raises(Unavailable) as read:
        await upstream(handler).get(f"{BASE}/me")
    assert not isinstance(read.value, OutcomeUnknown)
    with pytest.raises(OutcomeUnknown):
        await upstream(handler).once("POST", f"{BASE}/me")
    with pytest.raises(Unavailable) as harmless:
        await upstream(handler).once("POST", f"{BASE}/me", spends=False)
    assert not isinstance(harmless.value, OutcomeUnknown)


async def test_an_edge_that_turned_the_call_away_did_nothing() -> None:
    """429 and 503 are no lost outcome, and their Retry-After counts."""
    page, headers = b"<html>Busy</html>", {"retry-after": "30"}
    with pytest.raises(RateLimited) as limited:
        await upstream(answering(httpx2.Response(429, content=page, headers=headers))).once("POST", f"{BASE}/me")
    assert limited.value.retry_at == NOW + 30_000
    with pytest.raises(Unavailable) as away:
        await upstream(answering(httpx2.Response(503, content=page, headers=headers))).once("POST", f"{BASE}/me")
    assert not isinstance(away.value, OutcomeUnknown)
    assert away.value.retry_at == NOW + 30_000


@pytest.mark.parametrize("error", [httpx2.ConnectError("no"), httpx2.ReadError("reset"), httpx2.ConnectTimeout("late")])
async def test_a_read_is_tried_again_when_the_connection_failed(error: Exception) -> None:
    handler = Failing(error, times=2)
    assert (await upstream(handler).get(f"{BASE}/me")).status == 200
    assert handler.calls == 3


@pytest.mark.parametrize("error", [httpx2.ReadError("reset"), httpx2.ReadTimeout("late"), httpx2.WriteError("cut")])
async def test_what_spends_something_is_sent_once(error: Exception) -> None:
    handler = Failing(error, times=1)
    with pytest.raises(OutcomeUnknown):
        await upstream(handler).once("POST", f"{BASE}/token")
    assert handler.calls == 1


async def test_what_was_never_sent_spent_nothing() -> None:
    with pytest.raises(Unavailable) as failure:
        await upstream(Failing(httpx2.ConnectError("no"), times=1)).once("POST", f"{BASE}/token")
    assert not isinstance(failure.value, OutcomeUnknown)


async def test_an_answer_is_never_asked_for_twice() -> None:
    calls = 0

    def handler(request: httpx2.Request) -> httpx2.Response:
        nonlocal calls
        calls += 1
        return httpx2.Response(502, content=b"<html>")

    with pytest.raises(Unavailable):
        await upstream(handler).get(f"{BASE}/me")
    assert calls == 1


Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(peer: Peer) -> AsyncIterator[str]:
    """A server on a free port; every connection it took is closed when the block ends."""
    done: list[asyncio.Task[None]] = []

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await peer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(
        lambda reader, writer: done.append(asyncio.create_task(attend(reader, writer))), "127.0.0.1", 0
    )
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*done)


async def test_an_answer_that_trickles_for_ever_ends() -> None:
    """Every piece is in time, the whole never is."""

    async def steadily(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        closed = asyncio.create_task(reader.read())
        while not closed.done():
            writer.write(b" ")
            await asyncio.wait({closed}, timeout=0.01)
        await closed

    async with serving(steadily) as base, http.client() as client:
        with pytest.raises(Unavailable, match="TimeoutError"):
            await Upstream(client, deadline=0.2, base=base).get(f"{base}/me")


async def test_no_url_and_no_header_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Tokens travel in URLs and headers, and the libraries below log both."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-echo: canary-5e1f\r\n\r\n{}")
        await writer.drain()

    caplog.set_level(logging.DEBUG)
    async with serving(peer) as base, http.client() as client:
        way_out = Upstream(client, base=base)
        await way_out.get(f"{base}/me", {"access_token": "canary-5e1f"}, {"Access-Token": "canary-5e1f"})
    assert "canary" not in caplog.text


async def test_the_client_trusts_neither_environment_nor_redirects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).split()[1])
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()

    async with serving(peer) as base, http.client() as client:
        answer = await Upstream(client, base=base).get(f"{base}/me")
    assert answer.status == 302
    assert seen == [b"/me"]


async def test_every_platform_is_loaded_and_none_is_configured_without_settings() -> None:
    async with http.client() as client:
        loaded = platforms.load(Env({}), client, lambda: NOW, production=True)
    assert list(loaded) == platforms.names()
    for name, platform in loaded.items():
        prefix = f"SYMPHONY_{name.upper()}"
        assert platform.name == name
        assert platform.missing_settings[:2] == (f"{prefix}_APP_ID", f"{prefix}_APP_SECRET")


async def test_what_no_database_can_store_is_replaced_everywhere() -> None:
    """Half a surrogate pair and NUL in names and keys, at any depth."""
    raw = (
        b'{"na\\u0000me": "half \\ud83d", "rows": [{"name": "a\\u0000b"}, ["\\udc00"]], '
        b'"whole": "\\ud83d\\ude00", "n": 1}'
    )
    answer = await upstream(answering(httpx2.Response(200, content=raw))).get(f"{BASE}/me")
    assert answer.body == {
        "na\ufffdme": "half \ufffd",
        "rows": [{"name": "a\ufffdb"}, ["\ufffd"]],
        "whole": "\U0001f600",
        "n": 1,
    }


def test_a_message_of_a_million_letters_is_cut_before_it_is_searched() -> None:
    """The search for tokens in it would hold up everybody for minutes."""
    assert fields.sentence("x" * 1_000_000) == "x" * 300
