"""OpenID Connect: the id_token of `scope=openid`, the discovery document and the keys that verify it."""

from __future__ import annotations

from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants
from symphony_connect.platforms.meta.sandbox.wire import Ask
from symphony_connect.sandbox.id_tokens import IdTokens

CONFIGURATION = [".well-known", "openid-configuration"]
KEYS = [".well-known", "oauth", "openid", "jwks"]


class OpenId:
    """Who signed in, for whoever asked for the scope `openid`."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self._tokens = IdTokens()

    def answer(self, ask: Ask) -> dict[str, Any]:
        """What stands below `/.well-known`, for anybody. Raises GraphError."""
        if ask.path == CONFIGURATION:
            return _configuration(ask.base)
        if ask.path == KEYS:
            return self._tokens.keys()
        raise GraphError("2500/path", id="/" + "/".join(ask.path))

    def id_token(self, granted: Authorization, nonce: str, issuer: str) -> str:
        """Signed with RS256. `issuer` is where this sandbox is reached, as in the discovery document."""
        person = granted.member.fields()
        claims = {"name": person["name"], "given_name": person["first_name"], "family_name": person["last_name"]}
        if granted.permissions.get("email") == "granted":
            claims["email"] = person["email"]
        if nonce:
            claims["nonce"] = nonce
        return self._tokens.signed(issuer, granted.app.id, granted.member.id, self._grants.now(), claims)


def _configuration(base: str) -> dict[str, Any]:
    """The fields that Facebook's own document has."""
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/dialog/oauth/",
        "token_endpoint": f"{base}/oauth/access_token",
        "jwks_uri": f"{base}/{'/'.join(KEYS)}/",
        "response_types_supported": ["id_token", "token id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [
            *("iss", "aud", "sub", "iat", "exp", "nonce", "email", "given_name", "family_name", "name"),
        ],
    }
