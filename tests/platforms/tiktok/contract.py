"""How the contract tests come by tokens of the sandbox's TikTok: the short-term app's, for they can be renewed."""

from __future__ import annotations

from typing import Any

from symphony_connect.base.clock import SECOND
from tests.platforms.contract import Mint
from tests.platforms.tiktok.client import OTHER_APP, SHORT_TERM, TIKTOK_APP, TIKTOK_SHORT_TERM_APP, Client
from tests.tools.sandbox import CALLBACK, Sandbox, good

WISHES = {"app": TIKTOK_SHORT_TERM_APP[0]}
EXCHANGE = "oauth2/access_token"
RENEWED = "oauth2/refresh_token"
INSPECTED = "advertiser/get"
READ = "/open_api/v1.3/user/info/"
LIMIT = ("tiktok:40100", SECOND)
LIMIT_ON_ONE = "tiktok:40133"
UNREADABLE = "tiktok:40105"
DEEDS = {"revoke": "revoked"}
RENEWAL_DUE = "17h"
APP_REFUSED = "tiktok:40101"
APP_WORDINGS = [
    f"tiktok:{key}" for key in ("40113", "40101", "40124", "40000/app-suspended", "40105/app-deleted", "40001")
]
LISTED = ("advertiser/info",)
ASSETS_LISTED = "bc/get"
LIST_REFUSED = ("tiktok:40002", "http:503")
REASONS: dict[str, str | None] = {
    **dict.fromkeys(("40000/app-suspended", "40105/app-deleted"), None),
    "40000/app": "token_refused",
    **dict.fromkeys(("40102", "40103"), "expired"),
    **dict.fromkeys(("40104", "40105", "40106", "40107"), "revoked"),
    **dict.fromkeys(("40001", "40125", "40130"), "permissions_missing"),
}
WRONG_SECRET = "tiktok:40101"
BUSY = "tiktok:50000"
SPENT = "tiktok:40107"
SAYS_LITTLE = "tiktok.refreshSaysLittle"
ENDS_OLD = "tiktok.refreshEndsOldToken"
LOGIN_FUNCTION = "loginWithTikTok"
DOCUMENT = "TikTok"
LOGIN_RESULT = {"advertiserIds": list, "expiresIn": int}
TOKENS = r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])"
"""Refresh tokens too; a code looks the same."""
PRINTED = ("TikTok Marketing API access token", "Obtained via TikTok OAuth flow")
USUAL_APP = TIKTOK_APP
"""Of today's kind, whose tokens never end."""


def carriers(reason: str | None) -> tuple[str, ...]:
    """Parts of the paths of the calls that carry the owner's token; all calls where the app may be meant."""
    return ("",) if reason is None else ("advertiser/get", "oauth2/refresh_token")


def exchanged(sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
    """The envelope's `data`."""
    app_id, secret = app or TIKTOK_APP
    answer = sandbox.consent("/portal/auth", {"app_id": app_id, "redirect_uri": CALLBACK}, person)
    body = {"app_id": app_id, "secret": secret, "auth_code": answer["auth_code"]}
    envelope = good(sandbox.client.post("/open_api/v1.3/oauth2/access_token/", json=body))
    assert envelope["code"] == 0, envelope
    data: dict[str, Any] = envelope["data"]
    return data


def token(sandbox: Sandbox, person: str) -> dict[str, Any]:
    issued = _issue(sandbox, person, app=TIKTOK_SHORT_TERM_APP[0])
    return {"accessToken": issued["accessToken"], "refreshToken": issued["refreshToken"], "expiresIn": 86_400}


def works(sandbox: Sandbox, access_token: str) -> bool:
    return bool(Client(sandbox).advertisers(access_token, SHORT_TERM)["code"] == 0)


def _issue(sandbox: Sandbox, person: str, **wishes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = sandbox.control("tokens", {"platform": "tiktok", "person": person, **wishes})
    return answer


def _expired(sandbox: Sandbox, person: str) -> str:
    return str(_issue(sandbox, person, app=TIKTOK_SHORT_TERM_APP[0], expiresIn=-60)["accessToken"])


def _revoked(sandbox: Sandbox, person: str) -> str:
    token = str(_issue(sandbox, person, app=TIKTOK_SHORT_TERM_APP[0])["accessToken"])
    Client(sandbox).post("/oauth2/revoke_token/", {**SHORT_TERM, "access_token": token})
    return token


def _of_another_app(sandbox: Sandbox, person: str) -> str:
    return str(_issue(sandbox, person, app=OTHER_APP["app_id"])["accessToken"])


REFUSED: dict[str, tuple[Mint, str]] = {
    "of another app": (_of_another_app, "token_of_other_app"),
    "expired": (_expired, "token_refused"),
    "revoked": (_revoked, "token_refused"),
    "never issued": (lambda _, __: "f" * 40, "token_refused"),
}
