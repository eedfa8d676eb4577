"""`/openapi.json` and `/docs`: true, whole, and within the pages' own rules."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from symphony_connect import platforms
from symphony_connect.access.api_keys import SCOPES
from symphony_connect.base.errors import CODES
from tests.api.conftest import API, Api
from tests.platforms import contract
from tests.tools.repository import SOURCE, text

PROMISED = {
    "/brands": {"put", "get", "delete"},
    "/brands/{brandId}/connections": {"get"},
    "/brands/{brandId}/connections/{platform}": {"get", "delete"},
    "/brands/{brandId}/connections/{platform}/token": {"get"},
    "/brands/{brandId}/connections/{platform}/token/report": {"post"},
    "/brands/{brandId}/connections/{platform}/verify": {"post"},
    "/brands/{brandId}/connections/{platform}/renew": {"post"},
    "/brands/{brandId}/connections/{platform}/ad-accounts": {"get", "put"},
    "/brands/{brandId}/connections/{platform}/proxy/{path}": {"get", "head", "post", "put", "patch", "delete"},
    "/connect-sessions": {"post"},
    "/connect-sessions/{id}": {"delete"},
    "/platforms": {"get"},
    "/events": {"get"},
    "/webhooks": {"get", "post"},
    "/webhooks/{id}": {"patch", "delete"},
    "/webhooks/{id}/deliveries": {"get"},
}


def operations(spec: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{m} {path}", operation) for path, ms in spec["paths"].items() for m, operation in ms.items()]


def test_it_is_valid(api: Api) -> None:
    assert api.spec["openapi"].startswith("3.1")
    validate(api.spec)


def test_every_promised_call_is_there(api: Api) -> None:
    for path, methods in PROMISED.items():
        assert methods <= set(api.spec["paths"][API + path]), path


def test_every_call_says_what_it_does_and_needs(api: Api) -> None:
    assert api.spec["components"]["securitySchemes"]["ApiKey"]["name"] == "x-api-key"
    for name, operation in operations(api.spec):
        assert operation["summary"], name
        (scope,) = operation["security"][0]["ApiKey"]
        assert scope in SCOPES, name
        assert f"`{scope}`" in operation["description"], name
        listed: set[str] = set()
        for status, answer in operation["responses"].items():
            content = answer["content"]["application/json"]
            if status >= "400":
                assert content["schema"] == {"$ref": "#/components/schemas/Failure"}, name
                assert {CODES[code][0] for code in content["examples"]} == {int(status)}, name
                assert all(f"`{code}`: {CODES[code][1]}" in answer["description"] for code in content["examples"]), name
                listed |= set(content["examples"])
            else:
                assert content["schema"], name
        assert listed == set(operation["x-error-codes"]), name
        assert {"invalid_key", "missing_scope", "too_many_requests", "store_unavailable"} <= listed, name
    ids = [operation["operationId"] for _, operation in operations(api.spec)]
    assert len(ids) == len(set(ids))
    assert [id for id in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", id)] == []
    assert {"registerBrand", "readToken", "createConnectSession"} <= set(ids)


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def schemas(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema: each shape and its fields, each parameter's."""
    for shape in spec["components"]["schemas"].values():
        yield from parts(shape)
    for part in parts(spec["paths"]):
        if "in" in part:
            yield from parts(part["schema"])


WORDS = {
    *("$ref", "additionalProperties", "anyOf", "const", "default", "description", "enum", "examples", "format"),
    *("items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum", "pattern", "properties"),
    *("required", "type"),
}


def test_it_says_all_in_the_words_of_json_schema(api: Api) -> None:
    names = {name for schema in schemas(api.spec) for name in schema.get("properties", {})}
    for schema in schemas(api.spec):
        if {"type", "anyOf", "$ref", "enum", "const"} & set(schema):
            assert set(schema) - names <= WORDS, schema
        if "const" in schema:
            assert isinstance(schema["const"], str), "generated clients cannot read another constant"
    brand = next(part for part in parts(api.spec["paths"]) if part.get("name") == "brandId" and part["required"])[
        "schema"
    ]
    assert (brand["minimum"], brand["maximum"]) == (1, 2**53 - 1)


def test_what_may_be_left_out_is_not_required_by_generated_types(api: Api) -> None:
    """Generators count a field with a default among those that are always there."""
    shapes = api.spec["components"]["schemas"]
    assert set(shapes["PutBrand"]["required"]) == {"brandId", "adPlatform", "accessToken"}
    assert shapes["PostConnectSession"]["required"] == ["brandId"]
    assert not any("default" in part for shape in shapes.values() for part in parts(shape.get("properties", {})))


def test_it_names_the_address_and_the_formats(api: Api) -> None:
    assert api.spec["servers"] == [{"url": api.service.url}]
    shapes = api.spec["components"]["schemas"]
    assert shapes["ConnectSessionOut"]["properties"]["url"]["format"] == "uri"
    assert shapes["ConnectSessionOut"]["properties"]["expiresAt"]["format"] == "date-time"
    assert {"reason", "reconnectUrl", "field", "platform"} <= set(shapes["ErrorBody"]["properties"])
    for part in parts(api.spec["paths"]):
        if part.get("name") == "cursor":
            assert "cursor" in str(part["schema"])
        if part.get("name") == "platform":
            assert set(part["schema"]["enum"]) == set(platforms.names())


