"""`/token`, `/tokeninfo`, `/revoke` and `/v1/userinfo`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

from symphony_connect.base.clock import SECOND
from symphony_connect.platforms.google_ads.sandbox.errors import Refusal
from symphony_connect.platforms.google_ads.sandbox.grants import CLIENTS, EMAIL, PROFILE, Client, Grant, Grants
from symphony_connect.sandbox.id_tokens import IdTokens
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person, World


class OAuth:
    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants
        self._id_tokens = IdTokens()

    async def token(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        form = await _form(request)
        client = _client(request, form)
        match form.get("grant_type"):
            case "authorization_code":
                where, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
                grant = self._grants.redeem(form.get("code", ""), client, where, verifier)
                extra = {"refresh_token": grant.refresh} if grant.refresh else {}
                extra |= self._identified(request, grant)
            case "refresh_token":
                grant = self._grants.refresh(form.get("refresh_token", ""), client)
                extra = self._identified(request, grant)
            case other:
                raise Refusal("unsupported_grant_type", str(other or ""))
        call_of(request).person = grant.person.name
        token, now = self._grants.issue(grant), self._world.clock()
        left = -(-(grant.tokens[token] - now) // SECOND) - 1
        answer = {"access_token": token, "expires_in": left, "scope": " ".join(grant.scopes), "token_type": "Bearer"}
        return {**answer, **extra}

    async def tokeninfo(self, request: Request) -> dict[str, Any]:
        """Everything as text. Raises Refusal."""
        form = {**request.query_params, **(await _form(request))}
        token = form.get("access_token", "")
        grant = self._grants.holder(token)
        if grant is None or not self._grants.works(grant, token):
            raise Refusal("invalid_token")
        call_of(request).person = grant.person.name
        left = (grant.tokens[token] - self._world.clock()) // SECOND
        seen = {"azp": grant.client.id, "aud": grant.client.id}
        if "openid" in grant.scopes:
            seen["sub"] = subject(grant.person)
        seen |= {"scope": " ".join(grant.scopes), "exp": str(grant.tokens[token] // SECOND), "expires_in": str(left)}
        if EMAIL in grant.scopes:
            seen |= {"email": f"{grant.person.name}@example.com", "email_verified": "true"}
        return {**seen, "access_type": "offline" if grant.refresh else "online"}

    async def revoke(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        form = {**request.query_params, **(await _form(request))}
        self._grants.revoke(form.get("token", ""))
        return {}

    async def userinfo(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        grant = self._grants.holder(token)
        if grant is None or not self._grants.works(grant, token) or "openid" not in grant.scopes:
            raise Refusal("UNAUTHENTICATED")
        return {"sub": subject(grant.person), **_claims(grant)}

    async def keys(self, _request: Request) -> dict[str, Any]:
        return self._id_tokens.keys()

    def _identified(self, request: Request, grant: Grant) -> dict[str, Any]:
        if "openid" not in grant.scopes:
            return {}
        issuer = f"{request.url.scheme}://{request.url.netloc}/google_ads"
        claims = {"azp": grant.client.id, **_claims(grant)}
        now = self._world.clock() // SECOND
        return {"id_token": self._id_tokens.signed(issuer, grant.client.id, subject(grant.person), now, claims)}


def subject(person: Person) -> str:
    return f"1101694844743{person.number:08d}"


def _claims(grant: Grant) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    if PROFILE in grant.scopes:
        given, _, family = grant.person.title.partition(" ")
        claims |= {"name": grant.person.title, "given_name": given, "family_name": family}
    if EMAIL in grant.scopes:
        claims |= {"email": f"{grant.person.name}@example.com", "email_verified": True}
    return claims


def _client(request: Request, form: Mapping[str, str]) -> Client:
    """By HTTP Basic, or in the form: Google takes both. Raises Refusal."""
    id, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            id, _, secret = (unquote(part) for part in base64.b64decode(pair).decode().partition(":"))
        except ValueError:
            raise Refusal("invalid_client") from None
    client = CLIENTS.get(id)
    if client is None or client.secret != secret:
        raise Refusal("invalid_client")
    return client


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body)) if len(body) < 65_536 else {}
