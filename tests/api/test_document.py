"""The document's own commands, as a program: hosts and tokens changed, nothing else."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from tests.api.conftest import Api
from tests.platforms import contract

PRINTED = contract.all_having("PRINTED")


class Curl:
    """`curl -X METHOD URL -H … -d …`, with the document's host made ours."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._headers = {"x-api-key": api.service.secret_key}

    def __call__(self, url: str, method: str = "GET", data: str | None = None) -> Any:
        ours = url.replace("https://api.symphonyos.co", self._api.service.url)
        headers = self._headers | ({"Content-Type": "application/json"} if data else {})
        answer = httpx2.request(method, ours, headers=headers, content=data, trust_env=False, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()


def test_the_documents_program(api: Api) -> None:
    curl = Curl(api)
    brands = "https://api.symphonyos.co/api/sym/v2/brands"
    for platform in PRINTED:
        token = api.token(platform, "ada")["accessToken"]
        data = f"""{{
    "brandId": 12345,
    "adPlatform": "{platform}",
    "accessToken": "{token}"
  }}"""
        assert json.loads(data)["brandId"] == 12345
        seen = curl(brands, "PUT", data)
        assert seen == {"success": True, "message": "Brand 12345 updated successfully"}
    seen = curl(f"{brands}?brandId=12345")
    assert seen["success"] is True
    assert seen["data"]["id"] == 12345
    assert [one["adPlatform"] for one in seen["data"]["connections"]] == PRINTED


def test_the_documents_page(api: Api) -> None:
    """`fetch` from a page, with the key in it, as printed: works in development."""
    headers = {
        "x-api-key": api.service.secret_key,
        "Content-Type": "application/json",
        "origin": "http://localhost:3000",
    }
    url = f"{api.service.url}/api/sym/v2/brands"
    asked = {"origin": headers["origin"], "access-control-request-method": "PUT"}
    assert api.http.options(url, headers=asked).status_code == 204
    body = {"brandId": 12346, "adPlatform": PRINTED[-1], "accessToken": api.token(PRINTED[-1])["accessToken"]}
    answer = api.http.put(url, headers=headers, content=json.dumps(body))
    assert answer.json() == {"success": True, "message": "Brand 12346 updated successfully"}
    assert answer.headers["access-control-allow-origin"] == headers["origin"]
