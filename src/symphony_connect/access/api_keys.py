"""API keys: `sym_sk_…` and `sym_pk_…`, recognisable, checksummed, kept only as a hash."""

from __future__ import annotations

import zlib
from typing import Literal, get_args

from symphony_connect.base.ids import Ids, base62

PREFIXES = {"sym_sk_": "secret", "sym_pk_": "publishable"}
BODY = 30
"""Base62 characters: 178 random bits."""
CHECK = 6

Scope = Literal[
    "brands:read",
    "brands:write",
    "connect:write",
    "tokens:read",
    "proxy:use",
    "webhooks:write",
    "events:read",
    "keys:write",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)


def make(kind: str, ids: Ids) -> str:
    """A new key in full; it is shown once and stored as its fingerprint only."""
    prefix = next(prefix for prefix, its in PREFIXES.items() if its == kind)
    body = ids.secret(BODY)
    return prefix + body + _check(prefix + body)


def kind_of(text: str) -> str | None:
    """`secret` or `publishable`; None when it cannot be one of our keys. Asks no store."""
    kind = PREFIXES.get(text[:7])
    body, check = text[7 : 7 + BODY], text[7 + BODY :]
    if kind is None or len(text) != 7 + BODY + CHECK or not (body.isascii() and body.isalnum()):
        return None
    return kind if check == _check(text[:7] + body) else None


def hint(key: str) -> str:
    """What may be shown of a key after its making."""
    return f"{key[:11]}…{key[-4:]}"


def _check(text: str) -> str:
    return base62(zlib.crc32(text.encode()), CHECK)
