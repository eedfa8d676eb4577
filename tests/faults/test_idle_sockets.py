"""Connections that ask nothing, and bodies that trickle in, without a key: everybody else is served."""

from __future__ import annotations

import resource
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.conftest import ServiceFactory
from tests.faults.figures import Figure
from tests.platforms import contract
from tests.tools.process import answers
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import wait_until

IDLE = 2_000
DRIPPED = 300
HEAD = (
    b"PUT /api/sym/v2/brands HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n%s\r\n{"
)

FORM = (
    b"POST /api/sym/v2/brands/1/connections/x/proxy/me HTTP/1.1\r\nhost: x\r\n"
    b"content-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\na"
)
"""Of the proxy, where the key may be in the form."""


@contextmanager
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 500
    if before[1] != resource.RLIM_INFINITY and before[1] < wanted:
        pytest.skip(f"this system allows only {before[1]} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], wanted), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def opened(stack: ExitStack, service: Service, how_many: int, send: bytes = b"") -> list[socket.socket]:
    sockets = []
    for _ in range(how_many):
        one = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
        one.sendall(send)
        one.setblocking(False)
        sockets.append(one)
    return sockets


def closed(sockets: list[socket.socket]) -> Callable[[], bool]:
    """Whether the server has ended every one of them; what it said first is read and dropped."""
    left = set(sockets)

    def all_closed() -> bool:
        with selectors.PollSelector() as selector:
            for one in left:
                selector.register(one, selectors.EVENT_READ)
            for key, _ in selector.select(0):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                try:
                    ended = one.recv(65_536) == b""
                except ConnectionError:
                    ended = True
                if ended:
                    left.discard(one)
        return not left

    return all_closed


def fed(sockets: list[socket.socket]) -> Callable[[], bool]:
    """As `closed`; each look sends another byte."""
    all_closed = closed(sockets)

    def look() -> bool:
        for one in sockets:
            with suppress(OSError):
                one.sendall(b"a")
        return all_closed()

    return look


def test_idle_connections_and_slow_bodies_lock_nobody_out(
    shared_service: ServiceFactory, shared_sandbox: Sandbox, figure: Figure
) -> None:
    service = shared_service(contract.settings(shared_sandbox), ["--no-worker"])
    key = service.secret_key.encode()
    with many_files(), ExitStack() as stack:
        idle = opened(stack, service, IDLE)
        without_key = opened(stack, service, DRIPPED, HEAD % b"")
        forms = opened(stack, service, 5, FORM)
        with_key = opened(stack, service, 5, HEAD % (b"x-api-key: " + key + b"\r\n"))
        failed = sum(not answers(f"{service.url}/healthz") for _ in range(30))
        assert failed == 0
        assert service.client.get("/api/sym/v2/brands").status_code == 200
        wait_until(closed(without_key), 30, "the bodies without a key to be refused unread")
        wait_until(fed(forms), 60, "forms of the proxy that trickle in to be given up")
        wait_until(closed(with_key), 60, "the bodies that trickle in to be given up")
        wait_until(closed(idle), 60, "the idle connections to be closed")
        figure(f"{IDLE:,} idle sockets, {DRIPPED} dripped bodies, without a key", f"{failed} failed health checks")
