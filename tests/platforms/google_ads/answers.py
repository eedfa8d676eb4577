"""A set-up app, a grant, and refusals in the two forms that Google words them in."""

from __future__ import annotations

from typing import Any

import httpx2

from symphony_connect.base.model import Grant, Secret

APP = "1234567890-abc123.apps.googleusercontent.com"
ENV = {
    "SYMPHONY_GOOGLE_ADS_APP_ID": APP,
    "SYMPHONY_GOOGLE_ADS_APP_SECRET": "GOCSPX-1",
    "SYMPHONY_GOOGLE_ADS_DEVELOPER_TOKEN": "dev-1",
}
KNOWN = Grant(Secret("token-1"), Secret("1//refresh"), extra={"name": "Ada Lark"})
TOKEN, INFO, REVOKE = "POST /token", "POST /tokeninfo", "POST /revoke"
ROOTS = "GET /v26/customers:listAccessibleCustomers"


def refused(status: int, error: str, words: str = "no") -> httpx2.Response:
    return httpx2.Response(status, json={"error": error, "error_description": words})


def failed(status: int, field: str, code: str, **more: Any) -> httpx2.Response:
    details = [{"@type": "GoogleAdsFailure", "errors": [{"errorCode": {field: code}, "message": "no", **more}]}]
    return httpx2.Response(status, json=[{"error": {"code": status, "message": "no", "details": details}}])
