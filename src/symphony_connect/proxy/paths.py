"""Which paths are passed on: only what every server on the way reads in the same way."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from symphony_connect.base.errors import Problem

LONGEST = 2_000
"""Letters of a path."""
_RAW = re.compile(r"(?:[A-Za-z0-9._~:@!$'()*+,=|&-]|/|%[0-9A-Fa-f]{2})*")
_PLAIN = re.compile(r"[A-Za-z0-9._~:@!$'()*+,=|&/ -]*")
"""What may stand in a path once it is decoded: no percent sign (it would be encoded twice), no backslash, no `;`, `?`,
`#`, no control character, nothing beyond ASCII."""


def plain(raw: str) -> str:
    """The path decoded, as the platform is sent it after `encoded`. Raises Problem `not_proxied`.

    `raw` is what the client sent after `proxy/`, with its percent signs.
    """
    if len(raw) > LONGEST or not _RAW.fullmatch(raw) or re.search("%2[fF]", raw):
        raise _refused()
    path = unquote(raw, errors="replace")
    segments = path.split("/")
    if not _PLAIN.fullmatch(path) or any(segment.strip(". ") == "" for segment in segments[:-1]):
        raise _refused()
    if segments[-1] and not segments[-1].strip(". "):
        raise _refused()
    return path


def encoded(path: str) -> str:
    """The one spelling of a plain path."""
    return quote(path, safe="/._~:@!$'()*+,=|&-")


def _refused() -> Problem:
    return Problem(
        "not_proxied",
        "The path is not passed on: write it as the platform's reference does, without an address, empty or dot "
        "segments and encoded slashes.",
    )
