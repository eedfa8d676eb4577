"""Every failure in the one error shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from symphony_connect.base.errors import CODES, RETRY_AFTER, Code, Problem
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.web import trouble

log = structlog.get_logger()

PASSED_ON = ("retry-after", "allow", "ratelimit", "ratelimit-policy")
"""Headers of a refusal that its page has too."""
HTTP_CODES: dict[int, Code] = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class Refusal(JSONResponse):
    """A failure, which leaves its code with the request for the log line. Where an owner meets it, it is a page."""

    problem: Problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["refused"] = self.problem.code
        if not trouble.met_by_a_person(scope):
            await super().__call__(scope, receive, send)
            return
        page = trouble.page(scope, self.problem)
        for name in PASSED_ON:
            if name in self.headers:
                page.headers[name] = self.headers[name]
        await page(scope, receive, send)


def answer(problem: Problem, request_id: str) -> Refusal:
    """`{"success": false, "error": {…}, "requestId"}` with the code's status."""
    error: dict[str, Any] = {"code": problem.code, "message": problem.message}
    if problem.field:
        error["field"] = problem.field
    if problem.platform:
        error["platform"] = problem.platform
    error.update(problem.details or {})
    headers = {"cache-control": "no-store"}
    retry_after = problem.retry_after or RETRY_AFTER.get(problem.code)
    if retry_after:
        headers["retry-after"] = str(retry_after)
    if problem.status == 401:
        headers["www-authenticate"] = "x-api-key"
    body = {"success": False, "error": error, "requestId": request_id}
    refusal = Refusal(body, problem.status, headers)
    refusal.problem = problem
    return refusal


def request_id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


def of_problem(request: Request, problem: Problem) -> Refusal:
    """The answer, with the key noted for the log line."""
    if problem.key_id:
        request.scope["key_id"] = problem.key_id
    return answer(problem, request_id(request))


def of_store(request: Request, error: StoreUnavailable) -> Refusal:
    log.error("store.unavailable", error=str(error), request_id=request_id(request))
    return answer(Problem("store_unavailable", CODES["store_unavailable"][1]), request_id(request))


def install(app: FastAPI) -> None:
    """Handlers for our own problems, the framework's, and the database's."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> JSONResponse:
        return of_problem(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(_from_validation(error), request_id(request))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTP_CODES.get(error.status_code, "invalid_request")
        response = answer(Problem(code, CODES[code][1]), request_id(request))
        response.headers.update(error.headers or {})
        if error.status_code == 405 and (methods := methods_at(app, request.url.path)):
            response.headers["allow"] = ", ".join(methods)
        return response

    @app.exception_handler(StoreUnavailable)
    async def _store(request: Request, error: StoreUnavailable) -> JSONResponse:
        return of_store(request, error)


def methods_at(app: FastAPI, path: str) -> list[str]:
    """All methods of a documented path: the framework names those of the first route alone."""
    at = (methods for template, methods in app.openapi()["paths"].items() if compile_path(template)[0].match(path))
    return sorted({method.upper() for methods in at for method in methods})


def _from_validation(error: RequestValidationError) -> Problem:
    """The first fault, in words that name the field; never the value, which may be a token."""
    faults = [(_place(fault["loc"], error.body), _reason(fault)) for fault in error.errors()]
    field = faults[0][0]
    # A field that takes text or a number has a fault for each.
    reason = ", or ".join(dict.fromkeys(reason for place, reason in faults if place == field))
    return Problem("invalid_request", f"{field or 'The request'}: {reason}.", field=field)


def _place(loc: tuple[str | int, ...], body: Any) -> str | None:
    """A field as the caller sent it, such as `selected.0`, without the library's names for kinds of values."""
    where, *parts = loc
    if where == "body":
        parts = list(_sent(parts, body))
    return ".".join(str(part) for part in parts) or None


def _sent(parts: list[str | int], value: Any) -> Iterator[str | int]:
    for part in parts:
        if not isinstance(value, dict | list):
            return
        yield part
        value = value.get(part) if isinstance(value, dict) else value[part] if isinstance(part, int) else None


def _reason(fault: dict[str, Any]) -> str:
    reasons = {
        "missing": "is required",
        "extra_forbidden": "is not a field of this call",
        "value_error": str(fault.get("ctx", {}).get("error", "is not valid")),
    }
    said = str(fault["msg"]).partition(" after validation")[0]
    return reasons.get(fault["type"], said[:1].lower() + said[1:])
