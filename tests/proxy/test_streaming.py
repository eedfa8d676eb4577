"""Bodies through a real server: neither way held in memory, cut off where the other side is cut off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from tests.api.conftest import Api, _started
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.proxy.place import proxy_path
from tests.proxy.upstream import PIECE, Upstream, serving
from tests.tools.sandbox import Sandbox
from tests.tools.wait import wait_until

REACHED = [name for name in platforms.names() if contract.facts(name).proxied is not None]
PLATFORM = REACHED[0]
SIZE = 1024**3 if os.environ.get("FAULTS") == "full" else 64 * 1024**2
GROWTH = 32 * 1024**2
"""Bytes that the service's processes may grow by while it passes."""


@dataclass
class Line:
    api: Api
    upstream: Upstream
    brand: int

    @property
    def url(self) -> str:
        path = contract.proxied_read(PLATFORM)
        return f"{self.api.service.url}{proxy_path(self.brand, PLATFORM)}{path}"

    def key(self, bounds: Bounds | None = None) -> dict[str, str]:
        return {"x-api-key": self.api.new_key("proxy:use", **({"bounds": bounds} if bounds else {}))}

    def resident(self) -> int:
        pid = self.api.service.process.pid
        every = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(each.memory_info().rss for each in every)


@pytest.fixture(scope="module")
def line(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Iterator[Line]:
    """A brand that was connected at the sandbox; what goes through the proxy then goes to another server."""
    with serving() as upstream, _started(shared_service, shared_sandbox) as api:
        brand = api.connected(PLATFORM)
        for name, value in api.service.env.items():
            if name.startswith("SYMPHONY_") and value.startswith(shared_sandbox.url):
                api.service.env[name] = upstream.url + urlsplit(value).path
        api.service.process.env = api.service.env
        api.service.restart(["--no-worker"])
        yield Line(api, upstream, brand)


def test_a_large_answer_is_not_held_in_memory(line: Line) -> None:
    key = line.key()
    with httpx2.Client(timeout=60, trust_env=False) as client:
        client.get(line.url, headers=key)
        before, most, got = line.resident(), 0, 0
        with client.stream("GET", f"{line.url}?bytes={SIZE}", headers=key) as answer:
            assert answer.headers["content-length"] == str(SIZE)
            for count, piece in enumerate(answer.iter_raw()):
                got += len(piece)
                if count % 500 == 0:
                    most = max(most, line.resident())
    assert got == SIZE
    assert most - before < GROWTH, f"grew by {(most - before) >> 20} MiB"


def test_a_large_body_is_not_held_in_memory(line: Line) -> None:
    key = line.key()
    most = 0

    def pieces() -> Iterator[bytes]:
        nonlocal most
        for count in range(SIZE // len(PIECE)):
            yield PIECE
            if count % 100 == 0:
                most = max(most, line.resident())

    headers = {**key, "content-type": "application/octet-stream", "content-length": str(SIZE)}
    with httpx2.Client(timeout=60, trust_env=False) as client:
        client.get(line.url, headers=key)
        before = line.resident()
        answer = client.post(line.url, headers=headers, content=pieces())
    assert answer.json() == {"success": True}
    assert line.upstream.received == SIZE
    assert most - before < GROWTH, f"grew by {(most - before) >> 20} MiB"


def test_a_bounded_key_sends_no_body_that_was_not_looked_into(line: Line) -> None:
    key = line.key(Bounds(ad_accounts=frozenset({"act_1"})))
    for kind, body in (("application/octet-stream", b"x"), ("application/json", b'"%s"' % (b"x" * 1_100_000))):
        line.upstream.received = 0
        answer = httpx2.post(line.url, headers={**key, "content-type": kind}, content=body, trust_env=False)
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["code"] == "not_proxied"
        assert line.upstream.received == 0


def test_a_client_that_leaves_cancels_the_call(line: Line) -> None:
    line.upstream.began.clear()
    line.upstream.broken.clear()
    with httpx2.Client(timeout=20, trust_env=False) as client:
        with client.stream("GET", f"{line.url}?drip=1", headers=line.key()) as answer:
            next(answer.iter_raw())
        assert line.upstream.began.is_set()
    wait_until(line.upstream.broken.is_set, what="the platform's answer is not read on")


def test_a_client_that_leaves_in_the_middle_of_its_body_cancels_the_call(line: Line) -> None:
    line.upstream.began.clear()
    line.upstream.broken.clear()

    def half() -> Iterator[bytes]:
        yield PIECE * 4
        wait_until(line.upstream.began.is_set, what="it begins to arrive")
        raise KeyboardInterrupt

    headers = {**line.key(), "content-type": "a/b", "content-length": str(len(PIECE) * 100)}
    with httpx2.Client(timeout=20, trust_env=False) as client, pytest.raises(KeyboardInterrupt):
        client.post(line.url, headers=headers, content=half())
    wait_until(line.upstream.broken.is_set, what="the platform is not kept waiting")


def test_an_answer_that_breaks_off_does_not_look_whole(line: Line) -> None:
    with httpx2.Client(timeout=20, trust_env=False) as client, pytest.raises(httpx2.RemoteProtocolError):
        client.get(f"{line.url}?bytes=500000&cut=1", headers=line.key())
    assert httpx2.get(line.url, headers=line.key(), trust_env=False).status_code == 200


def test_a_platform_out_of_reach_is_said(line: Line) -> None:
    port = line.upstream.server_address[1]
    with serving() as gone:
        pass
    assert gone.server_address[1] != port
    line.api.service.env |= {
        name: value.replace(line.upstream.url, gone.url)
        for name, value in line.api.service.env.items()
        if name.startswith("SYMPHONY_")
    }
    line.api.service.restart(["--no-worker"])
    answer = httpx2.get(line.url, headers=line.key(), trust_env=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "platform_unavailable"), answer.text
    assert "Nothing was sent" in answer.text
