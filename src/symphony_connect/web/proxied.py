"""What a request to the proxy is, before it is passed on: its address, and the key in its head or its form."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from symphony_connect.access import api_keys
from symphony_connect.base.errors import Problem

PATH = re.compile(r"/api/sym/v2/brands/[0-9]{1,16}/connections/[a-z0-9_]{1,30}/proxy/")
"""Where every address of the proxy begins. Behind it the path is the platform's."""
Scope = Mapping[str, Any]
FORM = "application/x-www-form-urlencoded"
MOST_FORM = 64 * 1024
"""Bytes of a form in which a key is looked for."""
FORM_WITHIN = 10.0
"""Seconds in which these must arrive: until then nobody knows who is asking."""


def is_proxied(scope: Scope) -> bool:
    return scope["type"] == "http" and PATH.match(scope.get("path", "")) is not None


def key_in_head(scope: Scope) -> str:
    """The key of a request to the proxy, from header or query; `x-api-key` comes first. Empty where it holds none."""
    return next(_keys(scope), "")


def key_in_query(scope: Scope) -> bool:
    """Whether the key came as `access_token` in the address, and nowhere before it."""
    head = {**scope, "query_string": b""}
    return not key_in_head(head) and bool(key_in_head(scope))


def keyed_by_form(scope: Scope) -> bool:
    """Whether it is a form that may hold the key, because the head holds none."""
    form = is_proxied(scope) and Headers(raw=list(scope["headers"])).get("content-type", "").startswith(FORM)
    return form and not key_in_head(scope)


async def key_in_form(receive: Receive) -> tuple[str, Receive]:
    """The key at the beginning of a form, empty where there is none; and the request as if nothing had been read.

    Raises Problem `invalid_request` for a form that trickles in.
    """
    begun, read, more = b"", list[Message](), True
    try:
        async with asyncio.timeout(FORM_WITHIN):
            while more and len(begun) <= MOST_FORM:
                read.append(await receive())
                begun += read[-1].get("body", b"")
                more = read[-1].get("more_body", False)
    except TimeoutError:
        raise Problem(
            "invalid_request", f"The form did not arrive within {FORM_WITHIN:g} seconds; send the key as a header."
        ) from None

    async def again() -> Message:
        return read.pop(0) if read else await receive()

    keys = filter(api_keys.kind_of, tokens(begun.decode("latin-1")))
    return next(keys, ""), again


def _keys(scope: Scope) -> Iterator[str]:
    headers = Headers(raw=list(scope["headers"]))
    if sent := headers.get("x-api-key", "").strip():
        yield sent
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    values = [headers.get("access-token", ""), bearer if scheme.lower() in ("bearer", "oauth") else ""]
    values += tokens(scope["query_string"].decode("latin-1"))
    yield from (value for value in map(str.strip, values) if api_keys.kind_of(value))


def tokens(form: str) -> list[str]:
    """The values of `access_token` in a query or a form."""
    return [value for name, value in parse_qsl(form, max_num_fields=None) if name == "access_token"]
