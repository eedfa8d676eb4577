"""A bare HTTP client of the sandbox's TikTok, for tests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.tools.sandbox import CALLBACK, Sandbox

TIKTOK_APP = ("7000000000000000001", "sandbox-tiktok-secret")
TIKTOK_SHORT_TERM_APP = ("7000000000000000002", "sandbox-tiktok-secret")

LONG_TERM = dict(zip(("app_id", "secret"), TIKTOK_APP, strict=True))
SHORT_TERM = dict(zip(("app_id", "secret"), TIKTOK_SHORT_TERM_APP, strict=True))
OTHER_APP = {"app_id": "7000000000000000003", "secret": "sandbox-tiktok-other-secret"}
API = "/open_api/v1.3"
ADA = ["7300000000000010001", "7300000000000010002"]
"""Ada's advertisers."""


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = sandbox.client

    def post(self, path: str, body: Any) -> Any:
        return answer(self.http.post(API + path, json=body))

    def get(self, path: str, token: str = "", **query: str) -> Any:
        return answer(self.http.get(API + path, params=query, headers={"Access-Token": token} if token else {}))

    def dialog(self, path: str = "/portal/auth", **query: Any) -> httpx2.Response:
        return self.http.get(path, params={"app_id": LONG_TERM["app_id"], "redirect_uri": CALLBACK, **query})

    def code(self, app: dict[str, str] = LONG_TERM, **query: Any) -> str:
        came_back = back(self.dialog(app_id=app["app_id"], _sandbox="approve", **query))
        assert came_back["auth_code"] == came_back["code"]
        return came_back["auth_code"]

    def tokens(self, app: dict[str, str] = LONG_TERM, **query: Any) -> Any:
        """`data` of a successful exchange."""
        return ok(self.post("/oauth2/access_token/", {**app, "auth_code": self.code(app, **query)}))

    def token(self, app: dict[str, str] = LONG_TERM, **query: Any) -> str:
        token: str = self.tokens(app, **query)["access_token"]
        return token

    def refresh(self, refresh_token: str, app: dict[str, str] = SHORT_TERM) -> Any:
        return self.post("/oauth2/refresh_token/", {**app, "refresh_token": refresh_token})

    def advertisers(self, token: str, app: dict[str, str] = LONG_TERM) -> Any:
        return self.get("/oauth2/advertiser/get/", token, **app)

    def info(self, token: str, ids: list[Any], fields: list[str] | None = None) -> Any:
        extra = {"fields": json.dumps(fields)} if fields else {}
        return self.get("/advertiser/info/", token, advertiser_ids=json.dumps(ids), **extra)


def back(response: httpx2.Response) -> dict[str, str]:
    """The query that the browser is sent back with."""
    assert response.status_code == 302, response.text
    assert response.headers["location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(response.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def answer(response: httpx2.Response) -> Any:
    """The envelope, which comes as HTTP 200 and names its log id in a header too."""
    assert response.status_code == 200, response.text
    body = response.json()
    assert response.headers["X-Tt-Logid"] == body["request_id"]
    return body


def ok(body: Any) -> Any:
    assert (body["code"], body["message"]) == (0, "OK"), body
    return body["data"]


def refusal(body: Any) -> tuple[int, str]:
    assert body["data"] == {}
    return body["code"], body["message"]
