"""Out through a proxy and under a private authority, by settings alone: a real proxy, and a real TLS server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from symphony_connect.app import check_settings
from symphony_connect.base import config
from symphony_connect.base.errors import ConfigError
from symphony_connect.platforms.base import NotSent, Unavailable
from symphony_connect.platforms.http import Upstream, client
from tests.tools.tls import Authority
from tests.tools.wait import free_port

HOST = "graph.example"
"""No name server knows it: only the proxy leads there."""


async def _platform(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
    await writer.drain()
    await _close(writer)


@dataclass
class Proxy:
    """A CONNECT proxy that leads everywhere to one port and keeps what it was asked; or refuses."""

    target: int
    refuses: bool = False
    heads: list[str] = field(default_factory=list)
    tasks: list[asyncio.Task[None] | None] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if self.refuses:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            await _close(writer)
            return
        onward = await asyncio.open_connection("127.0.0.1", self.target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pipe(reader, onward[1]), _pipe(onward[0], writer), return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def proxied(folder: Path, *, refuses: bool = False) -> AsyncIterator[tuple[Authority, Proxy, str]]:
    authority = Authority(folder)
    platform = await asyncio.start_server(_platform, "127.0.0.1", 0, ssl=authority.server(HOST))
    proxy = Proxy(platform.sockets[0].getsockname()[1], refuses)
    entrance = await asyncio.start_server(proxy, "127.0.0.1", 0)
    async with platform, entrance:
        yield authority, proxy, f"127.0.0.1:{entrance.sockets[0].getsockname()[1]}"
        await asyncio.gather(*filter(None, proxy.tasks), return_exceptions=True)


async def test_calls_go_through_the_proxy_and_trust_the_authority(tmp_path: Path) -> None:
    async with (
        proxied(tmp_path) as (authority, proxy, address),
        client(f"http://u:pw@{address}", authority.file) as out,
    ):
        answer = await Upstream(out).within(f"https://{HOST}").get(f"https://{HOST}/me?access_token=sealed")
    assert answer.body == {}
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT {HOST}:443 ")
    assert "proxy-authorization: basic" in head.lower()
    assert "sealed" not in head


async def test_an_unknown_authority_is_not_trusted(tmp_path: Path) -> None:
    async with proxied(tmp_path) as (_, _, address), client(f"http://{address}") as out:
        with pytest.raises(Unavailable):
            await Upstream(out, attempts=1).within(f"https://{HOST}").get(f"https://{HOST}/me")


async def test_the_environment_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxied(tmp_path) as (authority, proxy, address):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{address}")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        async with client() as out:
            with pytest.raises(Unavailable):
                await Upstream(out, attempts=1).within(f"https://{HOST}").get(f"https://{HOST}/me")
    assert proxy.heads == []


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses", "is not there"])
async def test_a_proxy_that_leads_nowhere_spends_nothing(tmp_path: Path, refuses: bool) -> None:
    """No call was made, so that a refresh token sent that way is still good."""
    async with proxied(tmp_path, refuses=True) as (_, _, address):
        proxy = address if refuses else f"127.0.0.1:{free_port()}"
        async with client(f"http://{proxy}") as out:
            with pytest.raises(NotSent):
                await Upstream(out).within(f"https://{HOST}").once("POST", f"https://{HOST}/token")


@pytest.mark.parametrize("url", ["proxy.example:3128", "socks5://proxy.example", "http://", "ftp://p"])
def test_a_proxy_that_is_none_ends_the_start(url: str) -> None:
    with pytest.raises(ConfigError, match="SYMPHONY_OUTBOUND_PROXY"):
        config.load({"SYMPHONY_OUTBOUND_PROXY": url})


async def test_a_file_without_certificates_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "nowhere.pem"):
        with pytest.raises(ConfigError, match="SYMPHONY_CA_FILE"):
            await check_settings(config.load({"SYMPHONY_CA_FILE": str(tmp_path / name)}))


async def test_good_settings_are_read_and_not_shown(tmp_path: Path) -> None:
    settings = config.load(
        {
            "SYMPHONY_OUTBOUND_PROXY": "http://u:hidden@proxy.example:3128/",
            "SYMPHONY_CA_FILE": str(Authority(tmp_path).file),
        }
    )
    await check_settings(settings)
    assert settings.outbound_proxy.reveal() == "http://u:hidden@proxy.example:3128"
    assert "hidden" not in repr(settings)
