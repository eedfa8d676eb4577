"""The login dialog: who signs in, what they tick, and the redirect back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.base.config import is_loopback
from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import SHORT_LIFE, Authorization, Grants
from symphony_connect.platforms.meta.sandbox.members import APPS, CONFIGURED, PERMISSIONS, USUAL_PARTIAL, App, Member
from symphony_connect.platforms.meta.sandbox.openid import OpenId
from symphony_connect.platforms.meta.sandbox.versions import version_of
from symphony_connect.sandbox.consent import (
    Choice,
    Consent,
    closing_page,
    consent_page,
    mark_in,
    problem_page,
    submitted,
    ticked,
)
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World

SYSTEM_USER_CONFIG = "200000000000002"
"""The Facebook Login for Business configuration that issues system-user tokens; any other issues a person's."""
_MAIN_KINDS = {"code", "token", "id_token"}
_KINDS = _MAIN_KINDS | {"granted_scopes", "signed_request", "graph_domain"}


class Problem(Exception):
    """An error page without a redirect: its title and its text."""


MARK = mark_in(Path(__file__).parent)


@dataclass(frozen=True)
class Asked:
    """A sign-in request whose app and redirect URI are accepted."""

    app: App
    redirect_uri: str
    query: QueryParams
    kinds: frozenset[str]
    """Of the response: code, token, id_token, granted_scopes, signed_request."""
    scopes: tuple[str, ...]
    configured: bool
    """By `config_id`: all or none."""
    base: str
    """Where the sandbox is reached."""

    @property
    def rerequest(self) -> bool:
        return self.query.get("auth_type") == "rerequest"

    @property
    def system_user(self) -> bool:
        return self.query.get("config_id") == SYSTEM_USER_CONFIG

    @property
    def in_fragment(self) -> bool:
        return bool(self.kinds & {"token", "id_token"})


class Dialog:
    """`/dialog/oauth`, with or without version."""

    def __init__(
        self,
        world: World,
        grants: Grants,
        open_id: OpenId,
        members: Mapping[str, Member],
        system_users: Mapping[str, Member],
    ) -> None:
        self._world = world
        self._open_id = open_id
        self._grants = grants
        self._members = members
        self._system_users = system_users

    async def handle(self, request: Request) -> Response:
        query = request.query_params
        form = await submitted(request)
        name = str(form.get("_sandbox_person") or query.get("_sandbox_person") or "ada")
        try:
            asked = _asked(request, self._grants.now())
            if name not in self._members:
                raise Problem("Nobody of this name", f"Nobody in this sandbox is called “{name}”.")
        except Problem as problem:
            title, words = problem.args
            call_of(request).why = title
            return problem_page(self._world, request, "Facebook", title, words, 400)
        call_of(request).person = name
        match form.get("_sandbox"):
            case "approve":
                return self._approved(asked, self._members[name], form)
            case "deny":
                return _back(asked, _DENIED)
            case "error":
                return _back(asked, _APP_ERROR)
            case "close":
                return closing_page(self._world, request, "Facebook")
        return self._page(request, asked, self._members[name])

    def _page(self, request: Request, asked: Asked, member: Member) -> Response:
        usual = self._usual(asked, member)
        permissions = [Choice(scope, PERMISSIONS[scope], scope, scope in usual) for scope in self._open(asked, member)]
        accounts = [Choice(each.number, each.name, f"act_{each.number}") for each in member.every_account()]
        pages = [Choice(each.id, each.name, each.id, each.id in member.usual_pages) for each in member.pages]
        who = ("Facebook", asked.app.name, member.person)
        consent = Consent(*who, permissions, accounts, pages, asked.configured, look="bright", mark=MARK)
        return consent_page(self._world, request, consent)

    def _open(self, asked: Asked, member: Member) -> list[str]:
        """The permissions that the page asks for: without those declined before, unless `auth_type=rerequest`."""
        before = self._grants.between(asked.app, member)
        if asked.configured or asked.rerequest or before is None:
            return list(asked.scopes)
        return [scope for scope in asked.scopes if before.permissions.get(scope) != "declined"]

    def _usual(self, asked: Asked, member: Member) -> list[str]:
        """The permissions that the person ticks when the form names none."""
        scopes = self._open(asked, member)
        if not member.person.partial or asked.configured or asked.rerequest:
            return scopes
        return [scope for scope in scopes if scope in USUAL_PARTIAL]

    def _approved(self, asked: Asked, member: Member, form: FormData | QueryParams) -> Response:
        scopes = self._open(asked, member)
        yes = scopes if asked.configured else ticked(form, "permission", scopes, self._usual(asked, member))
        choices = {scope: "granted" if scope in yes or scope == "public_profile" else "declined" for scope in scopes}
        numbers = [account.number for account in member.every_account()]
        chosen = ticked(form, "account", numbers, numbers)
        who = self._system_users[member.person.name] if asked.system_user else member
        pages = ticked(form, "page", [page.id for page in member.pages], member.usual_pages)
        granted = self._grants.authorise(asked.app, who, choices, chosen, pages)
        granted.nonce = asked.query.get("auth_nonce", "")
        return _back(asked, self._issued(asked, granted))

    def _issued(self, asked: Asked, granted: Authorization) -> dict[str, str]:
        fields: dict[str, str] = {}
        if "token" in asked.kinds:
            token = self._grants.new_token(granted, SHORT_LIFE, long_lived=False)
            fields |= {"access_token": token.value, "expires_in": str(SHORT_LIFE)}
            fields["data_access_expiration_time"] = str(granted.data_until)
        if "id_token" in asked.kinds:
            fields["id_token"] = self._open_id.id_token(granted, asked.query.get("nonce", ""), asked.base)
        if "code" in asked.kinds:
            query = asked.query
            fields["code"] = self._grants.new_code(
                granted,
                asked.redirect_uri,
                query.get("code_challenge", ""),
                query.get("code_challenge_method", "plain"),
                query.get("nonce", "") if "openid" in asked.scopes else None,
            )
        if "signed_request" in asked.kinds:
            fields["signed_request"] = self._signed_request(granted)
        if "granted_scopes" in asked.kinds or asked.query.get("return_scopes") == "true":
            status = granted.permissions.items()
            fields["granted_scopes"] = ",".join(name for name, said in status if said == "granted")
            fields["denied_scopes"] = ",".join(name for name, said in status if said == "declined")
        return fields

    def _signed_request(self, granted: Authorization) -> str:
        payload = {"user_id": granted.member.id, "algorithm": "HMAC-SHA256", "issued_at": self._grants.now()}
        body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
        signature = hmac.new(granted.app.secret.encode(), body, hashlib.sha256).digest()
        return f"{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}.{body.decode()}"


