"""What generators from npm make of `/openapi.json`. `make clients` installs them: make test does without npm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.platforms.chosen import ANY

BIN = Path(__file__).parents[1] / "tools/clients/node_modules/.bin"
pytestmark = pytest.mark.skipif(not BIN.exists(), reason="make clients installs what this needs")

USE = """
import type { components, operations, paths } from "./schema";

type Body<Id extends keyof operations> = operations[Id] extends
  { requestBody?: { content: { "application/json": infer B } } } ? B : never;

// Nothing that has a default has to be sent.
export const put: Body<"registerBrand"> = { brandId: 12345, adPlatform: "PLATFORM", accessToken: "EAAx" };
export const session: Body<"createConnectSession"> = { brandId: 12345 };
export const report: Body<"reportToken"> = { code: 190 };

type Token = paths["/api/sym/v2/brands/{brandId}/connections/{platform}/token"]["get"];
export function read(answer: Token["responses"][200]["content"]["application/json"]): string {
  const success: boolean = answer.success;
  return success ? answer.data.accessToken : "";
}
export function why(error: components["schemas"]["ErrorBody"]): string {
  return `${error.code}: ${error.message} ${error.reason ?? ""} ${error.reconnectUrl ?? ""}`;
}
"""


def run(folder: Path, program: str, *arguments: str) -> None:
    done = subprocess.run([BIN / program, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture
def folder(api: Api, tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(api.spec), "utf-8")
    return tmp_path


def test_openapi_typescript_under_strict(folder: Path) -> None:
    run(folder, "openapi-typescript", "openapi.json", "-o", "schema.ts")
    (folder / "use.ts").write_text(USE.replace("PLATFORM", ANY), "utf-8")
    run(folder, "tsc", "--strict", "--noEmit", "--exactOptionalPropertyTypes", "--target", "es2022", "use.ts")


def test_openapi_to_postman(api: Api, folder: Path) -> None:
    run(folder, "openapi2postmanv2", "-s", "openapi.json", "-o", "collection.json")
    collection = json.loads((folder / "collection.json").read_text("utf-8"))
    requests = list(_requests(collection))
    assert len(requests) == sum(len(path) for path in api.spec["paths"].values())
    for request in requests:
        assert request["url"]["host"] == ["{{baseUrl}}"]
        auth = {each["key"]: each["value"] for each in request["auth"]["apikey"]}
        assert (auth["key"], auth["in"]) == ("x-api-key", "header")


def _requests(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "request" in item:
        yield item["request"]
    for each in item.get("item", ()):
        yield from _requests(each)
