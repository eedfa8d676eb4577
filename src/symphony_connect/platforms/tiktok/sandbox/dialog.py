"""The consent pages, and the redirect back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.base.config import is_loopback
from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants, Kind
from symphony_connect.platforms.tiktok.sandbox.members import (
    APPS,
    CREATOR_SCOPES,
    PERMISSIONS,
    USUAL_PARTIAL,
    App,
    Member,
)
from symphony_connect.platforms.tiktok.sandbox.wire import not_allowed
from symphony_connect.sandbox.consent import (
    Choice,
    Consent,
    closing_page,
    consent_page,
    mark_in,
    problem_page,
    submitted,
)
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import World

# Words that several reports quote; TikTok shows them for a wrong app id and for a wrong address alike.
_PROBLEM = (
    "There seems to be an issue getting user information associated with your account or the authorization application"
)

MARK = mark_in(Path(__file__).parent)


@dataclass(frozen=True)
class Asked:
    """A sign-in request that is accepted. Other parameters are ignored, as TikTok does."""

    app: App
    redirect_uri: str
    state: str | None
    code_challenge: str
    kind: Kind
    permissions: Mapping[str, str]
    """What may be granted: label by id."""


class Dialog:
    """`/portal/auth` and its older address for advertisers, `/v2/auth/authorize` for TikTok accounts."""

    def __init__(
        self, world: World, grants: Grants, members: Mapping[str, Member], switches: Mapping[str, bool]
    ) -> None:
        self._world = world
        self._grants = grants
        self._members = members
        self._switches = switches

    async def marketing(self, request: Request) -> Response:
        return await self._answer(request, Kind.MARKETING)

    async def creator(self, request: Request) -> Response:
        return await self._answer(request, Kind.CREATOR)

    async def _answer(self, request: Request, kind: Kind) -> Response:
        if request.method not in ("GET", "HEAD", "POST"):
            return not_allowed(("GET", "POST"))
        query = request.query_params
        form = await submitted(request)
        asked = _asked(query, kind)
        member = self._members.get(str(form.get("_sandbox_person") or query.get("_sandbox_person") or "ada"))
        if asked is None or member is None:
            return problem_page(self._world, request, "TikTok", "Authorization failed", _PROBLEM)
        call_of(request).person = member.person.name
        match form.get("_sandbox"):
            case "approve":
                return self._confirmed(asked, member, form)
            case "deny":
                return self._cancelled(asked)
            case "close":
                return closing_page(self._world, request, "TikTok")
        return self._page(request, asked, member)

    def _page(self, request: Request, asked: Asked, member: Member) -> Response:
        usual = _usual(asked, member)
        permissions = [Choice(key, label, ticked=key in usual) for key, label in asked.permissions.items()]
        advertisers = member.advertisers.values() if asked.kind is Kind.MARKETING else ()
        accounts = [Choice(each.id, each.name, each.id) for each in advertisers]
        consent = Consent("TikTok", asked.app.name, member.person, permissions, accounts, look="stark", mark=MARK)
        return consent_page(self._world, request, consent)

    def _confirmed(self, asked: Asked, member: Member, form: FormData | QueryParams) -> Response:
        approval = self._grants.approve(
            Approval(asked.app, member, asked.kind, [], _scope(asked, member, form), asked.code_challenge)
        )
        if asked.kind is Kind.MARKETING:
            approval.advertiser_ids = _ticked(form, "account", member.advertisers, member.advertisers)
        code = self._grants.new_code(approval)
        return _back(asked, {"auth_code": code, "code": code})

    def _cancelled(self, asked: Asked) -> Response:
        """Nobody has documented what TikTok sends. This answer is made up after Login Kit's."""
        if self._switches["denyWithStateOnly"]:
            return _back(asked, {})
        return _back(
            asked, {"error": "access_denied", "error_description": "The user cancelled the authorization (synthetic)"}
        )


def _asked(query: QueryParams, kind: Kind) -> Asked | None:
    """None when there is no such app, or its redirect URI is not accepted."""
    app = APPS.get(query.get("app_id") or query.get("client_key") or "")
    redirect_uri = query.get("redirect_uri", "")
    if "://" not in redirect_uri:
        redirect_uri = unquote(redirect_uri)
    if app is None or not _may_return_to(redirect_uri):
        return None
    offered = {str(key): label for key, label in PERMISSIONS.items()} if kind is Kind.MARKETING else CREATOR_SCOPES
    wanted = re.findall(r"[\w.]+", query.get("scope", ""))
    permissions = {key: label for key, label in offered.items() if key in wanted} or offered
    return Asked(app, redirect_uri, query.get("state"), query.get("code_challenge", ""), kind, permissions)


def _may_return_to(redirect_uri: str) -> bool:
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(redirect_uri) and not parts.fragment


def _usual(asked: Asked, member: Member) -> Iterable[str]:
    if member.person.partial and asked.kind is Kind.MARKETING:
        return [str(number) for number in USUAL_PARTIAL]
    return asked.permissions


def _scope(asked: Asked, member: Member, form: FormData | QueryParams) -> list[int] | list[str]:
    ticked = _ticked(form, "permission", asked.permissions, _usual(asked, member))
    return [int(key) for key in ticked] if asked.kind is Kind.MARKETING else ticked


def _ticked(form: FormData | QueryParams, name: str, known: Iterable[str], usual: Iterable[str]) -> list[str]:
    """The boxes that are ticked; the usual ones when nobody was shown any.

    A post with `_sandbox_person` comes from the page: there, a box that is not named was unticked.
    """
    shown = isinstance(form, FormData) and "_sandbox_person" in form
    chosen: Iterable[object] = form.getlist(name) if shown or name in form else usual
    return [key for key in known if key in chosen]


def _back(asked: Asked, answer: Mapping[str, str]) -> Response:
    fields = dict(answer) if asked.state is None else {**answer, "state": asked.state}
    glue = "&" if urlsplit(asked.redirect_uri).query else "?"
    return RedirectResponse(f"{asked.redirect_uri}{glue}{urlencode(fields)}" if fields else asked.redirect_uri, 302)
