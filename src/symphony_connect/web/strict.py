"""Strict JSON bodies: one object, no repeated keys, nothing that JSON does not allow."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Never
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.types import Scope

from symphony_connect.base.errors import Problem
from symphony_connect.web.auth import Needs

_CALLBACK = re.compile(r"/oauth/[a-z0-9_-]+/callback")
MAX_BODY = 64 * 1024
MAX_DEPTH = 16
MAX_FIELDS = 100
"""Of one object. No call takes so many; each that is not known costs an error of its own."""
ONCE = (
    *(b"host", b"x-api-key", b"origin", b"sec-fetch-site", b"content-type", b"content-length", b"idempotency-key"),
    *(b"authorization", b"access-token"),
)
"""Header fields that a request has at most once. In the last two the proxy takes a key."""
LARGEST_INTEGER = 2**53 - 1


class StrictRoute(APIRoute):
    """Reads query and body itself, before FastAPI does, so that every fault in them has one clear answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        takes_body = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        gates = [part.call for part in self.dependant.dependencies if isinstance(part.call, Needs)]

        # A sign-in's pages are led to by platforms, which may add what they like.
        known = {param.alias for param in self.dependant.query_params} if self.include_in_schema else None

        async def handler(request: Request) -> Response:
            if known is not None:
                check_query(request, known)
            if takes_body:
                # Before the body is read: it is not worth a wait when the key is no good.
                for gate in gates:
                    await gate(request, request.app.state.core, None)
                # Starlette's own cache: FastAPI's call of `request.json()` finds what was parsed here.
                request._json = await strict_json(request)
                request.scope["brand_id"] = request._json.get("brandId")
            return await inner(request)

        return handler


def check_query(request: Request, known: Collection[str]) -> None:
    """A misspelt or repeated parameter must not pass for one left out. Raises Problem."""
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            allowed = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            raise Problem("invalid_request", f"{name[:60]} is no parameter of this call; {allowed}.", field=name[:60])
        if names.count(name) > 1:
            raise Problem("invalid_request", f"{name} stands twice in the query.", field=name)


async def strict_json(request: Request) -> dict[str, Any]:
    """The body as an object. Raises Problem."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("unsupported_media_type", "Send JSON with the header Content-Type: application/json.")
    raw = await request.body()
    try:
        parsed = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer
        )
    except RecursionError:
        raise Problem("invalid_json", f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise Problem("invalid_json", f"The body is not valid JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise Problem("invalid_json", "The body must be a JSON object.")
    _check(parsed, MAX_DEPTH)
    return parsed


def whole(text: str, largest: int) -> int | None:
    """A whole number from 1 to `largest`, as a form sends it; None for anything else, however long."""
    if not re.fullmatch(r"0{0,100}[0-9]{1,16}", text) or not 1 <= int(text.lstrip("0") or "0") <= largest:
        return None
    return int(text.lstrip("0"))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_FIELDS:
        raise Problem("invalid_json", f"An object has more than {MAX_FIELDS} fields.")
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Problem("invalid_json", f"The key {repeated[:60]!r} stands twice in one object.", field=repeated[:60])
    return result


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise ValueError("an integer beyond 2^53 - 1")
    return int(digits)


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise Problem("invalid_json", f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Problem("invalid_json", "A number is too large.")


def fault_of_head(scope: Scope) -> str | None:
    """What is wrong with the address or the header of a request, in a sentence; None when nothing is.

    A field that decides something must not stand twice: a proxy in front may go by the one, this service by
    the other. HTTP/1.1 requires one Host (RFC 9112, section 3.2); the server gives an empty one for a missing one.
    """
    if not _plain_address(scope):
        return "The address holds a control character, or bytes that are no UTF-8."
    names = [name for name, _ in scope["headers"]]
    for name in ONCE:
        if names.count(name) > 1:
            return f"The header {name.decode()} stands twice; send it once."
    if scope["http_version"] == "1.1" and not Headers(scope=scope).get("host"):
        return "The header host is missing."
    return None


def _plain_address(scope: Scope) -> bool:
    """Whether path and query are text that every part behind this one, and both databases, can take.

    The query of a platform's callback is the platform's: whatever it holds, the sign-in must end with a page.
    """
    if _CALLBACK.fullmatch(scope["path"]):
        return True
    try:
        query = unquote_to_bytes(scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(letter < " " or _unpaired(letter) or letter == "\ufffd" for letter in scope["path"] + query)


def _unpaired(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"


def _check_text(text: str) -> None:
    if any((letter < " " and letter not in "\t\n\r") or _unpaired(letter) for letter in text):
        raise Problem("invalid_json", "A text holds a control character or half of a surrogate pair.")
