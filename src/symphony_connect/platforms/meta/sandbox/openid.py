"""OpenID Connect: the id_token of `scope=openid`, the discovery document and the keys that verify it."""

from __future__ import annotations

import datetime
import json
from functools import cached_property
from typing import Any

from tink import KeysetHandle, jwt, new_keyset_handle

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants
from symphony_connect.platforms.meta.sandbox.wire import Ask

CONFIGURATION = [".well-known", "openid-configuration"]
KEYS = [".well-known", "oauth", "openid", "jwks"]
ID_TOKEN_LIFE = 3_600
"""Seconds."""


class OpenId:
    """One key for each world, made when first needed."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def answer(self, ask: Ask) -> dict[str, Any]:
        """What stands below `/.well-known`, for anybody. Raises GraphError."""
        if ask.path == CONFIGURATION:
            return _configuration(ask.base)
        if ask.path == KEYS:
            keys: dict[str, Any] = json.loads(jwt.jwk_set_from_public_keyset_handle(self._key.public_keyset_handle()))
            return keys
        raise GraphError("2500/path", id="/" + "/".join(ask.path))

    def id_token(self, granted: Authorization, nonce: str, issuer: str) -> str:
        """Signed with RS256. `issuer` is where this sandbox is reached, as in the discovery document."""
        now = self._grants.now()
        person = granted.member.fields()
        claims = {"name": person["name"], "given_name": person["first_name"], "family_name": person["last_name"]}
        if granted.permissions.get("email") == "granted":
            claims["email"] = person["email"]
        if nonce:
            claims["nonce"] = nonce
        raw = jwt.new_raw_jwt(
            issuer=issuer,
            audience=granted.app.id,
            subject=granted.member.id,
            issued_at=_moment(now),
            expiration=_moment(now + ID_TOKEN_LIFE),
            custom_claims=claims,
        )
        signed: str = self._key.primitive(jwt.JwtPublicKeySign).sign_and_encode(raw)
        return signed

    @cached_property
    def _key(self) -> KeysetHandle:
        jwt.register_jwt_signature()
        return new_keyset_handle(jwt.jwt_rs256_2048_f4_template())


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


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
