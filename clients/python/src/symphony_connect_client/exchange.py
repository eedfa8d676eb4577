"""From a call to a request, and from an answer to a result or an error; without sending anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from symphony_connect_client import retries
from symphony_connect_client.calls import Call
from symphony_connect_client.errors import APIError, ConnectionFailed, NeedsReconnect

Result = TypeVar("Result")
API = "/api/sym/v2"


@dataclass(frozen=True, repr=False)
class Service:
    """Where the service is, and the key to it."""

    url: str
    key: str

    @classmethod
    def at(cls, url: str, key: str) -> Service:
        """Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("url is the service's address, such as https://connect.example.com")
        if not key.startswith("sym_sk_"):
            raise ValueError("key is a secret API key: sym_sk_…")
        return cls(url.rstrip("/").removesuffix(API), key)

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """As arguments of httpx2's `request`."""
        headers = {"x-api-key": self.key, "accept": "application/json"}
        if call.idempotency_key:
            headers["idempotency-key"] = call.idempotency_key
        sent: dict[str, Any] = {"method": call.method, "url": f"{self.url}{API}{call.path}", "headers": headers}
        if call.query:
            sent["params"] = {name: value for name, value in call.query.items() if value is not None}
        if call.body is not None:
            sent["json"] = call.body
        return sent

    def proxy(self, brand_id: int, platform: str) -> str:
        """The address that stands for the platform's own: its paths follow, version included."""
        if not isinstance(brand_id, int) or not platform.isidentifier():
            raise ValueError("brand_id is a whole number, and platform a name such as GET /platforms lists")
        return f"{self.url}{API}/brands/{brand_id}/connections/{platform}/proxy"


def read(call: Call[Result], status: int, headers: Mapping[str, str], content: bytes, now: float) -> Result:
    """Raises APIError, or ConnectionFailed for a success that cannot be read."""
    found = _parsed(content)
    if 200 <= status < 300:
        try:
            return call.read(found)
        except (KeyError, TypeError, ValueError) as wrong:
            raise ConnectionFailed("The answer is not one of Symphony Connect's. Is the address right?") from wrong
    told = found.get("error")
    error = told if isinstance(told, dict) else {"message": f"The answer is HTTP {status} and not the service's own"}
    kind = NeedsReconnect if error.get("code") == "needs_reconnect" else APIError
    request_id = headers.get("x-request-id") or found.get("requestId")
    raise kind(status, error, request_id, retries.seconds(headers.get("retry-after"), now))


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
