"""graph.facebook.com: from a request to an answer, alone or in a batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.platforms.meta.sandbox import wire
from symphony_connect.platforms.meta.sandbox.batch import Batch
from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.fields import wanted
from symphony_connect.platforms.meta.sandbox.grants import Grants
from symphony_connect.platforms.meta.sandbox.holdings import ID
from symphony_connect.platforms.meta.sandbox.inspection import Inspection
from symphony_connect.platforms.meta.sandbox.nodes import Nodes
from symphony_connect.platforms.meta.sandbox.oauth import OAuth
from symphony_connect.platforms.meta.sandbox.openid import OpenId
from symphony_connect.platforms.meta.sandbox.wire import Ask
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World

MOST_IN_A_BATCH = 50
_NO_NODES = ([".well-known"], ["oauth"], ["debug_token"])
"""Paths that begin so name no node."""


class Graph:
    """Everything but the dialog."""

    def __init__(
        self,
        world: World,
        grants: Grants,
        open_id: OpenId,
        inspection: Inspection,
        nodes: Nodes,
        switches: Mapping[str, bool],
    ) -> None:
        self._world = world
        self._open_id = open_id
        self._oauth = OAuth(grants, open_id, switches)
        self._inspection = inspection
        self._nodes = nodes
        self._switches = switches

    async def handle(self, request: Request) -> Response:
        ask: Ask | None = None
        try:
            ask = await wire.ask_of(request, self._world.clock() // 1000)
            if self._switches["new_app"]:
                _check_new_app(ask)
            body: Any = self._batch(ask) if _is_batch(ask) else self._answer(ask)
        except GraphError as error:
            wire.note(call_of(request), ask, error)
            return wire.refusal(self._world, error, ask)
        wire.note(call_of(request), ask, None)
        if ask.path[-1:] == ["picture"] and ask.params.get("redirect") not in ("0", "false"):
            return RedirectResponse(body["data"]["url"], 302)
        answer = wire.success(self._world, ask, body)
        if self._switches["near_limit"]:
            answer.headers["x-app-usage"] = wire.NEAR_LIMIT
        return answer

    def _answer(self, ask: Ask) -> dict[str, Any]:
        if "ids" in ask.params and ask.verb == "GET" and ask.path[:1] not in _NO_NODES:
            return self._several(ask)
        if not ask.path:
            raise GraphError("100/no-object", verb=ask.verb.lower())
        if ask.path[0] == ".well-known":
            return self._open_id.answer(ask)
        if ask.path[0] == "oauth":
            return self._oauth.answer(ask)
        if ask.path == ["debug_token"]:
            return self._inspection.debug_token(ask)
        if len(ask.path) == 2 and ask.path[1] == "instruments":
            return {"success": True}  # where Meta's own SDK reports its crashes
        return self._nodes.answer(ask)

    def _several(self, ask: Ask) -> dict[str, Any]:
        """`GET /?ids=a,b` or `GET /adaccounts?ids=a,b`: nodes or their edges, each as if it was asked for alone."""
        ids = _listed(ask.params["ids"])
        if ask.path and ID.fullmatch(ask.path[0]):
            raise GraphError("2500/ids", id=ask.path[0])
        if not ids:
            raise GraphError("2500/empty")
        if len(ids) > MOST_IN_A_BATCH:
            raise GraphError("100")
        params = {key: value for key, value in ask.params.items() if key != "ids"}
        return {each: self._nodes.answer(replace(ask, path=[each, *ask.path], params=params)) for each in ids}

    def _batch(self, ask: Ask) -> list[dict[str, Any] | None]:
        """Each call of `batch` by itself; they share the token unless they name one."""
        if not ask.access_token:
            raise GraphError("104")
        try:
            calls = json.loads(ask.needed("batch"))
        except ValueError:
            raise GraphError("100/batch") from None
        if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
            raise GraphError("100/batch")
        if len(calls) > MOST_IN_A_BATCH:
            raise GraphError("100/batch-size")
        batch = Batch(self._world, ask, calls, self._answer)
        return [batch.one(part, call) for part, call in enumerate(calls, 1)]


def _is_batch(ask: Ask) -> bool:
    """`POST /`, and a POST to any other path that has a `batch`."""
    return ask.verb == "POST" and (not ask.path or "batch" in ask.params)


def _listed(text: str) -> list[str]:
    """Of a comma list or a JSON array."""
    if text.lstrip().startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except ValueError:
            raise GraphError("100") from None
    return [each.strip() for each in text.split(",") if each.strip()]


def _check_new_app(ask: Ask) -> None:
    """What apps made after 4 November 2026 cannot use. Raises GraphError; the wording is ours."""
    refused = {
        "Multi-ID request (ids)": "ids" in ask.params,
        "HTTP method override": "method" in ask.params,
        "Field aliasing": any("as" in wish.modifiers for wish in wanted(ask.params.get("fields", "")).values()),
        "JSONP (callback)": "callback" in ask.params,
        "Asynchronous batch": "asyncbatch" in ask.params,
    }
    for name, used in refused.items():
        if used:
            raise GraphError("100/new-app", id=name)
