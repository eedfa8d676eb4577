"""LinkedIn's look-alike: what the control API calls, and the table of its paths."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from symphony_connect.base.clock import SECOND, rfc3339
from symphony_connect.platforms.linkedin.sandbox.ads import Ads, subject, tunnelled
from symphony_connect.platforms.linkedin.sandbox.dialog import Dialog
from symphony_connect.platforms.linkedin.sandbox.errors import CATALOGUE, Refusal
from symphony_connect.platforms.linkedin.sandbox.grants import ACCESS_LIFE, APPS, SCOPES, USUAL, Grant, Grants
from symphony_connect.platforms.linkedin.sandbox.oauth import OAuth
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person, World

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
}
Handler = Callable[[Request], Awaitable[dict[str, Any]]]


class LinkedInSandbox:
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "linkedin"
    title: ClassVar[str] = "LinkedIn"
    app_ids: ClassVar[Sequence[str]] = tuple(APPS)
    actions: ClassVar[Mapping[str, str]] = ACTIONS
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = PLACES
    switch_words: ClassVar[Mapping[str, str]] = SWITCHES

    def __init__(self, world: World) -> None:
        self._world = world

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        app = next(iter(APPS.values()))
        urls = {"OAUTH_URL": f"{url}{ROOT}/oauth/v2", "API_URL": f"{url}{ROOT}"}
        return {"APP_ID": app.id, "APP_SECRET": app.secret, **urls}

    def reset(self) -> None:
        self._switches = dict.fromkeys(SWITCHES, False)
        self._statuses: dict[str, str] = {}
        self._grants = Grants(self._world)
        self._dialog = Dialog(self._world, self._grants)
        self._oauth = OAuth(self._world, self._grants)
        self._ads = Ads(self._grants, self._statuses, self._switches)

    def furnish(self, person: Person) -> None:
        """What they own follows from who they are."""

    def routes(self) -> Sequence[BaseRoute]:
        """Handlers are looked up at each request, because a reset replaces them."""
        both = ["GET", "POST"]
        return [
            Route(f"{ROOT}/oauth/v2/authorization", self._consent, methods=both),
            Route(f"{ROOT}/oauth/v2/accessToken", _answered(lambda r: self._oauth.token(r)), methods=["POST"]),
            Route(f"{ROOT}/oauth/v2/introspectToken", _answered(lambda r: self._oauth.introspect(r)), methods=["POST"]),
            Route(f"{ROOT}/oauth/.well-known/openid-configuration", _answered(lambda r: self._oauth.discovery(r))),
            Route(f"{ROOT}/oauth/openid/jwks", _answered(lambda r: self._oauth.keys(r))),
            Route(f"{ROOT}/v2/userinfo", _answered(lambda r: self._ads.userinfo(r))),
            Route(f"{ROOT}/rest/adAccountUsers", self._versioned(lambda r: self._ads.users(r)), methods=both),
            Route(f"{ROOT}/rest/adAccounts", self._versioned(lambda r: self._ads.search(r)), methods=both),
            Route(f"{ROOT}/rest/adAccounts/{{id}}", self._versioned(lambda r: self._ads.one(r)), methods=both),
            Route(f"{ROOT}/{{rest:path}}", _answered(_nothing), methods=["GET", "POST", "PUT", "DELETE"]),
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
            self._set_status(person, "CANCELED" if action == "disable-account" else "ACTIVE", details.get("accountId"))
            return
        now = self._world.clock()
        for grant in self._grants.of(person):
            if action == "expire-token":
                grant.tokens = {token: (made, min(end, now)) for token, (made, end) in grant.tokens.items()}
            elif action == "expire-refresh-token":
                grant.refresh_ends = min(grant.refresh_ends, now)
            else:
                grant.over = True

    def _set_status(self, person: Person, status: str, account_id: object) -> None:
        ids = [str(account["id"]) for account in self._ads.accounts(person)]
        if account_id is not None and str(account_id) not in ids:
            raise ValueError(f"`accountId` is one of {', '.join(ids)}; not {account_id!r}.")
        for id in ids if account_id is None else [str(account_id)]:
            self._statuses[id] = status

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """`app` an app id, `scopes` a list, `expiresIn` seconds; less than 0: it has ended. Raises ValueError."""
        unknown = wishes.keys() - {"app", "scopes", "expiresIn"}
        if unknown:
            words = ", ".join(f"`{wish}`" for wish in sorted(unknown))
            raise ValueError(f"A LinkedIn token takes `app`, `scopes` and `expiresIn`; not {words}.")
        app, scopes, life = (
            wishes.get("app", next(iter(APPS))),
            wishes.get("scopes", list(USUAL)),
            wishes.get("expiresIn"),
        )
        if not isinstance(app, str) or app not in APPS:
            raise ValueError(f"`app` is one of {', '.join(APPS)}; not {app!r}.")
        if not isinstance(scopes, list) or not all(isinstance(each, str) and each in SCOPES for each in scopes):
            raise ValueError(f"`scopes` is a list of {', '.join(SCOPES)}; not {scopes!r}.")
        if life is not None and (not isinstance(life, int) or isinstance(life, bool) or abs(life) > 10**9):
            raise ValueError(f"`expiresIn` is a number of seconds; not {life!r}.")
        grant = self._grants.consent(APPS[app], person, tuple(scopes))
        token = self._grants.issue(grant, ACCESS_LIFE if life is None else life * SECOND)
        ends = rfc3339(grant.tokens[token][1])
        return {"accessToken": token, "refreshToken": grant.refresh, "expiresAt": ends, "app": app, "scopes": scopes}

    def switches(self) -> Mapping[str, bool]:
        return self._switches

    def switch(self, name: str, value: bool) -> None:
        if name not in self._switches:
            raise KeyError(name)
        self._switches[name] = value

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

        async def checked(request: Request) -> dict[str, Any]:
            version = request.headers.get("linkedin-version", "")
            if not version:
                raise Refusal("400/version")
            today = datetime.fromtimestamp(self._world.clock() / 1000, UTC)
            oldest, newest = f"{today.year - 1}{today.month:02d}", f"{today:%Y%m}"
            ended = self._switches["endsVersions"] and not oldest < version <= newest
            if ended or not re.fullmatch(r"20\d{4}", version, re.ASCII):
                raise Refusal("426", version)
            return await handler(await tunnelled(request))

        return _answered(checked)


def _answered(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except Refusal as refusal:
            call_of(request).code, call_of(request).why = refusal.key, CATALOGUE[refusal.key]
            return refusal.response()

    return answer


async def _nothing(_request: Request) -> dict[str, Any]:
    raise Refusal("404")
