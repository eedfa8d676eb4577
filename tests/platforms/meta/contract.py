"""How the contract tests come by tokens of the sandbox's Meta."""

from __future__ import annotations

from typing import Any

from symphony_connect.base.clock import MINUTE
from tests.platforms.contract import Mint
from tests.platforms.meta.client import META_APP, OTHER_APP, Client, proof
from tests.tools.sandbox import CALLBACK, Sandbox, good

WISHES = {"kind": "long"}
EXCHANGE = "oauth/access_token"
RENEWED = EXCHANGE
INSPECTED = "debug_token"
TELLS_WHO = "user_id of debug_token"
READ = "/v26.0/me"
LIMIT = ("meta:4", 5 * MINUTE)
LIMIT_ON_ONE = "meta:17/2446079"
UNREADABLE = "meta:190"
DEEDS = {"change-password": "password_changed", "remove-app": "app_removed"}
RENEWAL_DUE = "45d"
APP_REFUSED = "meta:1/secret"
APP_WORDINGS = [
    f"meta:{key}" for key in ("200/app-deactivated", "190/app-deleted", "10/app-disabled", "3", "190", "100/app")
]
LISTED = ("me/adaccounts", "me/businesses")
ASSETS_LISTED = "me/accounts"
LIST_REFUSED = ("meta:200", "meta:100", "meta:1")
REASONS: dict[str, str | None] = {
    "100/app": "token_refused",
    "102": "revoked",
    "190": "revoked",
    "190/458": "app_removed",
    "190/password-words": "password_changed",
    **dict.fromkeys(("190/expired-words", "452/expired-words"), "expired"),
    **dict.fromkeys(("200/app-deactivated", "190/app-deleted", "10/app-disabled"), None),
    "190/459": "checkpoint",
    "190/460": "password_changed",
    "190/463": "expired",
    "190/464": "checkpoint",
    "190/467": "logged_out",
    "190/490": "checkpoint",
    "190/492": "revoked",
    "190/493": "expired",
    "3": "permissions_missing",
    "10": "permissions_missing",
    "200": "permissions_missing",
    "294": "permissions_missing",
}
CURABLE = {"190/490": "checkpoint", "200": "permissions_missing", "100/app": "token_refused"}
ENDLESS = {"kind": "system_user"}
NEAR_LIMIT = "meta.near_limit"
PRINTED = ("Facebook user access token", "Obtained via Facebook Login SDK")
IDENTITY = "userId"
LOGIN_FUNCTION = "loginWithFacebook"
DOCUMENT = "Facebook"
LOGIN_RESULT = {"userId": str, "expiresIn": int}
TOKENS = r"EAA[A-Za-z0-9]{100,}"
EXCHANGE_REFUSED = "meta:100"


def carriers(reason: str | None) -> tuple[str, ...]:
    """Parts of the paths of the calls that carry the owner's token."""
    return ("me",)


def exchanged(sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
    """`access_token`, `token_type`, `expires_in`."""
    app_id, secret = app or META_APP
    dialog = {"client_id": app_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": scope}
    code = sandbox.consent("/dialog/oauth", dialog, person)["code"]
    form = {"client_id": app_id, "client_secret": secret, "redirect_uri": CALLBACK, "code": code}
    answer: dict[str, Any] = good(sandbox.client.get("/oauth/access_token", params=form))
    return answer


def token(sandbox: Sandbox, person: str) -> dict[str, Any]:
    return {"accessToken": Client(sandbox).issue(person)}


def works(sandbox: Sandbox, access_token: str) -> bool:
    return Client(sandbox).get("me", access_token, appsecret_proof=proof(access_token)).status_code == 200


def _issued(**wishes: Any) -> Mint:
    return lambda sandbox, person: Client(sandbox).issue(person, **wishes)


def _expired(sandbox: Sandbox, person: str) -> str:
    token = Client(sandbox).issue(person, expiresIn=60)
    sandbox.advance("2m")
    return token


def _revoked(sandbox: Sandbox, person: str) -> str:
    token = Client(sandbox).issue(person)
    sandbox.person(person, "change-password")
    return token


REFUSED: dict[str, tuple[Mint, str]] = {
    "of another app": (_issued(app=OTHER_APP[0]), "token_of_other_app"),
    "a Page's": (lambda sandbox, _: Client(sandbox).issue("ada", kind="page"), "token_kind_refused"),
    "an app's": (_issued(kind="app"), "token_kind_refused"),
    "without a permission asked for": (_issued(scopes=["email"]), "permissions_missing"),
    "expired": (_expired, "token_refused"),
    "revoked": (_revoked, "token_refused"),
    "never issued": (lambda _, __: "EAAB" + "x" * 120, "token_refused"),
}
