"""The consent page, and the redirect back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.base.config import is_loopback
from symphony_connect.platforms.linkedin.sandbox.grants import APPS, SCOPES, USUAL, Grants
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

MARK = mark_in(Path(__file__).parent)
TITLE = "LinkedIn"


class Dialog:
    """`/oauth/v2/authorization`. Parameters that it does not know are ignored, PKCE's too."""

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    async def answer(self, request: Request) -> Response:
        query, form = request.query_params, await submitted(request)
        app, back = APPS.get(query.get("client_id", "")), query.get("redirect_uri", "")
        person = self._world.people.get(str(form.get("_sandbox_person") or query.get("_sandbox_person") or "ada"))
        if app is None or person is None or not _may_return_to(back):
            words = "The client_id or the redirect_uri of this request is not registered."
            return problem_page(self._world, request, TITLE, "Bummer, something went wrong.", words)
        call_of(request).person = person.name
        asked = tuple(dict.fromkeys(query.get("scope", "").replace(",", " ").split())) or USUAL
        unknown = [scope for scope in asked if scope not in SCOPES]
        if unknown:
            words = f'Scope "{unknown[0]}" is not authorized for your application'
            return self._back(query, error="unauthorized_scope_error", error_description=words)
        match form.get("_sandbox"):
            case "approve":
                return self._back(query, code=self._grants.new_code(self._grants.consent(app, person, asked), back))
            case "deny":
                words = "The user cancelled the authorization"
                return self._back(query, error="user_cancelled_authorize", error_description=words)
            case "close":
                return closing_page(self._world, request, TITLE)
        boxes = [Choice(scope, SCOPES[scope]) for scope in asked]
        consent = Consent(TITLE, app.name, person, boxes, None, all_or_none=True, look="bright", mark=MARK)
        return consent_page(self._world, request, consent)

    def _back(self, query: Mapping[str, str], **answer: str) -> Response:
        fields = {**answer, **({"state": query["state"]} if "state" in query else {})}
        return RedirectResponse(f"{query['redirect_uri'].partition('?')[0]}?{urlencode(fields)}", 302)


def _may_return_to(redirect_uri: str) -> bool:
    """An absolute address without a fragment; the sandbox leads to this machine only."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(redirect_uri) and not parts.fragment
