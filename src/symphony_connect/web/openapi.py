"""`/openapi.json`: what FastAPI finds, with the scope, the refusals, the address and an example of each call."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from symphony_connect.base.errors import CODES, Code
from symphony_connect.web.auth import Needs
from symphony_connect.web.refuses import EVERY, WITH_BODY, WITH_BRAND, WITH_PLATFORM

Json = dict[str, Any]
FAILURE = {"$ref": "#/components/schemas/Failure"}
INTRODUCTION = """\
Each brand's ad accounts: connected once, kept connected.

**Authentication.** Every call carries an API key in the header `x-api-key`. A secret key (`sym_sk_…`) belongs on
your servers and may do what its scopes say; each call names the scope that it needs. In production a secret key is
refused when it comes from a browser, and so also from this page's *Try it out*; in development it works.

**Answers.** Success is `{"success": true, "data": …}`; failure is `{"success": false, "error": {"code", "message"},
"requestId"}`, and each call lists the codes that it may answer with. Names are camelCase, times RFC 3339 in UTC.
Lists take `limit` and `cursor`; `nextCursor` is null on the last page.
"""


def describe(app: FastAPI, address: str) -> Json:
    """The OpenAPI document of the API served at `address`, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(app, address)
    return app.openapi_schema


def _described(app: FastAPI, address: str) -> Json:
    spec = get_openapi(
        title=app.title, version=app.version, description=INTRODUCTION, routes=app.routes, servers=[{"url": address}]
    )
    spec = _renamed(spec)
    _tidy(spec["paths"], shape=False)
    _tidy(spec["components"]["schemas"], shape=True)
    gates = _gates(app)
    for path, methods in spec["paths"].items():
        for call in methods.values():
            _describe_call(spec, path, call, gates[call["operationId"]])
    return spec


def _gates(app: FastAPI) -> dict[str, list[Needs]]:
    """What each call's key is checked for, by operation id."""
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    return {
        route.operation_id: [part.call for part in route.dependant.dependencies if isinstance(part.call, Needs)]
        for route in routes
        if isinstance(route, APIRoute) and route.operation_id
    }


def _renamed(spec: Json) -> Json:
    """The shapes around others called as people would: `BrandPage` and not `Page_BrandOut_`."""

    def name(found: re.Match[str]) -> str:
        kind, several, inner = found.groups()
        return f"{inner}{'List' if several else ''}{'Page' if kind == 'Page' else 'Answer'}"

    renamed: Json = json.loads(
        re.sub(r"(Page|Success)_(list_)?([A-Za-z]+?)(?:Out|Data)?__?(?=\")", name, json.dumps(spec))
    )
    return renamed


def _tidy(part: Any, *, shape: bool) -> None:
    """Without titles that only repeat names; without defaults in shapes, which make generated types require them."""
    if isinstance(part, list):
        for each in part:
            _tidy(each, shape=shape)
    elif isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        if shape:
            part.pop("default", None)
        for name, each in part.items():
            if isinstance(each, float) and each.is_integer():
                part[name] = int(each)
            _tidy(each, shape=shape)


def _describe_call(spec: Json, path: str, call: Json, gates: list[Needs]) -> None:
    scope = call.pop("x-needs", None) or gates[0].scope
    text = f"Needs the scope `{scope}`" + (
        ", or a publishable key." if any(gate.publishable for gate in gates) else "."
    )
    call["description"] = "\n\n".join(filter(None, [call.get("description"), text]))
    call["security"] = [{"ApiKey": [scope]}]
    call["responses"].pop("default")
    _refusals(spec, call, call.pop("x-refuses", ()), path=path)
    body = call.get("requestBody", {}).get("content", {}).get("application/json")
    answers = [answer["content"]["application/json"] for status, answer in call["responses"].items() if status < "300"]
    for content in filter(None, [body, *answers]):
        content["example"] = example(spec, content["schema"])


def _refusals(spec: Json, call: Json, own: tuple[Code, ...], path: str) -> None:
    """Adds to the call each status it may fail with, and which codes come with it."""
    codes: set[Code] = {*EVERY, *own}
    codes |= set(WITH_BODY) if "requestBody" in call else set()
    codes |= set(WITH_BRAND) if "{brandId}" in path else set()
    codes |= set(WITH_PLATFORM) if "{platform}" in path else set()
    call["x-error-codes"] = [code for code in CODES if code in codes]
    for status in sorted({CODES[code][0] for code in codes}):
        meant = [code for code in CODES if code in codes and CODES[code][0] == status]
        content = {"schema": FAILURE, "examples": {code: {"value": _failure(spec, code)} for code in meant}}
        text = "\n".join(f"- `{code}`: {CODES[code][1]}" for code in meant)
        call["responses"][str(status)] = {"description": text, "content": {"application/json": content}}


def _failure(spec: Json, code: Code) -> Json:
    failure: Json = example(spec, FAILURE)
    failure["error"] = {"code": code, "message": re.sub("`", "", CODES[code][1])}
    return failure


def example(spec: Json, schema: Json) -> Any:
    """A value that fits the schema, made of the examples that its parts declare."""
    if "$ref" in schema:
        return example(spec, spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return example(spec, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [example(spec, schema["items"])]
    if "properties" in schema:
        return {name: example(spec, inner) for name, inner in schema["properties"].items() if _shown(schema, name)}
    plain = {"boolean": True, "integer": 1, "string": "text", "object": {}}
    return schema.get("const", schema.get("enum", [plain.get(schema.get("type", ""))])[0])


def _shown(schema: Json, name: str) -> bool:
    """Answers in full; of requests what is required."""
    return name in schema.get("required", ())
