"""Login Kit's token endpoint, on the host where its dialog is: another family, with OAuth's own words.

Fields and answers from TikTok's Login Kit documentation; the HTTP status of a refusal is not documented there,
and 400 is what OAuth 2.0 says.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symphony_connect.platforms.tiktok.sandbox.creator import scope_words
from symphony_connect.platforms.tiktok.sandbox.errors import Refusal
from symphony_connect.platforms.tiktok.sandbox.grants import Grants, Issued, Kind
from symphony_connect.platforms.tiktok.sandbox.members import APPS, App
from symphony_connect.platforms.tiktok.sandbox.wire import request_id
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World

PATH = "/v2/oauth/token"


class Refused(Exception):
    """`error` and `error_description` of the answer."""


class LoginKit:
    """`POST /v2/oauth/token/`, by form: a code for tokens, and a refresh token for new ones."""

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        call = call_of(request)
        try:
            issued = self._issued(form, _app(form))
        except Refused as refused:
            error, words = refused.args
            call.code, call.why = error, words
            answer = {"error": error, "error_description": words, "log_id": request_id(self._world)}
            return JSONResponse(answer, 400)
        call.person = issued.access.approval.member.person.name
        return JSONResponse(_shown(issued))

    def _issued(self, form: dict[str, str], app: App) -> Issued:
        try:
            match form.get("grant_type"):
                case "authorization_code":
                    if not form.get("redirect_uri"):
                        raise Refused("invalid_request", "The redirect_uri is missing.")
                    return self._grants.redeem(form.get("code", ""), app, Kind.CREATOR)
                case "refresh_token":
                    return self._grants.rotate(form.get("refresh_token", ""), app, Kind.CREATOR, end_old=False)
        except Refusal as refusal:
            raise Refused("invalid_grant", refusal.message) from None
        raise Refused("unsupported_grant_type", "The grant_type is authorization_code or refresh_token.")


def _app(form: dict[str, str]) -> App:
    app = APPS.get(form.get("client_key", ""))
    if app is None or form.get("client_secret") != app.secret:
        raise Refused("invalid_client", "Client key or secret is incorrect.")
    return app


def _shown(issued: Issued) -> dict[str, Any]:
    """Without `data` around it; the end of the refresh token has another name than elsewhere."""
    approval, lifetimes = issued.access.approval, issued.lifetimes()
    return {
        "open_id": f"open-{approval.member.core_user_id}",
        "scope": scope_words(approval.scope),
        "access_token": issued.access.value,
        "expires_in": lifetimes["expires_in"],
        "refresh_token": lifetimes["refresh_token"],
        "refresh_expires_in": lifetimes["refresh_token_expires_in"],
        "token_type": "Bearer",
    }
