"""The server, spoken to byte by byte: uvicorn, and what the sandbox asks of it."""

from __future__ import annotations

import socket

import pytest

from symphony_connect.sandbox import server
from tests.tools.sandbox import Sandbox


def talk(sandbox: Sandbox, sent: bytes) -> bytes:
    """Send, and read until the server hangs up."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


ASK = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\n"
LAST = ASK + b"Connection: close\r\n\r\n"


def test_a_connection_serves_one_request_after_another(sandbox: Sandbox) -> None:
    answer = talk(sandbox, ASK + b"\r\n" + ASK + b"\r\n" + LAST)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert answer.count(b'"offsetMs":') == 3


def test_a_head_has_no_body(sandbox: Sandbox) -> None:
    answer = talk(sandbox, b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", b"400"),
        # uvicorn answers 400 to a head that is too long, where 431 would say more.
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000, b"400"),
    ],
)
def test_what_is_not_http_is_refused(sandbox: Sandbox, sent: bytes, status: bytes) -> None:
    assert talk(sandbox, sent).startswith(b"HTTP/1.1 " + status)
    assert talk(sandbox, LAST).startswith(b"HTTP/1.1 200")


def test_a_body_that_is_too_large_is_refused_and_the_connection_goes_on(sandbox: Sandbox) -> None:
    large = b"POST /me HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000
    answer = talk(sandbox, large + LAST)
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.count(b"HTTP/1.1 200") == 1


def test_long_addresses_are_read(sandbox: Sandbox) -> None:
    ask = b"GET /_sandbox/calls?path=" + b"x" * 60_000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert talk(sandbox, ask).startswith(b"HTTP/1.1 200")


def test_half_a_call_is_no_call(sandbox: Sandbox) -> None:
    before = len(sandbox.calls())
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(b"POST /me HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
    assert sandbox.client.get("/me").status_code == 400
    assert len(sandbox.calls()) == before + 1


def test_a_body_may_come_in_chunks_and_wait_to_be_asked_for(sandbox: Sandbox) -> None:
    head = (
        b"POST /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    )
    body = b'{"advance":"1s"}'
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n8\r\n" + body[:8] + b"\r\n8\r\n" + body[8:] + b"\r\n0\r\n\r\n"
    assert talk(sandbox, chunked).startswith(b"HTTP/1.1 200")
    asked = head + b"Expect: 100-continue\r\nContent-Length: 16\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(asked)
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_an_answer_in_two_parts_waits_for_no_acknowledgement() -> None:
    """Otherwise each call takes 40 ms: the head of an answer and its body are written apart."""
    with server.listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
