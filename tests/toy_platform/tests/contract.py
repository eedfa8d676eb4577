"""How the contract tests come by tokens of the sandbox's toy."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tests.platforms.contract import Mint
from tests.tools.sandbox import CALLBACK, Sandbox, good

APP = ("sandbox-1.apps.toy.example", "sandbox-toy-secret")
WISHES: dict[str, Any] = {}
EXCHANGE = "oauth/token"
RENEWED = EXCHANGE
INSPECTED = "v1/me"
READ = "/toy/v1/me"
UNREADABLE = "toy:token_revoked"
SPENT = "toy:invalid_grant"
WRONG_SECRET = "toy:invalid_client"
APP_WORDINGS = ("toy:invalid_client",)
LISTED = ("v1/ad_accounts",)
LIST_REFUSED = ("toy:no_permission", "toy:rate_limited", "http:503")
DEEDS = {"revoke": "revoked"}
RENEWAL_DUE = "45m"
TOKENS = r"toy[ar]_[A-Za-z0-9]{30}"


def exchanged(sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
    app_id, secret = app or APP
    dialog = {"client_id": app_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": scope}
    code = sandbox.consent("/toy/oauth/authorize", dialog, person)["code"]
    basic = b64encode(f"{app_id}:{secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code}
    answer = sandbox.client.post("/toy/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
    seen: dict[str, Any] = good(answer)
    return seen


def _issue(sandbox: Sandbox, person: str, **wishes: Any) -> dict[str, Any]:
    issued: dict[str, Any] = sandbox.control("tokens", {"platform": "toy", "person": person, **wishes})
    return issued


def token(sandbox: Sandbox, person: str) -> dict[str, Any]:
    return {**_issue(sandbox, person), "expiresIn": 3600}


def works(sandbox: Sandbox, access_token: str) -> bool:
    headers = {"Authorization": f"Bearer {access_token}", "Toy-Developer": "toy-developer-token"}
    return sandbox.client.get("/toy/v1/me", headers=headers).status_code == 200


def _revoked(sandbox: Sandbox, person: str) -> str:
    token = str(_issue(sandbox, person)["accessToken"])
    sandbox.person(person, "revoke", platform="toy")
    return token


REFUSED: dict[str, tuple[Mint, str]] = {
    "without its refresh token": (lambda box, who: str(_issue(box, who)["accessToken"]), "token_of_other_app"),
    "expired": (lambda box, who: str(_issue(box, who, expiresIn=-60)["accessToken"]), "token_refused"),
    "revoked": (_revoked, "token_refused"),
    "never issued": (lambda _, __: "toya_" + "x" * 30, "token_refused"),
}
