"""A transport that answers from a script and keeps what it was asked, for answers no server can be made to give."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2

from symphony_connect import platforms
from symphony_connect.base.env import Env
from symphony_connect.platforms.base import Platform
from symphony_connect.platforms.http import Upstream

SAMPLES = Path(platforms.__file__).parent
NOW = 1_780_000_000_000
"""The hour at which every scripted platform lives, in milliseconds."""


def sample(platform: str, name: str) -> Any:
    return json.loads((SAMPLES / platform / "samples" / f"{name}.json").read_text(encoding="utf-8"))


class Scripted:
    """Answers by method and end of path. A list is worked off, its last answer stays; bytes go out as they are."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {key: list(value) if isinstance(value, list) else [value] for key, value in answers.items()}
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        for key, left in self._answers.items():
            method, _, path = key.partition(" ")
            if request.method == method and request.url.path.endswith(path):
                return _response(left.pop(0) if len(left) > 1 else left[0])
        raise AssertionError(f"the script has no answer to {request.method} {request.url.path}")

    def asked(self, path: str) -> list[dict[str, str]]:
        """Query, form or JSON object of every request to a path, oldest first."""
        return [_said(request) for request in self.requests if request.url.path.endswith(path)]


def _response(answer: Any) -> httpx2.Response:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, httpx2.Response):
        return answer
    return httpx2.Response(200, content=answer) if isinstance(answer, bytes) else httpx2.Response(200, json=answer)


def _said(request: httpx2.Request) -> dict[str, str]:
    if request.headers.get("content-type") == "application/json":
        said: dict[str, str] = json.loads(request.content)
        return said
    raw = request.content.decode() if request.method == "POST" else request.url.query.decode()
    return {name: values[0] for name, values in parse_qs(raw, keep_blank_values=True).items()}


def id_token(**claims: Any) -> str:
    """Unsigned: nothing of ours checks the signature of one that came from a token endpoint."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{payload}.signature"


def scripted(name: str, env: Mapping[str, str], answers: Mapping[str, Any]) -> tuple[Platform, Scripted]:
    """The platform `name` over a script, configured by `env` (whole names), in development."""
    script = Scripted(answers)
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(script))
    made = platforms.module(name, "platform").create(
        Env(env).under(name.upper()), Upstream(client, attempts=1), lambda: NOW, False
    )
    platform: Platform = made
    return platform, script
