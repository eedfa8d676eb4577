"""TikTok's look-alike: what the control API calls, and the table of its paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.tiktok.sandbox import wire
from symphony_connect.platforms.tiktok.sandbox.assets import Assets
from symphony_connect.platforms.tiktok.sandbox.campaigns import Campaigns
from symphony_connect.platforms.tiktok.sandbox.creator import Creator
from symphony_connect.platforms.tiktok.sandbox.dialog import Dialog
from symphony_connect.platforms.tiktok.sandbox.errors import CATALOGUE, Refusal
from symphony_connect.platforms.tiktok.sandbox.events import ACTIONS, Events
from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants
from symphony_connect.platforms.tiktok.sandbox.login_kit import ROOT as LOGIN_KIT
from symphony_connect.platforms.tiktok.sandbox.login_kit import LoginKit
from symphony_connect.platforms.tiktok.sandbox.marketing import Marketing
from symphony_connect.platforms.tiktok.sandbox.members import APPS, Member, furnished
from symphony_connect.platforms.tiktok.sandbox.minting import mint
from symphony_connect.sandbox.lookalike import LookAlike
from symphony_connect.sandbox.platform import Endpoint
from symphony_connect.sandbox.world import Person

SWITCHES: Mapping[str, str] = {
    "denyWithStateOnly": "Cancel sends back the state and nothing else.",
    "refreshSaysLittle": "A refresh answers without lifetimes and refresh token; the old one goes on working.",
    "refreshEndsOldToken": "A refresh ends the old access token; else it lives on to its own end.",
    "usedCodeIs40101": "A used auth_code is answered with 40101 and other words, as seen since 2026; else with 40110.",
    "strictPkce": "A code_verifier in the exchange must fit; else it is ignored.",
}
PLACES: Mapping[str, str] = {
    "portal/auth": "consent page",
    "oauth2/access_token": "token exchange",
    "oauth2/refresh_token": "refresh",
    "oauth2/revoke_token": "revocation",
    "oauth2/advertiser/get": "ad accounts",
    "advertiser/info": "details of ad accounts",
    "user/info": "the person",
}
DIALOGS = ("/portal/auth", "/marketing_api/auth")
CREATOR_DIALOG = "/v2/auth/authorize"
ROOTS = ("/open_api", "/portal", "/marketing_api", "/v2")
"""Paths that begin so are TikTok's, also where there is nothing."""
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class TikTokSandbox(LookAlike):
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "tiktok"
    title: ClassVar[str] = "TikTok for Business"
    app_ids: ClassVar[Sequence[str]] = tuple(APPS)
    actions: ClassVar[Mapping[str, str]] = ACTIONS
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = PLACES
    switch_words: ClassVar[Mapping[str, str]] = SWITCHES

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        app = next(app for app in APPS.values() if app.short_term)
        urls = {"AUTH_URL": f"{url}/portal/auth", "API_URL": f"{url}/open_api/v1.3"}
        return {"APP_ID": app.id, "APP_SECRET": app.secret, **urls}

    def reset(self) -> None:
        super().reset()
        self._members: dict[str, Member] = {}
        self._grants = Grants(self._world)
        for person in self._world.people.values():
            self.furnish(person)
        born = self._world.clock() // 1000
        dialog = Dialog(self._world, self._grants, self._members, self._switches)
        marketing = Marketing(self._grants, self._members, self._switches, born)
        self._events = Events(self._world, self._grants)
        self._dialogs = {"marketing": dialog.marketing, "creator": dialog.creator}
        self._login_kit = LoginKit(self._world, self._grants)
        self.campaigns = Campaigns(self._world, marketing)
        operations = {**marketing.operations(), **self.campaigns.operations(), **Assets(marketing).operations()}
        self._operations = {**operations, **Creator(self._grants).operations()}
        self._api = wire.endpoint(self._world, self._operations)

    def furnish(self, person: Person) -> None:
        self._members[person.name] = furnished(person)

    def routes(self) -> Sequence[BaseRoute]:
        """Handlers are looked up at each request, because a reset replaces them."""

        async def marketing(request: Request) -> Response:
            return await self._dialogs["marketing"](request)

        async def creator(request: Request) -> Response:
            return await self._dialogs["creator"](request)

        async def login_kit(request: Request) -> Response:
            return await self._login_kit.answer(request)

        async def api(request: Request) -> Response:
            return await self._api(request)

        async def nothing(_request: Request) -> Response:
            return wire.not_found()

        dialogs = [(path, marketing) for path in DIALOGS] + [(CREATOR_DIALOG, creator)]
        return [
            *(Route(path + slash, handler, methods=[*VERBS]) for path, handler in dialogs for slash in ("", "/")),
            Route(LOGIN_KIT + "{rest:path}", login_kit, methods=[*VERBS]),
            Route("/open_api/{rest:path}", api, methods=[*VERBS]),
            *(Route(root + rest, nothing, methods=[*VERBS]) for root in ROOTS for rest in ("", "/{rest:path}")),
        ]

    def endpoints(self) -> Sequence[Endpoint]:
        """Each path of the API, under its newest version."""
        return [
            Endpoint(", ".join(each.verbs), f"/open_api/v1.3{path}", each.note)
            for path, each in sorted(self._operations.items())
        ]

    def owns(self, path: str) -> bool:
        return path in ROOTS or path.startswith(tuple(f"{root}/" for root in ROOTS))

    def plain(self, path: str) -> str:
        return wire.plain(path)

    def fault(self, code: str) -> Response:
        return wire.refused(self._world, Refusal(code))

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        self._events.happen(self._members[person.name], action, details)

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        return mint(self._grants, self._members[person.name], wishes)

    def apps(self) -> list[dict[str, Any]]:
        return [
            {"id": app.id, "secret": app.secret, "name": app.name, "shortTerm": app.short_term} for app in APPS.values()
        ]

    def holdings(self, person: Person) -> dict[str, Any]:
        member = self._members[person.name]
        return {
            "id": member.core_user_id,
            "adAccounts": [
                {"id": each.id, "name": each.name, "status": each.status} for each in member.advertisers.values()
            ],
            "grants": [self._granted(approval) for approval in self._grants.approvals(member)],
        }

    def _granted(self, approval: Approval) -> dict[str, Any]:
        active = self._grants.active(approval)
        ends = [token.expires_at for token in active if token.expires_at is not None]
        return {
            "appId": approval.app.id,
            "kind": approval.kind,
            "adAccounts": approval.advertiser_ids,
            "scopes": [str(each) for each in approval.scope],
            "over": approval.over,
            "tokens": len(active),
            "ends": rfc3339(max(ends)) if ends and len(ends) == len(active) else None,
        }
