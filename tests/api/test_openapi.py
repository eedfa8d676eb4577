"""`/openapi.json` and `/docs`: true, whole, and within the pages' own rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from symphony_connect import platforms
from symphony_connect.base.errors import CODES
from tests.api.conftest import API, Api
from tests.platforms import contract

PROMISED = {
    "/brands": {"put", "get", "delete"},
    "/brands/{brandId}/connections": {"get"},
    "/brands/{brandId}/connections/{platform}": {"get", "delete"},
    "/brands/{brandId}/connections/{platform}/token": {"get"},
    "/brands/{brandId}/connections/{platform}/verify": {"post"},
    "/brands/{brandId}/connections/{platform}/renew": {"post"},
    "/brands/{brandId}/connections/{platform}/ad-accounts": {"get", "put"},
    "/connect-sessions": {"post"},
    "/connect-sessions/{id}": {"delete"},
    "/platforms": {"get"},
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
        assert operation["security"] == [{"ApiKey": []}], name
        for status in ("4XX", "5XX"):
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Failure"}, name
        assert "422" not in operation["responses"] or "HTTPValidationError" not in str(operation["responses"]), name
        assert operation["responses"]["200"]["content"]["application/json"]["schema"], name
    ids = [operation["operationId"] for _, operation in operations(api.spec)]
    assert len(ids) == len(set(ids))


def valid(api: Api, answer: Any, method: str, path: str) -> Any:
    """The answer's body, which must be what the specification says of this call and status."""
    responses = api.spec["paths"][API + path][method]["responses"]
    status = str(answer.status_code)
    schema = responses.get(status, responses.get(f"{status[0]}XX"))["content"]["application/json"]["schema"]
    told = answer.json()
    Draft202012Validator({**schema, "components": api.spec["components"]}).validate(told)
    return told


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


def test_the_reference_is_readable_offline(api: Api) -> None:
    page = api.http.get("/docs")
    assert page.status_code == 200
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page.text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\s(on\w+|style)=", page.text)
    for name, operation in operations(api.spec):
        assert f'id="{operation["operationId"]}"' in page.text, name
    for path in re.findall(r'(?:src|href)="(/[^"#]+)"', page.text):
        assert api.http.get(path).status_code == 200, path


def test_the_reference_names_every_error_code_and_no_other(api: Api) -> None:
    page = api.http.get("/docs").text
    errors = page[page.index('id="errors"') :]
    shown = dict(re.findall(r"<dt><code>([a-z_]+)</code> <span[^>]*>(\d+)</span>", errors))
    assert shown == {code: str(status) for code, (status, _) in CODES.items()}


def test_every_answer_has_a_request_id(api: Api) -> None:
    pages = ("/healthz", "/readyz", "/docs", "/openapi.json", "/nowhere", "/static/pages.css", "/metrics", "/%00")
    answers = [api.http.get(path) for path in pages]
    answers += [api.send("GET", "/brands"), api.http.get("/symphony-connect.min.js"), api.http.request("BREW", "/")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"req_[0-9A-Za-z]{24}", id) for id in ids)
