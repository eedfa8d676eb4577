"""Turns the failures of the dashboard's routes into pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from symphony_connect.base.errors import CODES, Problem
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web.auth import core_of
from symphony_connect.web.dashboard import render
from symphony_connect.web.dashboard.guard import SignedOut

SIGN_IN = "/dashboard/sign-in"


class PageRoute(APIRoute):
    """Shows the sign-in page to a person who is not signed in; a Problem becomes a page that says what to do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except SignedOut:
                if "application/json" in request.headers.get("accept", ""):
                    return Response(status_code=401)
                return RedirectResponse(SIGN_IN, 303, {"cache-control": "no-store"})
            except RequestValidationError:
                return _problem_page(
                    request, Problem("invalid_request", "This page address is not valid. Go back to the connections.")
                )
            except StoreUnavailable:
                return _problem_page(request, Problem("store_unavailable", CODES["store_unavailable"][1]))
            except Problem as problem:
                return _problem_page(request, problem)

        return handler


def _problem_page(request: Request, problem: Problem) -> Response:
    response = render.page(core_of(request), "problem.html", status=problem.status, problem=problem)
    if problem.retry_after:
        response.headers["retry-after"] = str(problem.retry_after)
    return response
