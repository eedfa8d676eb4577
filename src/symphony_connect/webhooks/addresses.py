"""Where deliveries may go: an address is resolved once, checked, and connected to as it was checked.

A name may lead to one address when an endpoint is made and to another later, so it is checked at each delivery.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx2

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as text. Raises OSError."""

LONGEST = 2_000
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""IPv6 networks whose addresses end in an IPv4 address (RFC 6052, RFC 4291)."""
_ISATAP = 0x5EFE
"""Stands before the IPv4 address at the end of such an IPv6 address, its universal bit set or not (RFC 5214)."""
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # for protocols (RFC 6890); Oracle's metadata service is 192.0.0.192
        "192.88.99.0/24",  # relays of 6to4, given up (RFC 7526)
        "168.63.129.16/32",  # what Azure's machines ask about themselves
        "2001::/23",  # for protocols (RFC 2928), Teredo among them
        "3fff::/20",  # for documentation (RFC 9637)
    )
)
"""Networks that some versions of Python take for public, and addresses that mean another machine in each cloud."""


class NotAllowed(Exception):
    """The host leads to an address that deliveries do not go to."""


async def resolve(host: str, port: int) -> list[str]:
    """As the system resolves names. Raises OSError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("a label of the name is empty or longer than 63 letters") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def check_url(settings: Settings, text: str) -> httpx2.URL:
    """Raises Problem `invalid_request`."""
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        url = httpx2.URL("")
    wrong = (
        len(text) > LONGEST
        or not (text.isascii() and text.isprintable() and " " not in text)
        or url.scheme not in ("http", "https")
        or not url.host
        or not 0 < port_of(url) < 65_536
        or bool(url.userinfo)
        or bool(url.fragment)
    )
    if wrong:
        raise _invalid("url is an absolute https URL without user, password and fragment.")
    if settings.production and url.scheme != "https":
        raise _invalid("url must start with https://: anybody on the way could read what is sent there.")
    return url


async def check_host(settings: Settings, url: httpx2.URL, resolving: Resolve) -> None:
    """When an endpoint is made. Raises Problem `invalid_request`."""
    try:
        await checked(settings, url, resolving)
    except NotAllowed as error:
        raise _invalid(f"url leads to {error}, where nothing is delivered. It must lead to a public address.") from None
    except OSError:
        raise _invalid(f"The host {url.host[:200]} of url cannot be found.") from None


async def checked(settings: Settings, url: httpx2.URL, resolving: Resolve) -> list[str]:
    """The addresses to connect to. Raises NotAllowed when any of them is not for deliveries, OSError for none."""
    addresses = await resolving(url.host, port_of(url))
    for text in addresses:
        if not allowed(settings, ipaddress.ip_address(text.partition("%")[0])):
            raise NotAllowed(text)
    if not addresses:
        raise OSError("no address")
    return list(addresses)


def port_of(url: httpx2.URL) -> int:
    return {"http": 80, "https": 443}[url.scheme] if url.port is None else url.port


def allowed(settings: Settings, address: Address) -> bool:
    """A public address, one of SYMPHONY_WEBHOOK_NETWORKS, or loopback in development."""
    meant = _meant(address)
    if any(meant in network for network in settings.webhook_networks):
        return True
    if meant.is_loopback and not settings.production:
        return True
    if any(meant in network for network in _NEVER):
        return False
    special = meant.is_multicast or meant.is_reserved or meant.is_unspecified or meant.is_link_local
    return meant.is_global and not special and not getattr(meant, "is_site_local", False)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    isatap = (int(address) >> 32) & 0xFDFFFFFF == _ISATAP
    if isatap or (any(address in network for network in _TRANSLATED) and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _invalid(message: str) -> Problem:
    return Problem("invalid_request", message, field="url")
