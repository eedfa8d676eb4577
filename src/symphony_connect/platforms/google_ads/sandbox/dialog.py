"""The consent page, and the redirect back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.base.config import is_loopback
from symphony_connect.platforms.google_ads.sandbox.grants import CLIENTS, SCOPES, SHORT, USUAL, Client, Grants
from symphony_connect.sandbox.consent import (
    Choice,
    Consent,
    Step,
    closing_page,
    consent_page,
    mark_in,
    problem_page,
    step_page,
    submitted,
    ticked,
)
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person, World

MARK = mark_in(Path(__file__).parent)
TITLE = "Google"
PASSKEY = "To confirm that it is you, this device would now ask for your fingerprint, your face or its screen lock."
NO_PASSKEY = "A new refresh token needs a sign-in with a passkey, and this account has none."
_EMBEDDED = re.compile(r"\bFBA[NV]/|\bInstagram\b|; wv\)|\bmusical_ly\b")
"""Browsers inside of other apps, by their user agent."""


class Dialog:
    """`/o/oauth2/v2/auth`."""

    def __init__(self, world: World, grants: Grants, switches: Mapping[str, bool]) -> None:
        self._world = world
        self._grants = grants
        self._switches = switches

    async def answer(self, request: Request) -> Response:
        query, form = request.query_params, await submitted(request)
        client, back = CLIENTS.get(query.get("client_id", "")), query.get("redirect_uri", "")
        person = self._world.people.get(str(form.get("_sandbox_person") or query.get("_sandbox_person") or "ada"))
        if client is None or person is None:
            return self._problem(request, "Error 401: invalid_client", "The OAuth client was not found.", 400)
        if not _may_return_to(back):
            return self._problem(
                request, "Error 400: redirect_uri_mismatch", "The redirect_uri is not registered.", 400
            )
        if _EMBEDDED.search(request.headers.get("user-agent", "")):
            words = "This browser or app may not be secure. Open the page in a browser of its own."
            return self._problem(request, "Error 403: disallowed_useragent", words, 403)
        call_of(request).person = person.name
        asked = list(dict.fromkeys(SHORT.get(scope, scope) for scope in query.get("scope", "").split())) or list(USUAL)
        if any(scope not in SCOPES for scope in asked):
            return self._problem(request, "Error 400: invalid_scope", "Some requested scopes were invalid.", 400)
        usual = [scope for scope in asked if not person.partial or scope != asked[0]]
        match form.get("_sandbox"):
            case "approve":
                return self._approved(request, client, person, tuple(ticked(form, "permission", asked, usual)), form)
            case "deny":
                return self._back(query, error="access_denied")
            case "refuse":
                return self._problem(request, "Use your passkey", NO_PASSKEY, 200)
            case "close":
                return closing_page(self._world, request, TITLE)
        boxes = [Choice(scope, SCOPES[scope], ticked=scope in usual) for scope in asked]
        return consent_page(self._world, request, Consent(TITLE, client.name, person, boxes, None, mark=MARK))

    def _approved(
        self, request: Request, client: Client, person: Person, chosen: tuple[str, ...], form: FormData | QueryParams
    ) -> Response:
        """A refresh token comes with the first consent, and with `prompt=consent`; before it a passkey is asked for."""
        query = request.query_params
        again = "consent" in query.get("prompt", "").split()
        offline = query.get("access_type") == "offline" and (again or not self._grants.consented(client, person))
        if offline and self._switches["noPasskey"]:
            return self._problem(request, "Use your passkey", NO_PASSKEY, 200)
        if offline and isinstance(form, FormData) and "_sandbox_person" in form and "passed" not in form:
            fields = [(key, str(value)) for key, value in form.multi_items() if key != "_sandbox"]
            return step_page(
                self._world, request, Step(TITLE, "Use your passkey", PASSKEY, "I have no passkey", fields)
            )
        grant = self._grants.consent(client, person, chosen, offline=offline)
        code = self._grants.new_code(
            grant, query["redirect_uri"], query.get("code_challenge", ""), query.get("nonce", "")
        )
        return self._back(query, code=code, scope=" ".join(chosen), authuser="0", prompt="consent")

    def _problem(self, request: Request, title: str, words: str, status: int) -> Response:
        return problem_page(self._world, request, TITLE, title, words, status)

    def _back(self, query: Mapping[str, str], **answer: str) -> Response:
        fields = {**({"state": query["state"]} if "state" in query else {}), **answer}
        glue = "&" if urlsplit(query["redirect_uri"]).query else "?"
        return RedirectResponse(f"{query['redirect_uri']}{glue}{urlencode(fields)}", 302)


def _may_return_to(redirect_uri: str) -> bool:
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_loopback(redirect_uri) and not parts.fragment
