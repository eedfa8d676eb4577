"""What a request to the proxy is, before anything is read of it: its address, and the key in its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from symphony_connect.access import api_keys

PATH = re.compile(r"/api/sym/v2/brands/[0-9]{1,16}/connections/[a-z0-9_]{1,30}/proxy/")
"""Where every address of the proxy begins. Behind it the path is the platform's."""
Scope = Mapping[str, Any]


def is_proxied(scope: Scope) -> bool:
    return scope["type"] == "http" and PATH.match(scope.get("path", "")) is not None


def key_in_head(scope: Scope) -> str:
    """The key of a request to the proxy, from header or query; `x-api-key` comes first. Empty where it holds none."""
    return next(_keys(scope), "")


def key_in_query(scope: Scope) -> bool:
    """Whether the key came as `access_token` in the address, and nowhere before it."""
    head = {**scope, "query_string": b""}
    return not key_in_head(head) and bool(key_in_head(scope))


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
