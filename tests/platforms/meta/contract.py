"""How the contract tests come by tokens of the sandbox's Meta."""

from __future__ import annotations

from typing import Any

from tests.platforms.contract import Mint
from tests.platforms.meta.client import OTHER_APP, Client, proof
from tests.tools.sandbox import META_APP, Sandbox

EXCHANGE = "oauth/access_token"


def settings(sandbox: Sandbox) -> dict[str, str]:
    return {
        "SYMPHONY_META_APP_ID": META_APP[0],
        "SYMPHONY_META_APP_SECRET": META_APP[1],
        "SYMPHONY_META_DIALOG_URL": sandbox.url,
        "SYMPHONY_META_GRAPH_URL": sandbox.url,
    }


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
