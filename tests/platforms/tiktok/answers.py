"""What TikTok answers, documented or made up, and the app and grants that ask."""

from __future__ import annotations

from typing import Any

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.base.model import Grant, Secret
from tests.platforms.scripted import NOW, sample

APP = {"app_id": "7000000000000000001", "secret": "sandbox-tiktok-secret"}
ENV = {"SYMPHONY_TIKTOK_APP_ID": APP["app_id"], "SYMPHONY_TIKTOK_APP_SECRET": APP["secret"]}
GRANT = Grant(Secret("token-1"))
PAIR = Grant(Secret("token-1"), Secret("refresh-1"), NOW + HOUR, NOW + 300 * DAY, scopes=("1", "2"))


def body(name: str) -> Any:
    """The documented answer of that name."""
    return sample("tiktok", name)["body"]


def ok(**data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "OK", "request_id": "1", "data": data}


def no(code: int, message: str = "no") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "1", "data": {}}
