"""Thousands of generated requests with a key that reads one ad account: nothing leaks, nothing changes.

Each request is put together from pieces that are known to matter: paths in and out of bounds, encodings, method
overrides, batches, header fields, cookies, bodies of every kind. `tests/platforms/<name>/proxied.py` has the pieces,
and looks at what the sandbox holds and was asked.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import re
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from tests.platforms import contract
from tests.proxy.place import Place, opened

pytestmark = pytest.mark.anyio
REACHED = [name for name in platforms.names() if contract.facts(name).proxied is not None]
MANY = 20_000 if os.environ.get("FAULTS") == "full" else 1_000
METHODS = ["GET"] * 6 + ["POST"] * 5 + ["DELETE", "PUT", "PATCH", "HEAD", "get", "OPTIONS"]
OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
ODD = [
    {"Cookie": "access_token=x"}, {"Connection": "x-api-key"}, {"Transfer-Encoding": "identity"},
    {"Forwarded": "host=evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Accept-Encoding": "gzip"},
    {"Content-Encoding": "gzip"}, {"X-Original-URL": "/me"}, {"X-Rewrite-URL": "/me"}, {"Accept": "text/html"},
    {"Range": "bytes=0-1"}, {"Referer": "http://evil.example"}, {"Expect": "100-continue"},
]  # fmt: skip


class Maker:
    """Makes requests from the pieces of one platform."""

    def __init__(self, chance: random.Random, pieces: Any) -> None:
        self.chance = chance
        self.pieces = pieces

    def one(self) -> tuple[str, str, dict[str, Any]]:
        """Method, path with query, and what else httpx2 takes."""
        chance = self.chance
        path, query = chance.choice(self.pieces.paths), self._params()
        if chance.random() < 0.3:
            path = self._spelt(path)
        address = f"{path}?{self._joined(query)}" if query else path
        more: dict[str, Any] = {"headers": self._headers()}
        if chance.random() < 0.5:
            self._body(more, dict(self._params()))
        return chance.choice(METHODS), address, more

    def _joined(self, query: list[tuple[str, str]]) -> str:
        """Pieces that are percent-encoded already go as they are, but now and then are encoded again."""
        if getattr(self.pieces, "raw", False) and self.chance.random() < 0.9:
            return "&".join(f"{quote(name, safe='')}={quote(value, safe='%():,.')}" for name, value in query)
        return urlencode(query)

    def _params(self) -> list[tuple[str, str]]:
        chosen = [self.chance.choice(self.pieces.params) for _ in range(self.chance.choice([0, 0, 1, 1, 2, 3]))]
        return [(self._name(name), value) for name, value in chosen]

    def _name(self, name: str) -> str:
        spellings = [name] * 12 + [f"{name}[]", f" {name}", name.upper(), f"{name}[0]", f"_{name}", f"{name}\0"]
        return self.chance.choice(spellings)

    def _spelt(self, path: str) -> str:
        """The path with something odd in it."""
        at = self.chance.randrange(len(path) + 1)
        odd = self.chance.choice(
            [
                "%2e%2e/",
                "../",
                "%2f",
                "//",
                "%5c",
                "%00",
                ";",
                "%25",
                "%3f",
                "%23",
                "\\",
                "./",
                "%252e%252e%252f",
                "%0a",
            ]
        )
        if self.chance.random() < 0.4 and at < len(path):
            return path[:at] + quote(path[at], safe="").replace(path[at], f"%{ord(path[at]):02x}") + path[at + 1 :]
        return path[:at] + odd + path[at:]

    def _headers(self) -> dict[str, str]:
        chance, found = self.chance, dict[str, str]()
        if chance.random() < 0.2:
            found[chance.choice(OVERRIDES)] = chance.choice(["DELETE", "POST", "GET", "delete", "PUT"])
        if chance.random() < 0.3:
            found |= chance.choice(ODD)
        own = getattr(self.pieces, "fields", [])
        if own and chance.random() < 0.4:
            found |= chance.choice(own)
        return found

    def _body(self, more: dict[str, Any], params: dict[str, str]) -> None:
        kind = self.chance.choice(["form", "json", "multipart", "text", "wrong", "large"])
        if kind == "form":
            more["content"] = self._joined(list(params.items())).encode()
            more["headers"]["content-type"] = "application/x-www-form-urlencoded"
        elif kind == "json":
            more["json"] = {name: self._value(value) for name, value in params.items()}
        elif kind == "multipart":
            more |= {"data": params, "files": {"source": ("a", b"x")}}
        elif kind == "text":
            more["content"] = urlencode(params).encode()
        elif kind == "wrong":
            more["content"] = urlencode(params).encode()
            more["headers"]["content-type"] = self.chance.choice(["application/json", "multipart/form-data", "a/b"])
        elif self.chance.random() < 0.05:
            more["data"] = {**params, "pad": "x" * 1_100_000}

    def _value(self, value: str) -> Any:
        try:
            return json.loads(value) if value[:1] in "[{" and self.chance.random() < 0.5 else value
        except ValueError:
            return value


async def tokens_of(place: Place, brand: int, platform: str) -> str:
    reader = await place.key("tokens:read")
    at = f"/api/sym/v2/brands/{brand}/connections/{platform}/token"
    found: str = (await place.http.get(at, headers={"x-api-key": reader})).json()["data"]["accessToken"]
    return found


@pytest.mark.parametrize("platform", REACHED)
@pytest.mark.timeout(900)
async def test_nothing_leaks_and_nothing_changes(platform: str, capfd: pytest.CaptureFixture[str]) -> None:
    async with opened() as place:
        full = await place.key()
        brand = await place.connected(platform, await place.newcomer(adAccounts=2), full)
        mine, other = await place.accounts(brand, platform, full)

        async def call(method: str, path: str, **more: Any) -> httpx2.Response:
            return await place.send(method, brand, platform, path, full, **more)

        pieces = await importlib.import_module(f"tests.platforms.{platform}.proxied").prepared(place, call, mine, other)
        token = await tokens_of(place, brand, platform)
        shape = re.compile(contract.rules(platform).TOKENS)
        bounds = Bounds(ad_accounts=frozenset({mine}), read_only=True)
        key = await place.key("proxy:use", bounds=bounds)
        held = pieces.held()
        capfd.readouterr()
        place.sent()
        maker = Maker(random.Random(f"{platform}-1"), pieces)
        passed = 0
        for _ in range(MANY):
            method, path, more = maker.one()
            answer = await place.send(method, brand, platform, path, key, **more)
            shown = f"{answer.status_code} {answer.headers} {answer.text}"
            assert answer.status_code < 500, (method, path, more, shown)
            assert token not in shown, (method, path, more)
            assert not shape.search(answer.text.replace(mine, "")), (method, path, more, shown)
            assert pieces.canary not in shown, (method, path, more)
            for sent, body in zip(place.outward.requests, place.outward.bodies, strict=True):
                pieces.check_sent(sent, body)
                assert key not in f"{sent.url} {sent.headers} {body!r}"
            passed += bool(place.sent())
        assert pieces.held() == held, "something was changed"
        assert passed > MANY / 50, "most of what is generated must not be refused for one and the same reason"
        out, err = capfd.readouterr()
        for log in (out, err):
            assert token not in log
            assert key not in log
            assert "Traceback" not in log
