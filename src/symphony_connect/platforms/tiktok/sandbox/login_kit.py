"""Login Kit: tokens of TikTok accounts, with OAuth 2.0's own error codes, and the profile that they read.

Fields and answers from TikTok's Login Kit documentation; the HTTP status of a refusal is not documented there,
and 400 is what OAuth 2.0 says. A wrong content type was seen to be answered with 200, an unknown path or verb with
404 and `Unsupported path(Janus)` (public code).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from symphony_connect.platforms.tiktok.sandbox.creator import scope_words
from symphony_connect.platforms.tiktok.sandbox.errors import Refusal
from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants, Issued, Kind
from symphony_connect.platforms.tiktok.sandbox.members import APPS, App
from symphony_connect.platforms.tiktok.sandbox.wire import request_id
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World

ROOT = "/v2/"
_FORM = "application/x-www-form-urlencoded"
_PROFILE = ("open_id", "union_id", "avatar_url", "display_name")


class Refused(Exception):
    """`error` and `error_description` of the answer, and its HTTP status."""

    def __init__(self, error: str, words: str, status: int = 400) -> None:
        super().__init__(error, words)
        self.status = status


class LoginKit:
    """Everything below `/v2/` but the consent page."""

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    async def answer(self, request: Request) -> Response:
        """`POST oauth/token/`, `POST oauth/revoke/`, `GET user/info/`."""
        match request.method, request.url.path.removeprefix(ROOT).rstrip("/"):
            case "POST", "oauth/token":
                return await self._formed(request, self._token)
            case "POST", "oauth/revoke":
                return await self._formed(request, self._revoke)
            case "GET", "user/info":
                return self._profile(request)
        return PlainTextResponse("Unsupported path(Janus)", 404)

    async def _formed(self, request: Request, handle: Callable[[dict[str, str]], tuple[Approval, Any]]) -> Response:
        call = call_of(request)
        try:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
                raise Refused("invalid_request", f"Only `{_FORM}` is accepted as Content-Type.", 200)
            form = dict(parse_qsl((await request.body()).decode(errors="replace")))
            approval, answer = handle(form)
        except Refused as refused:
            error, words = refused.args
            call.code, call.why = error, words
            body = {"error": error, "error_description": words, "log_id": request_id(self._world)}
            return JSONResponse(body, refused.status)
        call.person = approval.member.person.name
        return JSONResponse(answer)

    def _token(self, form: dict[str, str]) -> tuple[Approval, Any]:
        """A code for tokens, or a refresh token for new ones."""
        issued = self._issued(form, _app(form))
        return issued.access.approval, _shown(issued)

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

    def _revoke(self, form: dict[str, str]) -> tuple[Approval, Any]:
        app = _app(form)
        try:
            approval = self._grants.access(form.get("token", ""), Kind.CREATOR).approval
        except Refusal as refusal:
            raise Refused("invalid_grant", refusal.message) from None
        if approval.app is not app:
            raise Refused("invalid_grant", "The token was issued to another client.")
        approval.over = True
        return approval, {}

    def _profile(self, request: Request) -> Response:
        """`data.user` with the `fields` asked for, and `error` with the code `ok`."""
        call = call_of(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        fields = [each.strip() for each in request.query_params.get("fields", "").split(",") if each.strip()]
        unknown = [name for name in fields if name not in _PROFILE]
        try:
            approval = self._grants.access(token if scheme.lower() == "bearer" else "", Kind.CREATOR).approval
        except Refusal:
            call.code = call.why = "access_token_invalid"
            return self._told({}, call.code, "The access token is invalid or not found in the request.", 401)
        call.person = approval.member.person.name
        if not fields or unknown:
            call.code = call.why = "invalid_params"
            return self._told({}, call.code, f"fields: {', '.join(unknown) or 'none given'}", 400)
        row = {name: value for name, value in _person(approval).items() if name in fields}
        return self._told({"user": row}, "ok", "", 200)

    def _told(self, data: Any, code: str, message: str, status: int) -> Response:
        error = {"code": code, "message": message, "log_id": request_id(self._world)}
        return JSONResponse({"data": data, "error": error}, status)


def _app(form: dict[str, str]) -> App:
    app = APPS.get(form.get("client_key", ""))
    if app is None or form.get("client_secret") != app.secret:
        raise Refused("invalid_client", "Client key or secret is incorrect.")
    return app


def _person(approval: Approval) -> dict[str, str]:
    number = approval.member.core_user_id
    return {
        "open_id": f"open-{number}",
        "union_id": f"union-{number}",
        "avatar_url": "https://sandbox.invalid/avatar.png",
        "display_name": approval.member.person.title,
    }


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
