"""LinkedIn's API through the proxy: the token put in, and its headers where a client sends none.

Sources: LinkedIn's "API Concepts: Methods, Query Tunneling, Protocol Versions", "Versioning", "Rate Limiting" and
the reference of the Marketing API (learn.microsoft.com/linkedin).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from symphony_connect.base.model import Grant
from symphony_connect.platforms.http import Answer
from symphony_connect.platforms.linkedin import errors, touching
from symphony_connect.platforms.linkedin.settings import Settings
from symphony_connect.platforms.proxied import READS, Call, Proxied, Touched

API = ("rest", "v2")
READING = frozenset({"GET", "BATCH_GET", "GET_ALL", "FINDER", "BATCH_FINDER"})
"""Methods of Rest.li that change nothing; `X-RestLi-Method` names them in any letters."""


class LinkedInProxied(Proxied):
    credentials: ClassVar[frozenset[str]] = frozenset({"access_token", "oauth2_access_token", "client_secret"})
    special: ClassVar[frozenset[str]] = frozenset(
        {"account", "accounts", "action", "fields", "ids", "projection", "q", "search"}
    )
    keeps_encoding: ClassVar[bool] = True

    def __init__(self, settings: Settings, headers: Mapping[str, str]) -> None:
        super().__init__(settings.api_url)
        self._settings = settings
        self._headers = headers

    def refusal(self, call: Call) -> str:
        if not call.segments or call.segments[0] not in API:
            return "LinkedIn's API is below rest/ and v2/; signing in, and all about tokens, is this service's part."
        return ""

    def signed(self, call: Call, grant: Grant) -> dict[str, str]:
        missing = {name: value for name, value in self._headers.items() if not call.sent(name.lower())}
        return {**super().signed(call, grant), **missing}

    def secrets(self, grant: Grant) -> tuple[str, ...]:
        return (*super().secrets(grant), self._settings.app.secret.reveal())

    def reads(self, call: Call) -> bool:
        """A long query is sent as the form of a POST, and `X-HTTP-Method-Override: GET` says so."""
        asked = {value.upper() for value in call.sent("x-restli-method")}
        if call.opaque or not asked <= READING or any(name == "action" for name, _ in call.params()):
            return False
        if not set(call.overrides) <= READS:
            return False
        return call.method in READS or (call.method == "POST" and len(call.sent("x-http-method-override")) == 1)

    def repeatable(self, call: Call) -> bool:
        return self.reads(call)

    def touched(self, call: Call) -> Touched:
        return touching.touched(call, reading=self.reads(call))

    def failure(self, status: int, headers: Mapping[str, str], body: object, now: int) -> Exception | None:
        return errors.of_api(Answer(status, headers, body), now) if status >= 400 else None
