"""LinkedIn's look-alike: what the control API calls, and the table of its paths."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.linkedin.sandbox.ads import Ads, subject
from symphony_connect.platforms.linkedin.sandbox.campaigns import REQUIRED, Campaigns
from symphony_connect.platforms.linkedin.sandbox.dialog import Dialog
from symphony_connect.platforms.linkedin.sandbox.errors import CATALOGUE, Refusal
from symphony_connect.platforms.linkedin.sandbox.grants import ACCESS_LIFE, APPS, SCOPES, USUAL, Grant, Grants
from symphony_connect.platforms.linkedin.sandbox.oauth import OAuth
from symphony_connect.sandbox.lookalike import Handler, LookAlike, answered, wished
from symphony_connect.sandbox.platform import Endpoint
from symphony_connect.sandbox.world import Person

ROOT = "/linkedin"
SWITCHES: Mapping[str, str] = {
    "userinfoRefuses": "/v2/userinfo calls every token revoked, as it now and then does; they go on working.",
    "endsVersions": "A LinkedIn-Version older than twelve months is answered with 426.",
}
ACTIONS: Mapping[str, str] = {
    "revoke": "Ends what they granted, in their settings.",
    "remove-app": "The same.",
    "change-password": "The same: they chose to sign out everywhere.",
    "expire-token": "Ends their access tokens now.",
    "expire-refresh-token": "Ends their refresh tokens now.",
    "disable-account": "CANCELED for every ad account, or for `accountId`.",
    "enable-account": "ACTIVE for every ad account, or for `accountId`.",
}
PLACES: Mapping[str, str] = {
    "oauth/v2/authorization": "consent page",
    "oauth/v2/accessToken": "token exchange",
    "oauth/v2/introspectToken": "inspection",
    "v2/userinfo": "the person",
    "rest/adAccountUsers": "roles in ad accounts",
    "rest/adAccounts": "ad accounts",
    "rest/adAnalytics": "numbers",
}


class LinkedInSandbox(LookAlike):
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "linkedin"
    title: ClassVar[str] = "LinkedIn"
    app_ids: ClassVar[Sequence[str]] = tuple(APPS)
    actions: ClassVar[Mapping[str, str]] = ACTIONS
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = PLACES
    switch_words: ClassVar[Mapping[str, str]] = SWITCHES

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        app = next(iter(APPS.values()))
        urls = {"OAUTH_URL": f"{url}{ROOT}/oauth/v2", "API_URL": f"{url}{ROOT}"}
        return {"APP_ID": app.id, "APP_SECRET": app.secret, **urls}

    def reset(self) -> None:
        super().reset()
        self._grants = Grants(self._world)
        self._dialog = Dialog(self._world, self._grants)
        self._oauth = OAuth(self._world, self._grants)
        self.campaigns = Campaigns(self._world)
        self._ads = Ads(self._grants, self._statuses, self._switches, self.campaigns)

    def routes(self) -> Sequence[BaseRoute]:
        """Handlers are looked up at each request, because a reset replaces them."""
        within = self._versioned(lambda r: self._ads.within(r))
        return [
            Route(f"{ROOT}/oauth/v2/authorization", self._consent, methods=["GET", "POST"]),
            Route(f"{ROOT}/oauth/v2/accessToken", answered(lambda r: self._oauth.token(r)), methods=["POST"]),
            Route(f"{ROOT}/oauth/v2/introspectToken", answered(lambda r: self._oauth.introspect(r)), methods=["POST"]),
            Route(f"{ROOT}/oauth/openid/jwks", answered(lambda r: self._oauth.keys(r))),
            Route(f"{ROOT}/v2/userinfo", answered(lambda r: self._ads.userinfo(r))),
            Route(f"{ROOT}/rest/adAccountUsers", self._versioned(lambda r: self._ads.users(r))),
            Route(f"{ROOT}/rest/adAccounts", self._versioned(lambda r: self._ads.search(r))),
            Route(f"{ROOT}/rest/adAccounts/{{id}}", self._versioned(lambda r: self._ads.one(r))),
            *(
                Route(f"{ROOT}/rest/adAccounts/{{id}}/{{collection}}{key}", within, methods=methods)
                for key, methods in (("", ["GET", "POST"]), ("/{key}", ["GET", "POST", "DELETE"]))
            ),
            Route(
                f"{ROOT}/rest/adAnalytics", self._versioned(lambda r: self._ads.analytics(r)), methods=["GET", "POST"]
            ),
            Route(f"{ROOT}/{{rest:path}}", answered(_nothing), methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    def endpoints(self) -> Sequence[Endpoint]:
        reads = "also as POST with X-HTTP-Method-Override: GET"
        return [
            Endpoint("GET, POST", f"{ROOT}/oauth/v2/authorization"),
            Endpoint("POST", f"{ROOT}/oauth/v2/accessToken"),
            Endpoint("POST", f"{ROOT}/oauth/v2/introspectToken"),
            Endpoint("GET", f"{ROOT}/oauth/openid/jwks"),
            Endpoint("GET", f"{ROOT}/v2/userinfo"),
            Endpoint("GET", f"{ROOT}/rest/adAccountUsers", "q=authenticatedUser"),
            Endpoint("GET", f"{ROOT}/rest/adAccounts", "q=search, without its filters"),
            Endpoint("GET", f"{ROOT}/rest/adAccounts/{{id}}"),
            *(Endpoint("GET, POST", f"{ROOT}/rest/adAccounts/{{id}}/{each}", reads) for each in REQUIRED),
            *(
                Endpoint("GET, POST, DELETE", f"{ROOT}/rest/adAccounts/{{id}}/{each}/{{key}}", "POST is PARTIAL_UPDATE")
                for each in REQUIRED
            ),
            Endpoint("GET", f"{ROOT}/rest/adAnalytics", f"q=analytics by accounts; {reads}"),
        ]

    async def _consent(self, request: Request) -> Response:
        return await self._dialog.answer(request)

    def owns(self, path: str) -> bool:
        return path == ROOT or path.startswith(f"{ROOT}/")

    def plain(self, path: str) -> str:
        return path.removeprefix(ROOT)

    def fault(self, code: str) -> Response:
        return Refusal(code).response()

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        if action in ("disable-account", "enable-account"):
            status = "CANCELED" if action == "disable-account" else "ACTIVE"
            self.set_status(self._account_ids(person), status, details.get("accountId"))
            return
        now = self._world.clock()
        for grant in self._grants.of(person):
            if action == "expire-token":
                grant.tokens = {token: (made, min(end, now)) for token, (made, end) in grant.tokens.items()}
            elif action == "expire-refresh-token":
                grant.refresh_ends = min(grant.refresh_ends, now)
            else:
                grant.over = True

    def _account_ids(self, person: Person) -> list[str]:
        return [str(account["id"]) for account in self._ads.accounts(person)]

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        app, scopes, life = wished(wishes, APPS, SCOPES, USUAL)
        grant = self._grants.consent(APPS[app], person, scopes)
        token = self._grants.issue(grant, ACCESS_LIFE if life is None else life)
        ends = rfc3339(grant.tokens[token][1])
        return {"accessToken": token, "refreshToken": grant.refresh, "expiresAt": ends, "app": app, "scopes": scopes}

    def apps(self) -> list[dict[str, Any]]:
        return [
            {"id": app.id, "secret": app.secret, "name": app.name, "refreshTokens": app.partner}
            for app in APPS.values()
        ]

    def holdings(self, person: Person) -> dict[str, Any]:
        accounts = self._ads.accounts(person)
        return {
            "id": subject(person),
            "adAccounts": [{"id": str(row["id"]), "name": row["name"], "status": row["status"]} for row in accounts],
            "grants": [self._granted(grant) for grant in self._grants.of(person)],
        }

    def _granted(self, grant: Grant) -> dict[str, Any]:
        ends = [end for token, (_, end) in grant.tokens.items() if self._grants.works(grant, token)]
        return {
            "appId": grant.app.id,
            "kind": "partner" if grant.app.partner else "usual",
            "scopes": list(grant.scopes),
            "tokens": len(ends),
            "ends": rfc3339(max(ends)) if ends else None,
            "over": grant.over,
        }

    def _versioned(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """`/rest/…` wants the header LinkedIn-Version."""

        async def checked(request: Request) -> Any:
            version = request.headers.get("linkedin-version", "")
            if not version:
                raise Refusal("400/version")
            today = datetime.fromtimestamp(self._world.clock() / 1000, UTC)
            oldest, newest = f"{today.year - 1}{today.month:02d}", f"{today:%Y%m}"
            ended = self._switches["endsVersions"] and not oldest < version <= newest
            if ended or not re.fullmatch(r"20\d{4}", version, re.ASCII):
                raise Refusal("426", version)
            return await handler(request)

        return answered(checked)


async def _nothing(_request: Request) -> Response:
    raise Refusal("404")
