"""How the contract tests come by tokens of the sandbox's LinkedIn: the partner's app, for they can be renewed."""

from __future__ import annotations

from typing import Any

from symphony_connect.base.clock import MINUTE
from tests.platforms.contract import Mint
from tests.tools.sandbox import CALLBACK, Sandbox, good

APP = ("78sandboxpartn", "sandbox-linkedin-partner")
OTHER_APP = "78sandboxother"
WISHES: dict[str, Any] = {}
EXCHANGE = "oauth/v2/accessToken"
RENEWED = EXCHANGE
INSPECTED = "introspectToken"
READ = "/linkedin/v2/userinfo"
PROXIED_READ = "/v2/userinfo"
UNREADABLE = "linkedin:active"
SPENT = "linkedin:invalid_grant"
WRONG_SECRET = "linkedin:invalid_client"
BUSY = "linkedin:500"
PROXIED_LIMIT = ("linkedin:429", MINUTE)
APP_WORDINGS = tuple(
    f"linkedin:{key}" for key in ("invalid_client", "invalid_client/app-disabled", "unauthorized_client")
)
LISTED = ("rest/adAccountUsers",)
LIST_REFUSED = ("linkedin:100", "linkedin:429", "http:503")
DEEDS = {"revoke": "revoked"}
RENEWAL_DUE = "45d"
TOKENS = r"AQ[XW][A-Za-z0-9]{160}"
EXCHANGE_REFUSED = "linkedin:invalid_request"
SCOPE = "r_ads rw_ads r_ads_reporting openid profile email"


def exchanged(sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
    app_id, secret = app or APP
    asked = {"client_id": app_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": scope or SCOPE}
    code = sandbox.consent("/linkedin/oauth/v2/authorization", asked, person)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    form |= {"client_id": app_id, "client_secret": secret}
    seen: dict[str, Any] = good(sandbox.client.post("/linkedin/oauth/v2/accessToken", data=form))
    return seen


def issue(sandbox: Sandbox, person: str, **wishes: Any) -> dict[str, Any]:
    issued: dict[str, Any] = sandbox.control("tokens", {"platform": "linkedin", "person": person, **wishes})
    return issued


def token(sandbox: Sandbox, person: str) -> dict[str, Any]:
    issued = issue(sandbox, person)
    return {"accessToken": issued["accessToken"], "refreshToken": issued["refreshToken"], "expiresIn": 5_184_000}


def works(sandbox: Sandbox, access_token: str) -> bool:
    headers = {"Authorization": f"Bearer {access_token}"}
    return sandbox.client.get("/linkedin/v2/userinfo", headers=headers).status_code == 200


def _revoked(sandbox: Sandbox, person: str) -> str:
    token = str(issue(sandbox, person)["accessToken"])
    sandbox.person(person, "revoke", platform="linkedin")
    return token


REFUSED: dict[str, tuple[Mint, str]] = {
    "of another app": (lambda box, who: str(issue(box, who, app=OTHER_APP)["accessToken"]), "token_of_other_app"),
    "expired": (lambda box, who: str(issue(box, who, expiresIn=-60)["accessToken"]), "token_refused"),
    "revoked": (_revoked, "token_refused"),
    "never issued": (lambda _, __: "AQX" + "x" * 160, "token_refused"),
}
