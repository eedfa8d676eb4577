"""How the contract tests come by tokens of the sandbox's Google."""

from __future__ import annotations

from typing import Any

from symphony_connect.base.clock import MINUTE
from tests.platforms.contract import Mint
from tests.tools.sandbox import CALLBACK, Sandbox, good

APP = ("100000000001-sandbox.apps.googleusercontent.com", "GOCSPX-sandbox-google-ads")
OTHER_APP = "100000000002-other.apps.googleusercontent.com"
ADS = "https://www.googleapis.com/auth/adwords"
WISHES: dict[str, Any] = {}
EXCHANGE = "google_ads/token"
RENEWED = EXCHANGE
INSPECTED = "tokeninfo"
TELLS_WHO = "id_token"
READ = "/google_ads/v26/customers:listAccessibleCustomers"
PROXIED_READ = "/v26/customers:listAccessibleCustomers"
UNREADABLE = "google_ads:invalid_token"
SPENT = "google_ads:invalid_grant"
WRONG_SECRET = "google_ads:invalid_client"
BUSY = "google_ads:INTERNAL_ERROR"
LIMIT = ("google_ads:RESOURCE_EXHAUSTED", MINUTE)
APP_WORDINGS = ("google_ads:invalid_client", "google_ads:deleted_client", "google_ads:disabled_client")
LISTED = ("customers:listAccessibleCustomers",)
LIST_REFUSED = ("google_ads:USER_PERMISSION_DENIED", "google_ads:RESOURCE_EXHAUSTED", "http:503")
DEEDS = {"revoke": "revoked"}
TOKENS = r"ya29\.[A-Za-z0-9]{160}|1//0[A-Za-z0-9]{100}"
EXCHANGE_REFUSED = "google_ads:invalid_grant/code"


def exchanged(sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
    client, secret = app or APP
    asked = {"client_id": client, "redirect_uri": CALLBACK, "response_type": "code", "access_type": "offline"}
    asked["scope"] = scope or f"{ADS} openid email profile"
    code = sandbox.consent("/google_ads/o/oauth2/v2/auth", asked, person)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    form |= {"client_id": client, "client_secret": secret}
    seen: dict[str, Any] = good(sandbox.client.post("/google_ads/token", data=form))
    return seen


def issue(sandbox: Sandbox, person: str, **wishes: Any) -> dict[str, Any]:
    issued: dict[str, Any] = sandbox.control("tokens", {"platform": "google_ads", "person": person, **wishes})
    return issued


def token(sandbox: Sandbox, person: str) -> dict[str, Any]:
    issued = issue(sandbox, person)
    return {"accessToken": issued["accessToken"], "refreshToken": issued["refreshToken"], "expiresIn": 3_599}


def works(sandbox: Sandbox, access_token: str) -> bool:
    return (
        sandbox.client.post("/google_ads/oauth2/v3/tokeninfo", data={"access_token": access_token}).status_code == 200
    )


def _revoked(sandbox: Sandbox, person: str) -> str:
    token = str(issue(sandbox, person)["accessToken"])
    sandbox.person(person, "revoke", platform="google_ads")
    return token


REFUSED: dict[str, tuple[Mint, str]] = {
    "of another app": (lambda box, who: str(issue(box, who, app=OTHER_APP)["accessToken"]), "token_of_other_app"),
    "without a person": (lambda box, who: str(issue(box, who, scopes=[ADS])["accessToken"]), "token_kind_refused"),
    "expired": (lambda box, who: str(issue(box, who, expiresIn=-60)["accessToken"]), "token_refused"),
    "revoked": (_revoked, "token_refused"),
    "never issued": (lambda _, __: "ya29." + "x" * 160, "token_refused"),
}
