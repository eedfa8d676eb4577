"""The token endpoint and introspection: forms with the app's id and secret in the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from symphony_connect.base.clock import SECOND
from symphony_connect.platforms.linkedin.sandbox.ads import member
from symphony_connect.platforms.linkedin.sandbox.errors import Refusal
from symphony_connect.platforms.linkedin.sandbox.grants import APPS, App, Grant, Grants
from symphony_connect.sandbox.id_tokens import IdTokens
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World


class OAuth:
    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants
        self._id_tokens = IdTokens()

    async def token(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        form = await _form(request)
        app = _app(form)
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._grants.redeem(form.get("code", ""), app, form.get("redirect_uri", ""))
                extra = self._identified(request, grant)
            case "refresh_token":
                if not app.partner:
                    raise Refusal("unauthorized_client")
                grant, extra = self._grants.refresh(form.get("refresh_token", ""), app), {}
            case _:
                raise Refusal("unsupported_grant_type")
        call_of(request).person = grant.person.name
        return {**self._issued(grant), **extra}

    async def introspect(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        form = await _form(request)
        _app(form)
        token = form.get("token", "")
        grant = self._grants.holder(token)
        if grant is None:
            return {"active": False}
        call_of(request).person = grant.person.name
        made, ends = grant.tokens[token]
        active = self._grants.works(grant, token)
        return {
            "active": active,
            "client_id": grant.app.id,
            "authorized_at": grant.authorized_at // SECOND,
            "created_at": made // SECOND,
            "status": "active" if active else "revoked" if grant.over else "expired",
            "expires_at": ends // SECOND,
            "scope": ",".join(grant.scopes),
            "auth_type": "3L",
        }

    async def keys(self, _request: Request) -> dict[str, Any]:
        return self._id_tokens.keys()

    async def discovery(self, request: Request) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0: where everything is."""
        issuer = _issuer(request)
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/v2/authorization",
            "token_endpoint": f"{issuer}/v2/accessToken",
            "userinfo_endpoint": f"{issuer.removesuffix('/oauth')}/v2/userinfo",
            "jwks_uri": f"{issuer}/openid/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": ["iss", "aud", "iat", "exp", "sub", "name", "given_name", "family_name", "email"],
        }

    def _issued(self, grant: Grant) -> dict[str, Any]:
        token, now = self._grants.issue(grant), self._world.clock()
        answer: dict[str, Any] = {"access_token": token, "expires_in": _seconds(grant.tokens[token][1] - now)}
        if grant.refresh:
            left = _seconds(grant.refresh_ends - now)
            answer |= {"refresh_token": grant.refresh, "refresh_token_expires_in": left}
        return {**answer, "scope": ",".join(grant.scopes), "token_type": "Bearer"}

    def _identified(self, request: Request, grant: Grant) -> dict[str, Any]:
        if "openid" not in grant.scopes:
            return {}
        claims = member(grant)
        now = self._world.clock() // SECOND
        return {"id_token": self._id_tokens.signed(_issuer(request), grant.app.id, claims.pop("sub"), now, claims)}


def _issuer(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/linkedin/oauth"


def _seconds(milliseconds: int) -> int:
    """Rounded up, so that an answer that takes a moment still says the whole life."""
    return -(-milliseconds // SECOND)


def _app(form: Mapping[str, str]) -> App:
    app = APPS.get(form.get("client_id", ""))
    if app is None or app.secret != form.get("client_secret"):
        raise Refusal("invalid_client")
    return app


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body)) if len(body) < 65_536 else {}