def test_every_text_of_an_address_says_what_it_may_hold(api: Api) -> None:
    """Control characters are refused everywhere: what allows any text would promise more than is taken."""
    said = [
        (part["name"], {name for schema in parts(part["schema"]) for name in schema})
        for part in parts(api.spec["paths"])
        if part.get("in") in ("path", "query") and "string" in str(part["schema"])
    ]
    assert {"id", "platform", "cursor"} <= {name for name, _ in said}
    assert [name for name, words in said if not {"pattern", "enum", "format"} & words] == []


def test_every_example_is_one(api: Api) -> None:
    """Of bodies, answers and failures: each fits its schema, and none is a type's name."""
    shown = [
        part for part in parts(api.spec["paths"]) if "schema" in part and ("example" in part or "examples" in part)
    ]
    assert len(shown) > 100
    for content in shown:
        values = (
            [each["value"] for each in content["examples"].values()] if "examples" in content else [content["example"]]
        )
        check = Draft202012Validator({**content["schema"], "components": api.spec["components"]})
        for value in values:
            check.validate(value)
            assert "string" not in str(value)


def valid(api: Api, answer: Any, method: str, path: str) -> Any:
    """The answer's body, which must be what the specification says of this call and status."""
    responses = api.spec["paths"][API + path][method]["responses"]
    status = str(answer.status_code)
    schema = responses.get(status, responses.get(f"{status[0]}XX"))["content"]["application/json"]["schema"]
    reply = answer.json()
    Draft202012Validator({**schema, "components": api.spec["components"]}).validate(reply)
    return reply


@pytest.mark.parametrize("platform", platforms.names())
def test_real_answers_are_as_described(api: Api, platform: str) -> None:
    brand = api.brand()
    at = f"/brands/{brand}/connections/{platform}"
    described = "/brands/{brandId}/connections/{platform}"
    body = {"brandId": brand, "adPlatform": platform, **api.token(platform, api.sandbox.newcomer())}
    valid(api, api.send("PUT", "/brands", json=body), "put", "/brands")
    for path in ("/brands", f"/brands?brandId={brand}"):
        valid(api, api.send("GET", path), "get", "/brands")
    valid(api, api.send("GET", f"/brands/{brand}/connections"), "get", "/brands/{brandId}/connections")
    valid(api, api.send("GET", at), "get", described)
    valid(api, api.send("GET", f"{at}/token"), "get", f"{described}/token")
    valid(api, api.send("POST", f"{at}/token/report", json={"code": "190"}), "post", f"{described}/token/report")
    for verb in ("verify", "renew"):
        valid(api, api.send("POST", f"{at}/{verb}"), "post", f"{described}/{verb}")
    listed = valid(api, api.send("GET", f"{at}/ad-accounts"), "get", f"{described}/ad-accounts")["data"]
    chosen = api.send("PUT", f"{at}/ad-accounts", json={"selected": [listed[0]["id"]]})
    valid(api, chosen, "put", f"{described}/ad-accounts")
    session = valid(api, api.send("POST", "/connect-sessions", json={"brandId": brand}), "post", "/connect-sessions")
    ended = api.send("DELETE", f"/connect-sessions/{session['data']['id']}")
    valid(api, ended, "delete", "/connect-sessions/{id}")
    valid(api, api.send("DELETE", at), "delete", described)
    valid(api, api.send("GET", f"{at}/token"), "get", f"{described}/token")
    valid(api, api.send("DELETE", f"/brands?brandId={brand}"), "delete", "/brands")
    names = valid(api, api.send("GET", "/platforms"), "get", "/platforms")["data"]
    assert {one["adPlatform"]: one["configured"] for one in names}[platform] is True


def test_platforms_are_the_printed_table(api: Api) -> None:
    table = {one["adPlatform"]: one for one in api.send("GET", "/platforms").json()["data"]}
    printed = {name: contract.rules(name).PRINTED for name in table if hasattr(contract.rules(name), "PRINTED")}
    assert len(printed) == 2
    for name, (token_type, notes) in printed.items():
        assert (table[name]["tokenType"], table[name]["notes"]) == (token_type, notes)


def test_the_reference_is_all_ours(api: Api) -> None:
    """The viewer and what it shows come from this service, and the policy lets nothing else in."""
    page = api.http.get("/docs")
    assert page.status_code == 200
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page.text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\s(on\w+|style)=", page.text)
    paths = re.findall(r'(?:src|href)="(/[^"#]+)"', page.text)
    assert {"/openapi.json", "/dashboard"} <= set(paths)
    for path in paths:
        assert api.http.get(path, follow_redirects=True).status_code in (200, 401), path
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
def test_the_viewer_is_the_one_that_the_decision_names(name: str) -> None:
    recorded = text(Path("docs/decisions/0031-description-and-viewer.md"))
    content = (SOURCE / "web/static/swagger-ui" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() in recorded


def test_the_reference_names_every_error_code_and_no_other(api: Api) -> None:
    page = api.http.get("/docs").text
    errors = page[page.index('id="errors"') :]
    shown = dict(re.findall(r"<dt><code>([a-z_]+)</code> <span[^>]*>(\d+)</span>", errors))
    assert shown == {code: str(status) for code, (status, _) in CODES.items()}
    assert "`" not in errors


def test_every_answer_has_a_request_id(api: Api) -> None:
    pages = ("/healthz", "/readyz", "/docs", "/openapi.json", "/nowhere", "/static/pages.css", "/metrics", "/%00")
    answers = [api.http.get(path) for path in pages]
    answers += [api.send("GET", "/brands"), api.http.get("/symphony-connect.min.js"), api.http.request("BREW", "/")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"req_[0-9A-Za-z]{24}", id) for id in ids)
