"""Heads of requests that two servers could read in two ways, as bytes over a socket."""

from __future__ import annotations

import socket

import pytest

from tests.api.conftest import Api

TARGET = "/api/sym/v2/platforms"
REFUSED = {
    "two hosts": "host: a\r\nhost: b\r\n",
    "two hosts that are the same": "host: a\r\nhost: a\r\n",
    "two hosts, one after a bare line feed": "host: a\nhost: b\r\n",
    "no host": "accept: */*\r\n",
    "an empty host": "host:\r\n",
    "two keys": "host: a\r\nx-api-key: @\r\nx-api-key: @\r\n",
    "two keys as Authorization": "host: a\r\nauthorization: Bearer @\r\nauthorization: Bearer x\r\n",
    "two keys as Access-Token": "host: a\r\naccess-token: @\r\naccess-token: x\r\n",
    "two origins": "host: a\r\norigin: http://127.0.0.1\r\norigin: http://localhost\r\n",
    "two Sec-Fetch-Site": "host: a\r\nsec-fetch-site: same-origin\r\nsec-fetch-site: cross-site\r\n",
    "two kinds": "host: a\r\ncontent-type: application/json\r\ncontent-type: text/plain\r\n",
    "two lengths": "host: a\r\ncontent-length: 0\r\ncontent-length: 1\r\n",
    "a bare carriage return": "host: a\r\nx-other: b\rx-more: c\r\n",
    "a folded line": "host: a\r\nx-other: b\r\n c\r\n",
    "a space before the colon": "host : a\r\n",
}


def asked(api: Api, head: str, version: str = "1.1") -> bytes:
    """All that comes back before the server closes the connection."""
    head = head.replace("@", api.service.secret_key) + "connection: close\r\n"
    text = f"GET {TARGET} HTTP/{version}\r\n{head}\r\n"
    with socket.create_connection(("127.0.0.1", api.service.port), timeout=20) as client:
        client.sendall(text.encode())
        return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize("head", REFUSED.values(), ids=REFUSED)
def test_a_head_that_can_be_read_in_two_ways_is_refused(api: Api, head: str) -> None:
    assert asked(api, head).startswith(b"HTTP/1.1 400 ")


def test_what_stands_behind_a_bare_line_feed_is_a_field_like_any_other(api: Api) -> None:
    """RFC 9112, section 2.2, allows a server to end a line there; it must not be taken for part of a value."""
    assert asked(api, "host: a\nx-api-key: @\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_health_check_of_http_1_0_needs_no_host(api: Api) -> None:
    assert b" 401 " in asked(api, "", version="1.0").split(b"\r\n")[0]
