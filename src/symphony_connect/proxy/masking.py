"""Takes tokens out of what passes, as it passes: a token may stand across the border of two pieces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

MASK = b"[redacted]"
HELD = 4_096
"""Bytes that are held back until more has come: whatever is looked for is shorter, or begins there."""
MOST_HELD = 65_536
"""Bytes that a token of unknown length may grow to before it is masked without its end."""
_FIELD = re.compile(
    rb"""(?P<json>access_token\\*["']\s*:\s*\\*["'])(?P<text>[^"'\\]+)|"""
    rb"""(?P<address>access_token(?:=|%3[Dd]|\\+u003[dD]))(?P<value>[^"'\\&\s<>,;}%#]+)"""
)
"""`"access_token":"…"`, however often JSON was put inside of JSON, and `access_token=…` of an address."""
_WORD = re.compile(rb"[\w|~+/=.-]+")

Match = tuple[int, int, bytes]
"""Where something begins and ends, and what takes its place."""
Replace = Callable[[bytes], bytes]
"""From the bytes of a secret to what stands in their place."""


def shown(_: bytes) -> bytes:
    return MASK


def same_length(secret: bytes) -> bytes:
    """For what is not text, or has a length that was announced already."""
    return b"x" * len(secret)


class Masker:
    """One body, in one direction. `feed` each piece, then `end` once."""

    def __init__(
        self,
        secrets: Iterable[str],
        *,
        shapes: re.Pattern[bytes] | None = None,
        fields: bool = False,
        replace: Replace = shown,
        links: tuple[str, str] | None = None,
        key: bytes = b"",
    ) -> None:
        """`shapes` is what unknown tokens look like. `fields`: values of `access_token` are masked whatever they are.

        `links`: an address, and what stands in its place wherever it does. `key`: what takes the place of a secret
        that is the value of `access_token` in an address, so that whoever follows a link is let in.
        """
        self._secrets = _spellings(secrets)
        self._longest = max((len(each) for each in self._secrets), default=0)
        self._shapes = shapes
        self._fields = fields
        self._replace = replace
        self._links = _addresses(*links) if links else {}
        self._key = key
        self._held = b""
        self._swallowing = False

    def feed(self, piece: bytes) -> bytes:
        return self._masked(self._held + piece, final=False)

    def end(self) -> bytes:
        return self._masked(self._held, final=True)

    def whole(self, text: str) -> str:
        """A header field's value, masked."""
        data = text.encode("latin-1", "replace")
        return self._replaced(data, [*self._found(data)], len(data)).decode("latin-1")

    def _masked(self, data: bytes, *, final: bool) -> bytes:
        if self._swallowing and data:
            rest = _WORD.match(data)
            data = data[rest.end() :] if rest else data
            self._swallowing = not data
        found = self._found(data)
        cut = len(data) if final else max(len(data) - max(HELD, self._longest), 0)
        for start, end, _ in found:
            if start < cut and (end > cut or (end == len(data) and not final)):
                cut = self._cut_at(start, end, len(data), final)
        self._held = data[cut:]
        return self._replaced(data, [each for each in found if each[0] < cut], cut)

    def _cut_at(self, start: int, end: int, length: int, final: bool) -> int:
        """Where a match that goes over the cut is left to the next piece, unless it is too long to wait for."""
        if final or end < length or length - start <= MOST_HELD:
            return start if not final else length
        self._swallowing = True
        return length

    def _found(self, data: bytes) -> list[Match]:
        """All that is looked for, in order, none over another."""
        every = [
            (at, at + len(secret), self._replace(secret)) for secret in self._secrets for at in _places(data, secret)
        ]
        every += [(at, at + len(link), new) for link, new in self._links.items() for at in _places(data, link)]
        if self._fields and b"access_token" in data:
            every += [(*each.span(), self._field(each)) for each in _FIELD.finditer(data)]
        if self._shapes is not None:
            every += [(*each.span(), self._replace(each[0])) for each in self._shapes.finditer(data)]
        every.sort(key=lambda each: (each[0], -each[1]))
        return _apart(every)

    def _field(self, found: re.Match[bytes]) -> bytes:
        if found["json"]:
            return found["json"] + self._replace(found["text"])
        if self._key and found["value"] in self._secrets:
            return found["address"] + self._key
        return found["address"] + self._replace(found["value"])

    def _replaced(self, data: bytes, found: list[Match], end: int) -> bytes:
        if not found:
            return data[:end]
        parts, at = [], 0
        for start, stop, new in found:
            parts += [data[at:start], new]
            at = stop
        return b"".join([*parts, data[at:end]])


def _apart(every: list[Match]) -> list[Match]:
    """Where two overlap, such as a token and the address around it, both go."""
    apart: list[Match] = []
    for each in every:
        if not apart or each[0] >= apart[-1][1]:
            apart.append(each)
        elif each[1] > apart[-1][1]:
            apart[-1] = (apart[-1][0], each[1], apart[-1][2])
    return apart


def _places(data: bytes, part: bytes) -> list[int]:
    found, at = [], data.find(part)
    while at >= 0:
        found.append(at)
        at = data.find(part, at + len(part))
    return found


def _spellings(secrets: Iterable[str]) -> list[bytes]:
    """Each as it is, and as addresses and JSON write it."""
    found: dict[bytes, None] = {}
    for secret in filter(None, secrets):
        for text in (secret, quote(secret, safe=""), secret.replace("/", "\\/"), secret.replace("|", "\\u007c")):
            found[text.encode()] = None
    return list(found)


def _addresses(old: str, new: str) -> dict[bytes, bytes]:
    """An address as text, in an address, and as JSON writes it, also inside of JSON."""
    found = {old: new, quote(old, safe=""): quote(new, safe="")}
    for slash in ("\\/", "\\\\\\/"):
        found[old.replace("/", slash)] = new.replace("/", slash)
    return {each.encode(): other.encode() for each, other in found.items()}
