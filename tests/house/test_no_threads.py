"""Nothing that every request passes runs in a thread for nothing: FastAPI puts plain functions there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter

from symphony_connect import web


def called(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from called(part)


def routes() -> Iterator[APIRoute]:
    for found in pkgutil.walk_packages(web.__path__, "symphony_connect.web."):
        router = getattr(importlib.import_module(found.name), "router", None)
        for route in router.routes if isinstance(router, APIRouter) else ():
            if isinstance(route, APIRoute):
                yield route


def is_coroutine(call: Any) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


def test_routes_and_what_they_depend_on_are_coroutines() -> None:
    every = [call for route in routes() for call in called(route.dependant)]
    assert len(every) > 50
    assert [call for call in every if not is_coroutine(call)] == []
