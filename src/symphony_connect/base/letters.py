"""Text as people compare it."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text without case, and with each letter written in one way: `É`, and `E` with an accent behind it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
