"""`/openapi.json`, and `/docs` made from it: readable offline, within the CSP, without a script."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse

from symphony_connect.base.errors import CODES
from symphony_connect.web import pages
from symphony_connect.web.auth import TheCore

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request, core: TheCore) -> HTMLResponse:
    """The API reference."""
    app: FastAPI = request.app
    spec = app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            shown = _operation(spec, method, path, operation)
            groups.setdefault(operation.get("tags", ["other"])[0], []).append(shown)
    return pages.render(core, "docs.html", spec=spec, groups=groups, codes=CODES)


def _operation(spec: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "fields": _fields(spec, body) if body else [],
        "answer": _example(spec, answer, 6) if answer else None,
    }


def _resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return found
    return schema


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, type, whether required, and what it is for."""
    schema = _resolve(spec, schema)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "type": _type(spec, inner),
            "required": name in required,
            "text": inner.get("description", ""),
        }
        for name, inner in schema.get("properties", {}).items()
    ]


def _type(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(spec, inner) for inner in schema["anyOf"])
    schema = _resolve(spec, schema)
    if schema.get("type") == "array":
        return f"list of {_type(spec, schema['items'])}"
    if "enum" in schema:
        return " · ".join(str(value) for value in schema["enum"])
    return str(schema.get("const", schema.get("type", "object")))


def _example(spec: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """A value of the schema's shape, its types in the place of values."""
    if "anyOf" in schema:
        return _example(spec, schema["anyOf"][0], depth)
    schema = _resolve(spec, schema)
    if "anyOf" in schema:
        return _example(spec, schema["anyOf"][0], depth)
    if depth and schema.get("type") == "array":
        return [_example(spec, schema["items"], depth - 1)]
    if depth and "properties" in schema:
        return {name: _example(spec, inner, depth - 1) for name, inner in schema["properties"].items()}
    return schema.get("const", _type(spec, schema))
