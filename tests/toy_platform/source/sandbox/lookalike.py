"""The toy's half of a sandbox."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from symphony_connect.platforms.toy.sandbox.state import ACCESS_LIFE, REFRESH_LIFE, Grant, Refusal, State

from symphony_connect.base.clock import SECOND, rfc3339
from symphony_connect.sandbox.consent import Choice, Consent, closing_page, consent_page, problem_page, ticked
from symphony_connect.sandbox.lookalike import LookAlike, wished
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person

SECRETS = {"sandbox-1.apps.toy.example": "sandbox-toy-secret", "sandbox-2.apps.toy.example": "sandbox-toy-other"}
SCOPES = {"ads.read": "See ads", "ads.write": "Change ads"}
CATALOGUE = {
    "token_expired": "the access token has ended",
    "token_revoked": "the access token is not one, or was taken back",
    "invalid_grant": "the refresh token is no good",
    "code_used": "the code was used",
    "invalid_client": "no such app",
    "no_permission": "not granted",
    "rate_limited": "too many calls",
}
STATUSES = {"no_permission": 403, "rate_limited": 429, "invalid_grant": 400, "code_used": 400}


class ToySandbox(LookAlike):
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy Ads"
    app_ids: ClassVar[Sequence[str]] = tuple(SECRETS)
    actions: ClassVar[Mapping[str, str]] = {
        "revoke": "Takes back what they granted.",
        "remove-app": "The same.",
        "change-password": "Ends all their tokens.",
        "expire-token": "Ends their access tokens now.",
        "expire-refresh-token": "Ends their refresh tokens now.",
        "disable-account": "Disables every ad account, or `accountId`.",
        "enable-account": "Enables every ad account, or `accountId`.",
    }
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = {
        "oauth/authorize": "sign-in page",
        "oauth/token": "token exchange",
        "v1/me": "whose token",
        "v1/ad_accounts": "ad accounts",
    }

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        app_id, secret = next(iter(SECRETS.items()))
        return {"APP_ID": app_id, "APP_SECRET": secret, "DEVELOPER": "toy-developer-token", "URL": f"{url}/toy"}

    def reset(self) -> None:
        super().reset()
        self._state = State(self._world)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/toy/oauth/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/toy/oauth/token", self._answered(self._token), methods=["POST"]),
            Route("/toy/v1/me", self._answered(self._me)),
            Route("/toy/v1/ad_accounts", self._answered(self._ad_accounts)),
        ]

    def owns(self, path: str) -> bool:
        return path.startswith("/toy/")

    def plain(self, path: str) -> str:
        return path.removeprefix("/toy")

    def fault(self, code: str) -> Response:
        return _refused(Refusal(code, STATUSES.get(code, 401)))

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        if action in ("disable-account", "enable-account"):
            ids = [account["id"] for account in self._accounts(person)]
            status = "disabled" if action == "disable-account" else "active"
            self.set_status(ids, status, details.get("accountId"))
        now = self._world.clock()
        for grant in self._state.of(person):
            if action in ("revoke", "remove-app", "change-password"):
                grant.over = True
            elif action == "expire-token":
                grant.tokens = dict.fromkeys(grant.tokens, now)
            elif action == "expire-refresh-token":
                grant.refresh_ends = now

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        app, scopes, life = wished(wishes, SECRETS, SCOPES, SCOPES)
        grant = self._state.consent(app, person, list(scopes))
        token = self._state.issue(grant, ACCESS_LIFE if life is None else life)
        return {"accessToken": token, "refreshToken": grant.refresh}

    def apps(self) -> list[dict[str, Any]]:
        return [{"id": id, "secret": secret, "name": f"Toy app {id[8]}"} for id, secret in SECRETS.items()]

    def holdings(self, person: Person) -> dict[str, Any]:
        return {
            "adAccounts": self._accounts(person),
            "grants": [self._granted(each) for each in self._state.of(person)],
        }

    def _granted(self, grant: Grant) -> dict[str, Any]:
        ends = [end for end in grant.tokens.values() if end > self._world.clock() and not grant.over]
        last = rfc3339(max(ends)) if ends else None
        return {"appId": grant.app, "kind": "toy", "tokens": len(ends), "ends": last, "over": grant.over}

    def _accounts(self, person: Person) -> list[dict[str, Any]]:
        usual = "disabled" if person.disabled else "active"
        shape = {"currency": "EUR", "region": "eu"}
        ids = {n: f"toy-{person.number}-{n}" for n in range(1, person.ad_accounts + 1)}
        return [
            {"id": id, "name": f"{person.title} {n}", "status": self._statuses.get(id, usual), **shape}
            for n, id in ids.items()
        ]

    async def _authorize(self, request: Request) -> Response:
        query = request.query_params
        form = await request.form() if request.method == "POST" else query
        person = self._world.people.get(str(form.get("_sandbox_person") or query.get("_sandbox_person") or "ada"))
        back, app = query.get("redirect_uri", ""), query.get("client_id", "")
        if person is None or app not in SECRETS or not back:
            return problem_page(self._world, request, "Toy", "Not a sign-in", "The app or the address is not known.")
        call_of(request).person = person.name
        asked = [scope for scope in query.get("scope", "").split() if scope in SCOPES] or list(SCOPES)
        usual = asked[:1] if person.partial else asked
        match form.get("_sandbox"):
            case "approve":
                grant = self._state.consent(app, person, ticked(form, "permission", asked, usual))
                return _back(back, code=self._state.code(grant), state=query.get("state", ""))
            case "deny":
                return _back(back, error="access_denied", state=query.get("state", ""))
            case "close":
                return closing_page(self._world, request, "Toy")
        boxes = [Choice(scope, SCOPES[scope], ticked=scope in usual) for scope in asked]
        return consent_page(self._world, request, Consent("Toy", "Toy app", person, boxes, ()))

    def _answered(self, handler: Any) -> Any:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await handler(request))
            except Refusal as refusal:
                call_of(request).code, call_of(request).why = refusal.code, CATALOGUE[refusal.code]
                return _refused(refusal)

        return answer

    async def _token(self, request: Request) -> dict[str, Any]:
        form = await request.form()
        app = _basic(request)
        life = {"expires_in": ACCESS_LIFE // SECOND, "refresh_token_expires_in": REFRESH_LIFE // SECOND}
        if form.get("grant_type") == "refresh_token":
            grant = self._state.refresh(str(form.get("refresh_token")), app)
            call_of(request).person = grant.person.name
            return {"access_token": self._state.issue(grant), "token_type": "bearer", **life}
        grant = self._state.redeem(str(form.get("code")), app)
        call_of(request).person = grant.person.name
        return {"access_token": self._state.issue(grant), "refresh_token": grant.refresh, **life}

    async def _me(self, request: Request) -> dict[str, Any]:
        grant, token = self._holder(request)
        end = grant.tokens[token] // SECOND
        return {"id": f"toy-{grant.person.number}", "name": grant.person.title, "scope": " ".join(grant.scopes)} | {
            "expires_at": end
        }

    async def _ad_accounts(self, request: Request) -> dict[str, Any]:
        grant, _ = self._holder(request)
        accounts, query = self._accounts(grant.person), request.query_params
        first, size = int(query.get("bookmark") or 0), int(query.get("page_size") or 25)
        following = str(first + size) if len(accounts) > first + size else None
        return {"items": accounts[first : first + size], "bookmark": following}

    def _holder(self, request: Request) -> tuple[Grant, str]:
        if not request.headers.get("toy-developer"):
            raise Refusal("invalid_client")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        grant = self._state.holder(token)
        call_of(request).person = grant.person.name
        return grant, token


def _basic(request: Request) -> str:
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    app, _, secret = base64.b64decode(pair).decode().partition(":")
    if kind != "Basic" or SECRETS.get(app) != secret:
        raise Refusal("invalid_client")
    return app


def _refused(refusal: Refusal) -> Response:
    error = {"code": refusal.code, "message": CATALOGUE[refusal.code]}
    return JSONResponse({"error": error}, refusal.status)


def _back(address: str, **query: str) -> Response:
    return RedirectResponse(f"{address}?{urlencode(query)}", 302)
