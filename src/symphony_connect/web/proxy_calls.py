"""The short way of a call through the proxy: past the framework's table of routes, which costs more than the call.

Only addresses that the framework would take as they are go this way, inside of everything that is around a request:
limits, CORS, the envelope. All others, refusals of their parts included, go through the framework.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from symphony_connect.base.errors import Problem
from symphony_connect.proxy.proxy import METHODS
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web import problems
from symphony_connect.web.api.proxy import ROUTE, Passing

PATH = re.compile(r"/api/sym/v2/brands/([1-9][0-9]{0,14})/connections/([a-z_]{1,30})/proxy/.+", re.DOTALL)


class _Route:
    """What the log and the metrics call it: the same as the framework's own route."""

    path = ROUTE


class ProxyCalls:
    """ASGI layer next to the framework's routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] in METHODS else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], scope["brand_id"] = _Route, int(found[1])
        request = Request(scope)
        passing = Passing(scope["app"].state.core, request, int(found[1]), found[2])
        try:
            await passing(scope, receive, send)
        except Problem as problem:
            await problems.of_problem(request, problem)(scope, receive, send)
        except StoreUnavailable as error:
            await problems.of_store(request, error)(scope, receive, send)
