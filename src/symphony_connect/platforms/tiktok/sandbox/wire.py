"""How TikTok's API speaks HTTP: envelopes, slashes, verbs, and where a request keeps its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from symphony_connect.platforms.tiktok.sandbox.errors import Refusal, missing
from symphony_connect.sandbox.ledger import Call
from symphony_connect.sandbox.world import World

_VERSIONED = re.compile(r"^/open_api(?:/v1\.[0-3])?(?=/)")
"""v1.3 is the newest."""
_INT64 = 2**63


@dataclass
class Question:
    """One API request: its fields, its token, and its row in the ledger."""

    fields: Mapping[str, Any]
    token: str
    """The `Access-Token` header; empty when there is none. `Authorization` is ignored."""
    call: Call

    def text(self, *names: str) -> str:
        """The first of these fields that is there, a string or a whole number. Raises Refusal 40002 for others."""
        for name in names:
            value = self.fields.get(name)
            if value is None or value == "":
                continue
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise Refusal("40002", f"{name}: Not a valid string.")
            return str(value)
        raise missing(names[0])

    def number(self, *names: str) -> str:
        """An int64, written as a string or a number, in its plain form. Raises Refusal 40002."""
        text = self.text(*names)
        if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
            raise Refusal("40002", f'{names[0]}: strconv.ParseInt: parsing "{text}": invalid syntax')
        if len(text) > len(str(_INT64)) + 1 or not -_INT64 <= int(text) < _INT64:
            raise Refusal("40002", f'{names[0]}: strconv.ParseInt: parsing "{text}": value out of range')
        return str(int(text))

    def within(self, name: str, usual: int, most: int) -> int:
        """A number from 1 to `most`, `usual` where there is none. Raises Refusal 40002."""
        value = int(self.number(name)) if self.fields.get(name) not in (None, "") else usual
        if not 1 <= value <= most:
            raise Refusal("40002", f"{name}: Must be between 1 and {most}.")
        return value

    def strings(self, name: str) -> list[str] | None:
        """A JSON array of strings in a query field; None when it is not there. Raises Refusal 40002."""
        text = self.fields.get(name)
        if not text:
            return None
        try:
            values = json.loads(text)
        except ValueError:
            values = None
        if not isinstance(values, list) or not all(type(value) in (str, int) for value in values):
            raise Refusal("40002", f"{name}: Not a valid JSON array of strings.")
        return [str(value) for value in values]


@dataclass(frozen=True)
class Operation:
    """One path's handler. It returns the content of `data`, or the whole answer when `flat`."""

    handle: Callable[[Question], dict[str, Any]]
    verbs: tuple[str, ...] = ("POST",)
    form: bool = False
    """A form body is read too."""
    flat: bool = False
    note: str = ""
    """What of it is not as the real one's, for the table of what is answered."""


def plain(path: str) -> str:
    """`/oauth2/access_token/` of `/open_api/v1.3/oauth2/access_token/`."""
    return _VERSIONED.sub("", path)


def request_id(world: World) -> str:
    """Begins with the time in UTC, as TikTok's do."""
    return datetime.fromtimestamp(world.clock() / 1000, UTC).strftime("%Y%m%d%H%M%S") + world.hex(18).upper()


def envelope(world: World, code: int, message: str, content: Mapping[str, Any], *, flat: bool = False) -> Response:
    """HTTP 200 whatever the code: only a wrong path or verb has another status."""
    log_id = request_id(world)
    body = {"code": code, "message": message, "request_id": log_id, **(content if flat else {"data": content})}
    return JSONResponse(body, headers={"X-Tt-Logid": log_id})


def refused(world: World, refusal: Refusal, *, flat: bool = False) -> Response:
    return envelope(world, refusal.code, refusal.message, {}, flat=flat)


def endpoint(world: World, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    """The one route under `/open_api/`. Paths in `operations` are plain and end in a slash.

    A GET may leave the slash out; a POST without it meets `404 page not found`.
    """

    async def answer(request: Request) -> Response:
        path = plain(request.url.path)
        operation = operations.get(path) or (operations.get(f"{path}/") if request.method == "GET" else None)
        if operation is None or path == request.url.path:
            return not_found()
        if request.method not in operation.verbs:
            return not_allowed(operation.verbs)
        call: Call = request.scope["sandbox.call"]
        try:
            question = Question(await _fields(request, operation), request.headers.get("access-token", ""), call)
            content = operation.handle(question)
        except Refusal as refusal:
            call.code, call.why = str(refusal.code), refusal.message
            return refused(world, refusal, flat=operation.flat)
        return envelope(world, 0, "OK", content, flat=operation.flat)

    return answer


def not_found() -> Response:
    return PlainTextResponse("404 page not found", 404)


def not_allowed(verbs: Sequence[str]) -> Response:
    """A page of the edge before the API."""
    title = "405 Not Allowed"
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
    return HTMLResponse(page, 405, {"Allow": ", ".join(verbs)})


async def _fields(request: Request, operation: Operation) -> Mapping[str, Any]:
    if request.method == "GET":
        return request.query_params
    body = await request.body()
    if operation.form and "application/x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return dict(parse_qsl(body.decode(errors="replace")))
    try:
        fields = json.loads(body or b"{}")
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise Refusal("40002", "The request body is not a JSON object.")
    return fields
