"""Text and values made safe for a log line or a terminal: secrets masked, control characters escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from symphony_connect.base.model import Secret

MASK = "[redacted]"
LONGEST = 16_384
"""Characters of one value that a log line keeps."""
DEEPEST = 8
"""Levels of nesting that a log line keeps."""

_NAMES = (
    r"token|secret|passw(?:or)?d|passphrase|pwd|authorization|api[-_.]?key|master[-_.]?key|private[-_.]?key|"
    r"credential|code[-_]?verifier|auth[-_]?code|signed[-_]?request|appsecret[-_]?proof|client[-_]?assertion|cookie|dsn"
)
SECRET_NAMES = re.compile(rf"{_NAMES}|database[-_.]?url", re.IGNORECASE)
"""Names whose values are never shown."""

_SEPARATOR = (
    r"(?:\\*[\"']|%(?:25)*2[27])?(?:\s|%20)*(?:=>|[=:]|%(?:25)*3[ADad]|(?<=[\"'])\s*,(?=\s*b?\\*[\"']))(?:\s|%20|\+)*"
)
_VALUE = (
    r"(?:b?\\*\"(?:\\.|[^\"\\])*|b?\\*'(?:\\.|[^'\\])*|\[[^\]]*|\{[^}]*|"
    r"(?:bearer|basic|digest|oauth|token)(?:\s|%20|\+)+[^\s\"'<>]+|[^\s\"'&<>]+)"
)
_NAMED = re.compile(
    # `tokens:read` and the like are scopes.
    rf"((?:{_NAMES}|(?<![a-z])code)(?![a-z]*s:(?:read|write)\b)[\w.\]-]{{0,40}}{_SEPARATOR})({_VALUE})",
    re.IGNORECASE,
)
_COOKIES = re.compile(r"(cookie\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)
_CODES = re.compile(r"[a-z][a-z_]*|-?[0-9]{1,6}(?:/[0-9]{1,8})?")
"""Error codes, which stand beside the codes of OAuth under one name."""

_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)|"
    r"sym_[sp]k_\w+|symcs_\w+|whsec_[\w+/=-]+|"  # ours
    r"EAA[\w-]{8,}|\d{6,}\|[\w-]{8,}|"  # Meta: a user's token, and an app's
    r"ya29\.[\w.-]+|1//[\w-]{8,}|4/[\w-]{20,}|GOCSPX-[\w-]+|AIza[\w-]{20,}|"  # Google
    r"eyJ[\w-]{6,}\.[\w.-]+|"  # JSON Web Tokens
    r"(?<![A-Za-z])(?:bearer|basic)(?:\s|%20|\+)+[\w.~+/=:|%-]{6,}|"
    r"(?<=://)[^\s\"'/?#:@]{0,200}:[^\s\"']{0,500}@",  # user and password of a URL
    re.DOTALL | re.IGNORECASE,
)
_RUN = re.compile(r"[A-Za-z0-9_+=-]{32,}|(?<![\w/+])[A-Za-z0-9+/]{43}=")
_OUR_ID = re.compile(r"[a-z]{2,8}_[0-9A-Za-z]{24}")


def redact(text: str) -> str:
    """The text with everything masked that looks like a secret of ours or of a platform, whatever stands around it."""
    text = _COOKIES.sub(rf"\1{MASK}", _KNOWN.sub(MASK, text))
    return _RUN.sub(_long_run, _NAMED.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if (
        name.lower().startswith("code")
        and "verifier" not in name.lower()
        and _CODES.fullmatch(value.strip("\\\"'b,;)"))
    ):
        return found[0]
    return name + MASK


def _long_run(found: re.Match[str]) -> str:
    """A long run of letters and digits is random, and so a secret, unless it is made of words or is one of our ids."""
    run = found[0]
    mixed = re.search("[0-9]", run) and (re.search("[a-z]", run) and re.search("[A-Z]", run))
    hexadecimal = re.search("[0-9]", run) and re.fullmatch("[0-9a-fA-F]+", run)
    return run if _OUR_ID.fullmatch(run) or not (mixed or hexadecimal) else MASK


def printable(text: str) -> str:
    """The text on one line: whatever would move a cursor, hide, or start a line is written as its escape."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]


def clean(value: Any, name: str = "", depth: int = 0) -> Any:
    """What a log line may hold of a value called `name`: JSON's own types, with redacted and printable text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Secret) or SECRET_NAMES.search(name):
        return MASK
    if isinstance(value, int | float):
        return value
    if name.lower() == "code" and not _CODES.fullmatch(_as_text(value)):
        return MASK
    if depth == DEEPEST and isinstance(value, Mapping | Collection) and not isinstance(value, str | bytes):
        return "…"
    if isinstance(value, Mapping):
        return {_text(str(key)): clean(each, str(key), depth + 1) for key, each in value.items()}
    if isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray):
        return _items(list(value), depth)
    return _text(_as_text(value))


def _items(items: list[Any], depth: int) -> list[Any]:
    """A pair of a name and a value, as headers are listed, keeps what its name says."""
    if len(items) == 2 and isinstance(items[0], str | bytes):
        return [clean(items[0]), clean(items[1], _as_text(items[0]), depth + 1)]
    return [clean(each, "", depth + 1) for each in items]


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return str(value)


def _text(text: str) -> str:
    return printable(redact(text if len(text) <= LONGEST else _cut(text)))


def _cut(text: str) -> str:
    """The beginning, without the piece of a word at its end: half a secret would look like none."""
    kept = text[:LONGEST]
    end = max(kept.rfind(" "), kept.rfind("\n"))
    return f"{kept[:end] if end > 0 else ''} … ({len(text)} characters)"
