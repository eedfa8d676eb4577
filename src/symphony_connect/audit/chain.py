"""The arithmetic of a chain: each row's code covers the row and the code before it. Nothing here reads or writes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

COVERED = ("chain", "number", "at", "workspace", "actor", "what", "connection", "brand", "platform", "detail")
START = ""
"""What stands for the code before the first row."""


def row_code(key: bytes, before: str, row: Mapping[str, Any]) -> str:
    """The HMAC-SHA256, in hex, of a row behind the one whose code is `before`."""
    covered = msgspec.json.encode([row[name] for name in COVERED])
    return _code(key, b"row", before.encode(), covered)


def place_code(key: bytes, kind: str, chain: str, number: int, mac: str) -> str:
    """Says that a chain ends at a row (`kind` "head"), or that its rows up to one were deleted ("gone")."""
    return _code(key, kind.encode(), chain.encode(), str(number).encode(), mac.encode())


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _code(key: bytes, *parts: bytes) -> str:
    """Each part with its length, so that no two lists of parts look the same."""
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(key, text, hashlib.sha256).hexdigest()
