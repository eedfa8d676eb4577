"""Which header fields go on, in each direction."""

from __future__ import annotations

import re
from collections.abc import Iterable

Fields = list[tuple[str, str]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HOP_BY_HOP = _words(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade"
)
"""Of one connection only (RFC 9110, section 7.6.1), beside those that `Connection` names."""
_TO_PLATFORM = HOP_BY_HOP | _words(
    "accept-encoding access-token authorization content-encoding content-length cookie cookie2 expect forwarded host "
    "http2-settings idempotency-key origin priority referer via x-api-key x-real-ip x-request-id"
)
"""The connection's own, credentials, and what tells of the caller's network."""
_TO_PLATFORM_BEGINS = ("x-forwarded-", "x-amz-", "cf-", "sec-", "proxy-")
_TO_CALLER = HOP_BY_HOP | _words(
    "alt-svc cache-control clear-site-data content-encoding content-length content-security-policy "
    "content-security-policy-report-only nel permissions-policy ratelimit ratelimit-policy referrer-policy report-to "
    "reporting-endpoints server set-cookie set-cookie2 strict-transport-security x-content-type-options "
    "x-frame-options x-request-id"
)
"""The connection's own, cookies, and what would speak for this service's own address."""
_TO_CALLER_BEGINS = ("access-control-", "proxy-", "symphony-")
OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")
_KEY = re.compile(r"sym_[sp]k_\w+", re.IGNORECASE)
_TEXT = re.compile(r"[\t -~]*")


def to_platform(fields: Iterable[tuple[str, str]]) -> Fields:
    """What a client sent, without what is only for this service; a field that holds a key of ours is left out."""
    listed = [(name.lower(), value) for name, value in fields]
    named = _named(listed)
    return [
        (name, value)
        for name, value in listed
        if name not in _TO_PLATFORM
        and name not in named
        and not name.startswith(_TO_PLATFORM_BEGINS)
        and not _KEY.search(value)
        and _TEXT.fullmatch(value)
    ]


def to_caller(fields: Iterable[tuple[str, str]]) -> Fields:
    """What the platform answered, without what is only for this service."""
    listed = [(name.lower(), value) for name, value in fields]
    named = _named(listed)
    return [
        (name, value)
        for name, value in listed
        if name not in _TO_CALLER and name not in named and not name.startswith(_TO_CALLER_BEGINS)
    ]


def overrides(fields: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The methods that fields ask for in the place of the request's own, in capital letters."""
    return tuple(value.strip().upper() for name, value in fields if name.lower() in OVERRIDES)


def _named(fields: Fields) -> frozenset[str]:
    """The fields that `Connection` names as belonging to this connection."""
    values = (value for name, value in fields if name == "connection")
    return frozenset(word.strip().lower() for value in values for word in value.split(","))
