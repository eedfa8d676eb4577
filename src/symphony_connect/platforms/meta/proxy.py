"""The Graph API through the proxy: token and proof put in, batches and method overrides looked into.

Sources: Meta's "Batch Requests", "Secure Graph API Calls", "Rate Limits", "Insights, Asynchronous Jobs"; its own SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from symphony_connect.base.model import Grant
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import Answer
from symphony_connect.platforms.meta import batches, errors, touching, usage
from symphony_connect.platforms.meta.graph import Graph
from symphony_connect.platforms.meta.settings import Settings
from symphony_connect.platforms.proxied import NOTHING, READS, Call, Pairs, Proxied, Touched, Usage

_TOKENS = re.compile(r"oauth.*|debug_token|dialog|device|(system_user_)?access_tokens?(_info)?", re.IGNORECASE)
"""Segments of paths that issue, inspect or end tokens."""
_OVERRIDES = ("method", "_method")


class MetaProxied(Proxied):
    credentials: ClassVar[frozenset[str]] = frozenset(
        {"access_token", "appsecret_proof", "appsecret_time", "client_secret", "input_token"}
    )
    shapes: ClassVar[re.Pattern[bytes] | None] = re.compile(
        # The literal stands first, so that the search for it is fast; what stands before it is looked at after.
        rb"EAA(?:(?<![A-Za-z0-9_]EAA)|(?<=%[0-9A-Fa-f]{2}EAA)|(?<=\\u[0-9A-Fa-f]{4}EAA))[\w-]{16,}"
    )
    special: ClassVar[frozenset[str]] = frozenset({"batch", "ids", "id", "fields", *_OVERRIDES})

    def __init__(self, settings: Settings, graph: Graph) -> None:
        super().__init__(settings.graph_url)
        self._settings = settings
        self._graph = graph

    def refusal(self, call: Call) -> str:
        if call.segments and call.segments == touching.path(call):
            return "Paths of the Graph API begin with its version, such as v26.0/me."
        return self._refusal(call)

    def _refusal(self, call: Call) -> str:
        """Of a call, alone or in a batch, where versions may be left out."""
        if any(_TOKENS.fullmatch(part) for part in (*call.segments, *touching.nodes(call))):
            return "Signing in, and everything about tokens, is this service's part."
        if "permissions" in call.segments and not self._verbs(call) <= READS:
            return "This would end the connection: DELETE …/connections/{platform} does, and says what became of it."
        try:
            return next(filter(None, map(self._refusal, self._parts(call))), "")
        except ValueError as error:
            return f"The batch cannot be looked into: {error}."

    def stripped(self, call: Call) -> Call:
        """Also inside of batches, whose calls are written again as they were understood."""
        call = super().stripped(call)
        call.query = self._rewritten(call.query)
        call.form = self._rewritten(call.form)
        if isinstance(call.json, dict) and "batch" in call.json:
            call.json["batch"] = batches.written(call.json["batch"], self.credentials)
        return call

    def signed(self, call: Call, grant: Grant) -> dict[str, str]:
        call.query = [*call.query, *self._graph.signed(grant.access_token).items()]
        return {}

    def secrets(self, grant: Grant) -> tuple[str, ...]:
        proof = self._graph.signed(grant.access_token)["appsecret_proof"]
        return (*super().secrets(grant), proof, self._settings.app.secret.reveal())

    def reads(self, call: Call) -> bool:
        """A batch reads where each of its calls does. An asynchronous report is asked for by POST."""
        verbs, parts = self._verbs(call), list(self._parts(call))
        if call.opaque or not all(map(self.reads, parts)):
            return False
        if parts:
            return verbs <= {*READS, "POST"} and not touching.path(call)
        return verbs <= READS or (verbs == {"POST"} and [*touching.path(call), ""][1:2] == ["insights"])

    def touched(self, call: Call) -> Touched:
        parts = list(self._parts(call))
        if not parts:
            return touching.touched(call)
        found = Touched(unknown="a batch goes to the root of the API" if touching.path(call) else "")
        for part in parts:
            found |= touching.touched(part)
        shared = replace(call, query=_without_batch(call.query), form=_without_batch(call.form), json=NOTHING)
        return found | touching.named(shared)

    def lookup(self, object_id: str) -> Call:
        return Call("GET", f"{self._settings.version}/{object_id}", [("fields", "account_id")])

    def account_of(self, body: Any) -> str | None:
        number = fields.text(fields.mapping(body).get("account_id")).removeprefix("act_")
        return f"act_{number}" if number.isascii() and number.isdigit() else None

    def limits(self, call: Call, accounts: frozenset[str]) -> frozenset[str]:
        """Insights have a limit of their own beside the ad account's."""
        if "insights" not in call.segments:
            return accounts
        return accounts | {usage.INSIGHTS, *(f"{usage.INSIGHTS} {account}" for account in accounts)}

    def usage(self, headers: Mapping[str, str], call: Call, accounts: frozenset[str]) -> Usage:  # noqa: ARG002
        return usage.usage(headers, accounts)

    def failure(self, status: int, headers: Mapping[str, str], body: Any, now: int) -> Exception | None:
        """Of a batch, the first of its calls that failed because of the token or of a limit."""
        if isinstance(body, list):
            inner = (self.failure(*answer, now) for answer in batches.answers(body))
            return next((error for error in inner if errors.concerns_all(error)), None)
        error = fields.mapping(body).get("error")
        if not error and status < 400:
            return None
        return errors.failure(Answer(status, headers, body), fields.mapping(error), now)

    def _verbs(self, call: Call) -> frozenset[str]:
        asked = (str(value).strip().upper() for name, value in call.params() if name in _OVERRIDES)
        return frozenset({call.method, *call.overrides, *asked})

    def _parts(self, call: Call) -> Iterator[Call]:
        """The calls of every batch in it. Raises ValueError."""
        for name, value in call.params():
            if name == "batch":
                yield from batches.calls(value)

    def _rewritten(self, pairs: Pairs) -> Pairs:
        return [
            (name, batches.text(batches.written(value, self.credentials)) if name == "batch" else value)
            for name, value in pairs
        ]


def _without_batch(pairs: Pairs) -> Pairs:
    return [pair for pair in pairs if pair[0] != "batch"]