_DENIED = {
    "error": "access_denied",
    "error_code": "200",
    "error_description": "Permissions error",
    "error_reason": "user_denied",
}
_APP_ERROR = {
    "error_code": "1349048",
    "error_message": "Can't load URL: the domain isn't included in the app's domains",
}
"""Errors of the app's own settings come back without `error`. `_sandbox=error` asks for this one."""


def _asked(request: Request, now: int) -> Asked:
    """Raises Problem when there is no such app, or its redirect URI is not accepted."""
    query = request.query_params
    try:
        version_of(request.url.path, now)
    except GraphError:
        raise Problem("Page not found", "This version of the dialog does not exist.") from None
    app = APPS.get(query.get("client_id") or query.get("app_id") or "")
    if app is None:
        raise Problem("Invalid App ID", "The provided app ID does not look like a valid app ID.")
    kinds = frozenset(re.split(r"[\s,]+", query.get("response_type", "").strip() or "code"))
    if not kinds <= _KINDS:
        raise Problem("Invalid response_type", f"There is no response_type {query['response_type']}.")
    configured = bool(query.get("config_id"))
    scopes = CONFIGURED if configured else _scopes(query.get("scope", ""))
    if "id_token" in kinds and "openid" not in scopes:
        raise Problem("Invalid response_type", "An id_token is for sign-ins whose scope has openid.")
    kinds = kinds if kinds & _MAIN_KINDS else kinds | {"code"}
    return Asked(app, _redirect_uri(query), query, kinds, scopes, configured, str(request.base_url).rstrip("/"))


def _scopes(text: str) -> tuple[str, ...]:
    """Comma or space separated; `public_profile` is always added."""
    wanted = [scope for scope in re.split(r"[\s,]+", text) if scope]
    unknown = [scope for scope in wanted if scope not in PERMISSIONS]
    if unknown:
        raise Problem(
            "Invalid Scopes",
            f"Invalid Scopes: {', '.join(unknown)}. This message is only shown to developers. "
            "Users of your app will ignore these permissions if present.",
        )
    return tuple(dict.fromkeys(["public_profile", *wanted]))


def _redirect_uri(query: QueryParams) -> str:
    given = query.get("redirect_uri", "")
    decoded = given if "://" in given else unquote(given)
    try:
        allowed = urlsplit(decoded).scheme in ("http", "https") and is_loopback(decoded)
    except ValueError:
        allowed = False
    if not allowed:
        raise Problem(
            "URL Blocked",
            "This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings. "
            "Make sure Client and Web OAuth Login are on and add all your app domains as Valid OAuth Redirect URIs. "
            "(The sandbox's apps have 127.0.0.1, localhost and ::1, any port and path.)",
        )
    return decoded


def _back(asked: Asked, fields: Mapping[str, str]) -> Response:
    """By query for a code, by fragment for a token; a query ends in `#_=_`, as Facebook's does."""
    state = asked.query.get("state")
    answer = urlencode(fields if state is None else {**fields, "state": state})
    plain = asked.redirect_uri.partition("#")[0]
    if asked.in_fragment:
        return RedirectResponse(f"{plain}#{answer}", 302)
    return RedirectResponse(f"{plain}{'&' if urlsplit(plain).query else '?'}{answer}#_=_", 302)
