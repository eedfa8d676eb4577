"""What a Rest.li 2.0 request asks for: its method, its parameters, and its body, also where a query is tunnelled.

Structure (`List(…)`, `(a:b)`) counts only where it is not percent-encoded; data inside of it is encoded.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from symphony_connect.platforms.linkedin.sandbox.errors import Refusal

LIST = re.compile(r"List\((.*)\)", re.DOTALL)
USUAL = {"GET": "GET", "POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}


@dataclass(frozen=True)
class Asked:
    method: str
    """Of Rest.li, in capital letters."""
    params: dict[str, str]
    """Still percent-encoded."""
    body: Any

    def text(self, name: str) -> str:
        return unquote(self.params.get(name, ""))

    def number(self, name: str, usual: int) -> int:
        """Raises Refusal."""
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refusal("400", f"{name} is no number")
        return int(text) if text else usual

    def listed(self, name: str) -> list[str]:
        """The texts of a list. Raises Refusal where its brackets and commas are encoded, as data is."""
        raw = self.params.get(name, "")
        found = LIST.fullmatch(raw)
        if raw and found is None:
            raise Refusal("400", f"Invalid query parameters passed to request: {name}")
        return [unquote(part) for part in found[1].split(",") if part] if found else []


async def asked(request: Request) -> Asked:
    """Raises Refusal."""
    raw, verb = (await request.body()).decode("latin-1"), request.method
    query = request.scope["query_string"].decode("latin-1")
    override = request.headers.get("x-http-method-override", "").upper()
    kind = request.headers.get("content-type", "").partition(";")[0]
    if verb == "POST" and override:
        verb = override
        if kind == "application/x-www-form-urlencoded":
            query, raw = raw, ""
    pairs = (part.partition("=") for part in query.split("&") if part)
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        raise Refusal("400", "The body is not JSON") from None
    method = request.headers.get("x-restli-method", "").upper() or USUAL.get(verb, verb)
    return Asked(method, {unquote(name): value for name, _, value in pairs}, body)
