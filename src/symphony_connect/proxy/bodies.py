"""What a request's body says, as far as it is looked into; and the one spelling in which it is sent on.

Form fields and JSON of up to MOST bytes are parsed and written again, so that the platform reads what was checked and
nothing else. Everything larger, and every other kind, passes as it comes: a bounded key may not send it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlencode

from symphony_connect.base.errors import Problem
from symphony_connect.platforms.proxied import NOTHING, Call, Pairs

MOST = 1024 * 1024
"""Bytes of a body that is looked into."""
MOST_FIELDS = 1_000
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
LOOKED_INTO = (FORM, MULTIPART, JSON)
_BOUNDARY = re.compile(r"boundary=(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_.$\[\]-]{1,200}")
_VALUE = re.compile(r"(?:[A-Za-z0-9_.~!$'()*+,:@/?=|-]|%[0-9A-Fa-f]{2})*")
_DISPOSITION = re.compile(r'form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?')


@dataclass
class File:
    """A file inside a form."""

    name: str
    filename: str
    kind: str
    content: bytes


@dataclass
class Body:
    """`kind` is the content type without parameters; `rest` is what comes behind `begun`, None where that is all."""

    kind: str = ""
    begun: bytes = b""
    rest: AsyncIterator[bytes] | None = None
    form: Pairs = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    json: Any = NOTHING
    raw: bool = False
    """Whether the values of `form` are still percent-encoded."""

    @property
    def opaque(self) -> bool:
        return self.rest is not None or (bool(self.begun) and self.kind not in LOOKED_INTO)

    @property
    def empty(self) -> bool:
        return not self.begun and self.rest is None

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, as it comes."""
        yield self.begun
        if self.rest is not None:
            async for piece in self.rest:
                yield piece

    def written(self, call: Call) -> tuple[str, bytes]:
        """Content type and bytes of the call's own fields. Only for what is not opaque."""
        if self.kind == MULTIPART:
            return _multipart(call.form, self.files)
        if self.kind == JSON and call.json is not NOTHING:
            return JSON, json.dumps(call.json, separators=(",", ":")).encode()
        return FORM, joined(call.form, raw=self.raw).encode()


async def look_into(content_type: str, pieces: AsyncIterator[bytes], *, raw: bool = False) -> Body:
    """Reads as much as it takes to know the fields. Raises Problem `invalid_request` or `invalid_json`.

    `raw`: the values of a form are left percent-encoded.
    """
    kind, begun = content_type.partition(";")[0].strip().lower(), b""
    most = MOST if kind in LOOKED_INTO else 0
    async for piece in pieces:
        begun += piece
        if len(begun) > most:
            return Body(kind, begun, pieces)
    body = Body(kind, begun)
    if not begun:
        return Body()
    if kind == FORM:
        body.form, body.raw = pairs(begun.decode("latin-1"), raw=raw), raw
    elif kind == MULTIPART:
        _read_multipart(body, content_type)
    elif kind == JSON:
        body.json = _json(begun)
    return body


def pairs(text: str, *, raw: bool = False) -> Pairs:
    """The fields of a query or a form; `raw`: values left percent-encoded. Raises Problem `invalid_request`."""
    if raw:
        return _raw_pairs(text)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(
            "invalid_request", f"Query and form hold at most {MOST_FIELDS} fields, in percent-encoded UTF-8."
        ) from None


def joined(fields: Pairs, *, raw: bool = False) -> str:
    """The one spelling in which fields are sent on; `raw`: values are percent-encoded already."""
    return "&".join(f"{name}={value}" for name, value in fields) if raw else urlencode(fields)


def _raw_pairs(text: str) -> Pairs:
    found = [(unquote(name), value) for name, _, value in (part.partition("=") for part in text.split("&") if part)]
    if len(found) > MOST_FIELDS or not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in found):
        raise Problem(
            "invalid_request",
            f"Query and form hold at most {MOST_FIELDS} fields, with plain names and percent-encoded values.",
        )
    return found


def parsed(text: str) -> Any:
    """JSON in which no key comes twice: of two, each reader takes another. Raises ValueError."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _json(raw: bytes) -> Any:
    try:
        return parsed(raw.decode("utf-8"))
    except ValueError:
        raise Problem("invalid_json", "The body is not JSON, or names a key twice in one object.") from None


def _once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) != len(items):
        raise ValueError("a key comes twice")
    return found


def _no(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _read_multipart(body: Body, content_type: str) -> None:
    found = _BOUNDARY.search(content_type)
    if not found:
        raise _unreadable()
    first, *parts = (b"\r\n" + body.begun).split(b"\r\n--" + (found[1] or found[2]).encode())
    if first or not parts or not parts.pop().startswith(b"--") or len(parts) > MOST_FIELDS:
        raise _unreadable()
    for part in parts:
        _read_part(body, part)


def _read_part(body: Body, part: bytes) -> None:
    head, gap, content = part.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lstrip("\r\n").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    named = _DISPOSITION.fullmatch(fields.get("content-disposition", ""))
    if not gap or not named:
        raise _unreadable()
    try:
        name = named[1].encode("latin-1").decode("utf-8")
        if named[2] is None:
            body.form.append((name, content.decode("utf-8")))
            return
        filename = named[2].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable() from None
    body.files.append(File(name, filename, fields.get("content-type", "application/octet-stream"), content))


def _unreadable() -> Problem:
    return Problem("invalid_request", "The multipart form cannot be read: send it as browsers and HTTP libraries do.")


def _multipart(form: Pairs, files: list[File]) -> tuple[str, bytes]:
    parts = [(f'name="{name}"', "", value.encode()) for name, value in form]
    parts += [
        (f'name="{each.name}"; filename="{each.filename}"', f"\r\nContent-Type: {each.kind}", each.content)
        for each in files
    ]
    boundary = hashlib.sha256(b"".join(content for _, _, content in parts)).hexdigest()
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {named}{kind}\r\n\r\n".encode() + content + b"\r\n"
        for named, kind, content in parts
    )
    return f"{MULTIPART}; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
