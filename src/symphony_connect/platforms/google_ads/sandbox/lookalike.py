"""Google's look-alike: what the control API calls, and the table of its paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.google_ads.sandbox.ads import DEVELOPER_TOKEN, Ads
from symphony_connect.platforms.google_ads.sandbox.campaigns import REQUIRED, Campaigns
from symphony_connect.platforms.google_ads.sandbox.dialog import Dialog
from symphony_connect.platforms.google_ads.sandbox.errors import CATALOGUE, Refusal
from symphony_connect.platforms.google_ads.sandbox.grants import ACCESS_LIFE, CLIENTS, SCOPES, USUAL, Grant, Grants
from symphony_connect.platforms.google_ads.sandbox.oauth import OAuth, subject
from symphony_connect.platforms.google_ads.sandbox.trees import customers
from symphony_connect.sandbox.lookalike import Handler, LookAlike, answered, wished
from symphony_connect.sandbox.platform import Endpoint
from symphony_connect.sandbox.world import Person

ROOT = "/google_ads"
SWITCHES: Mapping[str, str] = {
    "testing": "Refresh tokens end seven days after the consent, as for a consent screen in Testing.",
    "noPasskey": "People have no passkey, so no new refresh token is given.",
}
ACTIONS: Mapping[str, str] = {
    "revoke": "Ends what they granted, in their Google Account.",
    "remove-app": "The same.",
    "change-password": "The same, as Google does where it suspects somebody else.",
    "expire-token": "Ends their access tokens now.",
    "expire-refresh-token": "Ends their refresh tokens now.",
    "disable-account": "CANCELED for every ad account, or for `accountId`.",
    "enable-account": "ENABLED for every ad account, or for `accountId`.",
}
PLACES: Mapping[str, str] = {
    "o/oauth2/v2/auth": "consent page",
    "tokeninfo": "inspection",
    "token": "token exchange",
    "revoke": "revocation",
    "v1/userinfo": "the person",
    "customers:listAccessibleCustomers": "customers reached directly",
    "googleAds:search": "a query",
    ":mutate": "changes",
}
READ = "customer, customer_client, campaign, campaign_budget"
"""Resources that a query may read."""


class GoogleAdsSandbox(LookAlike):
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "google_ads"
    title: ClassVar[str] = "Google Ads"
    app_ids: ClassVar[Sequence[str]] = tuple(CLIENTS)
    actions: ClassVar[Mapping[str, str]] = ACTIONS
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = PLACES
    switch_words: ClassVar[Mapping[str, str]] = SWITCHES

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        client = next(iter(CLIENTS.values()))
        base = f"{url}{ROOT}"
        urls = {
            "AUTH_URL": f"{base}/o/oauth2/v2/auth",
            "OAUTH_URL": base,
            "INFO_URL": f"{base}/oauth2/v3",
            "API_URL": base,
        }
        return {"APP_ID": client.id, "APP_SECRET": client.secret, "DEVELOPER_TOKEN": DEVELOPER_TOKEN, **urls}

    def reset(self) -> None:
        super().reset()
        self._grants = Grants(self._world, self._switches)
        self._dialog = Dialog(self._world, self._grants, self._switches)
        self._oauth = OAuth(self._world, self._grants)
        self.campaigns = Campaigns(self._world)
        self._ads = Ads(self._grants, self._statuses, self.campaigns)

    def routes(self) -> Sequence[BaseRoute]:
        """Handlers are looked up at each request, because a reset replaces them."""
        both, api = ["GET", "POST"], f"{ROOT}/{{version}}/customers"
        return [
            Route(f"{ROOT}/o/oauth2/v2/auth", self._consent, methods=both),
            Route(f"{ROOT}/token", answered(lambda r: self._oauth.token(r)), methods=["POST"]),
            Route(f"{ROOT}/oauth2/v3/tokeninfo", answered(lambda r: self._oauth.tokeninfo(r)), methods=both),
            Route(f"{ROOT}/revoke", answered(lambda r: self._oauth.revoke(r)), methods=["POST"]),
            Route(f"{ROOT}/v1/userinfo", answered(lambda r: self._oauth.userinfo(r)), methods=both),
            Route(f"{ROOT}/oauth2/v3/certs", answered(lambda r: self._oauth.keys(r))),
            Route(f"{api}:listAccessibleCustomers", self._versioned(lambda r: self._ads.accessible(r))),
            Route(
                f"{api}/{{id}}/googleAds:searchStream",
                self._versioned(_streamed(lambda r: self._ads.search_stream(r))),
                methods=["POST"],
            ),
            Route(f"{api}/{{id}}/googleAds:search", self._versioned(lambda r: self._ads.search(r)), methods=["POST"]),
            Route(
                f"{api}/{{id}}/{{collection}}:mutate", self._versioned(lambda r: self._ads.mutate(r)), methods=["POST"]
            ),
            Route(f"{ROOT}/{{rest:path}}", _nothing, methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    def endpoints(self) -> Sequence[Endpoint]:
        """Versions v23 to v26 are answered."""
        api = f"{ROOT}/v26/customers"
        return [
            Endpoint("GET, POST", f"{ROOT}/o/oauth2/v2/auth"),
            Endpoint("POST", f"{ROOT}/token"),
            Endpoint("GET, POST", f"{ROOT}/oauth2/v3/tokeninfo"),
            Endpoint("POST", f"{ROOT}/revoke"),
            Endpoint("GET, POST", f"{ROOT}/v1/userinfo"),
            Endpoint("GET", f"{ROOT}/oauth2/v3/certs"),
            Endpoint("GET", f"{api}:listAccessibleCustomers"),
            *(
                Endpoint("POST", f"{api}/{{id}}/{name}", f"FROM {READ}")
                for name in ("googleAds:searchStream", "googleAds:search")
            ),
            *(Endpoint("POST", f"{api}/{{id}}/{name}:mutate", "create, update, remove") for name in REQUIRED),
        ]

    async def _consent(self, request: Request) -> Response:
        return await self._dialog.answer(request)

    def _versioned(self, handler: Handler) -> Handler:
        """A version that has ended, or none, is not there."""
        answer = answered(handler)

        async def checked(request: Request) -> Response:
            if request.path_params["version"] not in ("v23", "v24", "v25", "v26"):
                return await _nothing(request)
            found: Response = await answer(request)
            return found

        return checked

    def owns(self, path: str) -> bool:
        return path == ROOT or path.startswith(f"{ROOT}/")

    def plain(self, path: str) -> str:
        return path.removeprefix(ROOT)

    def fault(self, code: str) -> Response:
        return Refusal(code).response()

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        if action in ("disable-account", "enable-account"):
            status = "CANCELED" if action == "disable-account" else "ENABLED"
            self.set_status(self._account_ids(person), status, details.get("accountId"))
            return
        now = self._world.clock()
        for grant in self._grants.of(person):
            if action == "expire-token":
                grant.tokens = {token: min(end, now) for token, end in grant.tokens.items()}
            elif action == "expire-refresh-token":
                grant.refresh_over = True
            else:
                grant.over = True

    def _account_ids(self, person: Person) -> list[str]:
        return [one.id for one in customers(person, {}) if not one.manager]

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        app, scopes, life = wished(wishes, CLIENTS, SCOPES, USUAL)
        grant = self._grants.consent(CLIENTS[app], person, scopes)
        token = self._grants.issue(grant, ACCESS_LIFE if life is None else life)
        ends = rfc3339(grant.tokens[token])
        return {"accessToken": token, "refreshToken": grant.refresh, "expiresAt": ends, "app": app, "scopes": scopes}

    def apps(self) -> list[dict[str, Any]]:
        return [{"id": one.id, "secret": one.secret, "name": one.name} for one in CLIENTS.values()]

    def holdings(self, person: Person) -> dict[str, Any]:
        accounts = [one for one in customers(person, self._statuses) if not one.manager]
        return {
            "id": subject(person),
            "adAccounts": [{"id": one.id, "name": one.name, "status": one.status} for one in accounts],
            "grants": [self._granted(grant) for grant in self._grants.of(person)],
        }

    def _granted(self, grant: Grant) -> dict[str, Any]:
        ends = [end for token, end in grant.tokens.items() if self._grants.works(grant, token)]
        return {
            "appId": grant.client.id,
            "kind": "offline" if grant.refresh else "online",
            "scopes": list(grant.scopes),
            "tokens": len(ends),
            "ends": rfc3339(max(ends)) if ends else None,
            "over": grant.over,
        }


def _streamed(handler: Handler) -> Handler:
    async def answer(request: Request) -> Any:
        try:
            return await handler(request)
        except Refusal as refusal:
            refusal.streamed = True
            raise

    return answer


async def _nothing(_request: Request) -> Response:
    """Google's edge answers in HTML where there is nothing."""
    return HTMLResponse("<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>", 404)
