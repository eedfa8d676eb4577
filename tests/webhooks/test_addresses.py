"""Deliveries go to public addresses only: when an endpoint is made, and again each time it is sent to."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from symphony_connect.base import config
from symphony_connect.base.config import Settings
from symphony_connect.base.errors import Problem
from symphony_connect.webhooks import addresses
from symphony_connect.webhooks.sender import Sender
from tests.webhooks.receiver import Receiver

REFUSED = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
    "2001:4860:4860::5efe:7f00:1",
    "2001:4860:4860::200:5efe:a9fe:a9fe",
    "192.0.0.192",
    "192.88.99.1",
    "168.63.129.16",
    "64:ff9b::a83f:8110",
    "3fff::1",
]
ALLOWED = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


def settings(**more: str) -> Settings:
    return config.load({"SYMPHONY_PUBLIC_URL": "https://connect.example.com", **more})


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not addresses.allowed(settings(), ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ALLOWED)
def test_what_is_public_is_allowed(address: str) -> None:
    assert addresses.allowed(settings(), ipaddress.ip_address(address))


def test_networks_of_the_operator_s_own_are_allowed_by_name() -> None:
    own = settings(SYMPHONY_WEBHOOK_NETWORKS="10.1.0.0/16")
    assert addresses.allowed(own, ipaddress.ip_address("10.1.2.3"))
    assert addresses.allowed(own, ipaddress.ip_address("::ffff:10.1.2.3"))
    assert not addresses.allowed(own, ipaddress.ip_address("10.2.0.1"))
    development = config.load({})
    assert addresses.allowed(development, ipaddress.ip_address("127.0.0.1"))
    assert not addresses.allowed(development, ipaddress.ip_address("169.254.169.254"))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "//hooks.example.com/",
        "/hooks",
        "https://",
        "https:///hooks",
        "https://user:word@hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nx: y",
        "https://hooks.example.com:99999/",
        "https://[::1/",
        "https://hooks.exämple.com/",
        "https://hooks.example.com/" + "x" * 2_000,
    ],
)
def test_odd_urls_are_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        addresses.check_url(settings(), url)
    assert (refused.value.code, refused.value.field) == ("invalid_request", "url")


def leading_to(*found: str) -> addresses.Resolve:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return found

    return resolve


@pytest.mark.parametrize("found", [("10.0.0.1",), ("1.1.1.1", "127.0.0.1"), ("::ffff:169.254.169.254",)])
async def test_a_name_that_leads_inside_is_refused_when_it_is_registered(found: tuple[str, ...]) -> None:
    url = httpx2.URL("https://hooks.example.com/")
    with pytest.raises(Problem, match="must lead to a public address"):
        await addresses.check_host(settings(), url, leading_to(*found))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "localhost", "[::1]", "127.1", "0", "0x7f.1", "017700000001"),
        *("[0:0:0:0:0:ffff:7f00:1]", "127.0.0.1.", "localhost.", "%31%32%37.0.0.1"),
        *("a..b", f"{'a' * 64}.example.com"),
    ],
)
async def test_the_ways_to_write_loopback_lead_nowhere(host: str) -> None:
    """Whatever the system makes of the name is what is checked; so it is of names that cannot be."""
    with pytest.raises(Problem):
        await addresses.check_host(settings(), httpx2.URL(f"https://{host}/"), addresses.resolve)


async def test_a_name_that_leads_inside_later_is_not_connected_to(tmp_path: Path) -> None:
    """DNS rebinding: public when it was registered, the metadata service or this machine when it is sent to."""
    production = replace(settings(), data_dir=tmp_path)
    with Receiver.up() as receiver:
        port = httpx2.URL(receiver.url).port
        async with Sender.opened(production, leading_to("127.0.0.1")) as sender:
            outcome = await sender.send(f"http://hooks.example.com:{port}/", "evt_1", "{}", ["whsec_AAAA"], 0)
        assert receiver.got == []
    assert outcome.answer is None
    assert "nothing is delivered" in (outcome.error or "")


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """Resolved once: a second answer of the name is never asked for."""
    asked = []

    async def once(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with Receiver.up() as receiver:
        port = httpx2.URL(receiver.url).port
        async with Sender.opened(config.load({}), once) as sender:
            outcome = await sender.send(f"http://hooks.example.com:{port}/here", "evt_1", "{}", ["whsec_AAAA"], 0)
        (got,) = receiver.got
    assert outcome.ok
    assert asked == ["hooks.example.com"]
    assert got.headers["host"] == f"hooks.example.com:{port}"
