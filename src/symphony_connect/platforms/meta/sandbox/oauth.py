"""The token endpoint, revocation and `access_token_info`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import LONG_LIFE, SHORT_LIFE, Code, Grants, Token
from symphony_connect.platforms.meta.sandbox.members import APPS, App
from symphony_connect.platforms.meta.sandbox.openid import OpenId
from symphony_connect.platforms.meta.sandbox.wire import Ask


class OAuth:
    """`/oauth/…`: GET or POST, with or without version, credentials in form, query or Basic header."""

    def __init__(self, grants: Grants, open_id: OpenId, switches: Mapping[str, bool]) -> None:
        self._grants = grants
        self._open_id = open_id
        self._switches = switches

    def answer(self, ask: Ask) -> dict[str, Any]:
        """Raises GraphError."""
        if ask.path == ["oauth", "access_token"]:
            return self._access_token(ask)
        if ask.path == ["oauth", "revoke"]:
            return self._revoke(ask)
        if ask.path == ["oauth", "access_token_info"]:
            return self._info(ask)
        raise GraphError("2500/path", id="/" + "/".join(ask.path))

    def _access_token(self, ask: Ask) -> dict[str, Any]:
        app = _app(ask)
        wanted = ask.params.get("grant_type") or _implied(ask.params)
        if wanted == "authorization_code":
            return self._exchange(ask, app)
        _check_secret(ask, app)
        if wanted == "client_credentials":
            return {"access_token": self._grants.new_app_token(app).value, "token_type": "bearer"}
        if wanted == "fb_exchange_token":
            return self._extend(ask, app)
        raise GraphError("100/grant", id=wanted)

    def _exchange(self, ask: Ask, app: App) -> dict[str, Any]:
        redirect_uri = ask.params.get("redirect_uri")
        if not redirect_uri:
            raise GraphError("191")
        _check_secret(ask, app)
        code = self._grants.code(app, ask.needed("code"))
        if unquote(redirect_uri) != unquote(code.redirect_uri):
            raise GraphError("100/36008")
        _check_verifier(code, ask.params.get("code_verifier", ""))
        code.used = True
        ask.member = code.authorization.member.person.name
        system = code.authorization.member.client_business is not None
        life = 0 if system else SHORT_LIFE
        answer = self._issued(self._grants.new_token(code.authorization, life, long_lived=system))
        if code.nonce is not None and not system and code.authorization.permissions.get("openid") == "granted":
            answer["id_token"] = self._open_id.id_token(code.authorization, code.nonce, ask.base)
        return answer

    def _extend(self, ask: Ask, app: App) -> dict[str, Any]:
        token = self._grants.alive(ask.needed("fb_exchange_token"))
        if token.app is not app:
            raise GraphError("100/app")
        if token.authorization is None:
            raise GraphError("190")
        ask.member = token.authorization.member.person.name
        return self._issued(self._extended(token, ask))

    def _extended(self, token: Token, ask: Ask) -> Token:
        """About 60 days for a short-lived token. A long-lived one stays as it is, unless a switch changes that."""
        assert token.authorization is not None
        if token.kind == "SYSTEM_USER":
            if ask.params.get("set_token_expires_in_60_days") != "true":
                return token
            return self._grants.new_token(token.authorization, LONG_LIFE, long_lived=True)
        if token.kind == "PAGE" or (token.long_lived and not self._switches["reexchange_extends"]):
            return token
        return self._grants.new_token(token.authorization, LONG_LIFE, long_lived=True)

    def _issued(self, token: Token) -> dict[str, Any]:
        answer: dict[str, Any] = {"access_token": token.value, "token_type": "bearer"}
        if token.expires_at and not self._switches["omit_expires_in"]:
            answer["expires_in"] = token.expires_at - self._grants.now()
        return answer

    def _revoke(self, ask: Ask) -> dict[str, Any]:
        app = _app(ask)
        _check_secret(ask, app)
        token = self._grants.alive(ask.needed("revoke_token"))
        if token.app is not app:
            raise GraphError("100/app")
        token.dead = "190/revoked"
        return {"success": True}

    def _info(self, ask: Ask) -> dict[str, Any]:
        app = _app(ask)
        token = ask.token(self._grants)
        if token.app is not app:
            raise GraphError("100/app")
        nonce = token.authorization.nonce if token.authorization else ""
        return self._issued(token) | ({"auth_nonce": nonce} if nonce else {})


def _app(ask: Ask) -> App:
    client_id = ask.params.get("client_id") or (ask.basic[0] if ask.basic else "")
    if not client_id:
        raise GraphError("101/no-client")
    # Basic credentials are form-encoded first by the letter of the OAuth standard.
    app = APPS.get(client_id) or APPS.get(unquote(client_id))
    if app is None:
        raise GraphError("101")
    return app


def _check_secret(ask: Ask, app: App) -> None:
    secret = ask.params.get("client_secret") or (ask.basic[1] if ask.basic else "")
    if not secret:
        raise GraphError("1/no-secret")
    if not any(hmac.compare_digest(app.secret.encode(), given.encode()) for given in (secret, unquote(secret))):
        raise GraphError("1/secret")


def _implied(params: Mapping[str, str]) -> str:
    """Meta's own examples leave `grant_type` out when there is a code."""
    return "fb_exchange_token" if params.get("fb_exchange_token") else "authorization_code"


def _check_verifier(code: Code, verifier: str) -> None:
    """PKCE, only where the dialog was given a challenge."""
    if not code.challenge:
        return
    made = verifier
    if code.challenge_method.upper() == "S256":
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not 43 <= len(verifier) <= 128 or not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise GraphError("100/pkce")
