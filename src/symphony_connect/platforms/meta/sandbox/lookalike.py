"""Meta's look-alike: what the control API calls, and its routes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from symphony_connect.base.clock import rfc3339
from symphony_connect.platforms.meta.sandbox import browser, wire
from symphony_connect.platforms.meta.sandbox.ads import Ads
from symphony_connect.platforms.meta.sandbox.covered import endpoints
from symphony_connect.platforms.meta.sandbox.dialog import Dialog
from symphony_connect.platforms.meta.sandbox.errors import CATALOGUE, GraphError, session_expired
from symphony_connect.platforms.meta.sandbox.events import ACTIONS, Events
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants
from symphony_connect.platforms.meta.sandbox.graph import Graph
from symphony_connect.platforms.meta.sandbox.inspection import Inspection
from symphony_connect.platforms.meta.sandbox.members import APPS, Member, furnished, system_user
from symphony_connect.platforms.meta.sandbox.minting import mint
from symphony_connect.platforms.meta.sandbox.nodes import Nodes
from symphony_connect.platforms.meta.sandbox.openid import OpenId
from symphony_connect.platforms.meta.sandbox.reports import Reports
from symphony_connect.platforms.meta.sandbox.things import Things
from symphony_connect.platforms.meta.sandbox.versions import plain
from symphony_connect.sandbox.lookalike import LookAlike
from symphony_connect.sandbox.platform import Endpoint, call_of
from symphony_connect.sandbox.world import Person

SWITCHES: Mapping[str, str] = {
    "omit_expires_in": "The token endpoint leaves expires_in out, as reported for some tokens.",
    "near_limit": "Answers say that the app has used 98 of 100 of its calls.",
    "reexchange_extends": "A long-lived token can be exchanged for one that ends later.",
    "new_app": "The app was made after 4 November 2026: no ids=, method override, field aliases, JSONP, async batch.",
    "require_proof": "Calls need appsecret_proof, as with the app's setting Require App Secret.",
}
PLACES: Mapping[str, str] = {
    "dialog/oauth": "login dialog",
    "oauth/access_token": "token exchange",
    "oauth/revoke": "revocation of a token",
    "debug_token": "inspection",
    "me/adaccounts": "ad accounts",
    "me/businesses": "Businesses",
    "owned_ad_accounts": "ad accounts that a Business owns",
    "client_ad_accounts": "ad accounts that a Business looks after",
    "me/accounts": "Pages",
    "me/permissions": "permissions",
    "act_": "one ad account",
}
_OWN = re.compile(
    r"/((v\d+\.\d+|v\d\d+)(/.*)?|(dialog/oauth|oauth/\w+|debug_token|app|me|act_\w+|\d{5,}|\.well-known)(/.*)?|"
    rf"{browser.PATHS})?"
)
"""v26 is a mistake for v26.0; /v2 belongs to another platform."""
_DIALOG = re.compile(r"/dialog/oauth")
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MetaSandbox(LookAlike):
    """A `sandbox.platform.SandboxPlatform`."""

    name: ClassVar[str] = "meta"
    title: ClassVar[str] = "Meta"
    app_ids: ClassVar[Sequence[str]] = tuple(APPS)
    actions: ClassVar[Mapping[str, str]] = ACTIONS
    errors: ClassVar[Mapping[str, str]] = CATALOGUE
    places: ClassVar[Mapping[str, str]] = PLACES
    switch_words: ClassVar[Mapping[str, str]] = SWITCHES

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        app = next(iter(APPS.values()))
        return {"APP_ID": app.id, "APP_SECRET": app.secret, "DIALOG_URL": url, "GRAPH_URL": url}

    def reset(self) -> None:
        super().reset()
        self._members: dict[str, Member] = {}
        self._system_users: dict[str, Member] = {}
        self._ids: set[str] = set()
        self._grants = Grants(self._world)
        for person in self._world.people.values():
            self.furnish(person)
        inspection, open_id = Inspection(self._grants), OpenId(self._grants)
        self.ads = Ads(self._world, Reports(self._world, Things()))
        nodes = Nodes(self._grants, inspection, self.ads, self._switches)
        self._graph = Graph(self._world, self._grants, open_id, inspection, nodes, self._switches)
        self._dialog = Dialog(self._world, self._grants, open_id, self._members, self._system_users)
        self._events = Events(self._grants)

    def furnish(self, person: Person) -> None:
        member = furnished(person)
        self._members[person.name] = member
        self._system_users[person.name] = system_user(member)
        self._ids.add(member.id)

    def routes(self) -> Sequence[BaseRoute]:
        """One route for all paths; the graph reads version, node and edge from them."""
        register_url_convertor("meta_path", _OwnPath())
        return [Route("/{path:meta_path}", self._answer, methods=[*VERBS])]

    async def fallback(self, request: Request) -> Response:
        """Paths of no platform: on its own host the Graph API answers these too."""
        if request.method == "OPTIONS":
            return wire.preflight(request)
        if "ids" in request.query_params:
            return await self._graph.handle(request)
        error = GraphError("2500/path", id=plain(request.url.path))
        wire.note(call_of(request), None, error)
        return wire.refusal(self._world, error)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return wire.preflight(request)
        if file := browser.served(request.url.path):
            return file
        if _DIALOG.fullmatch(self.plain(request.url.path)):
            return await self._dialog.handle(request)
        return await self._graph.handle(request)

    def endpoints(self) -> Sequence[Endpoint]:
        return endpoints()

    def owns(self, path: str) -> bool:
        return _OWN.fullmatch(path) is not None

    def plain(self, path: str) -> str:
        """The path without version, with `me` in the place of a person's id."""
        found = plain(path)
        first, _, rest = found[1:].partition("/")
        return f"/me/{rest}".rstrip("/") if first in self._ids else found

    def fault(self, code: str) -> Response:
        now = self._grants.now()
        error = session_expired(now - 1, now) if code == "190/463" else GraphError(code, id=next(iter(APPS)))
        return wire.refusal(self._world, error)

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        self._events.happen(self._members[person.name], action, details)

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        return mint(self._grants, self._members[person.name], self._system_users[person.name], wishes)

    def apps(self) -> list[dict[str, Any]]:
        return [{"id": app.id, "secret": app.secret, "name": app.name} for app in APPS.values()]

    def holdings(self, person: Person) -> dict[str, Any]:
        member = self._members[person.name]
        return {
            "id": member.id,
            "adAccounts": [
                {"id": f"act_{each.number}", "name": each.name, "status": each.status}
                for each in member.every_account()
            ],
            "pages": [{"id": page.id, "name": page.name} for page in member.pages],
            "businesses": [{"id": business.id, "name": business.name} for business in member.businesses],
            "grants": [self._granted(each) for each in self._grants.of_member(member)],
        }

    def _granted(self, authorization: Authorization) -> dict[str, Any]:
        valid = [token for token in self._grants.tokens(authorization) if not self._grants.why_dead(token)]
        never = any(token.expires_at == 0 for token in valid)
        return {
            "appId": authorization.app.id,
            "kind": "system_user" if authorization.member.client_business else "person",
            "permissions": dict(authorization.permissions),
            "adAccounts": sorted(authorization.accounts),
            "pages": sorted(authorization.pages),
            "dataAccessEnds": rfc3339(authorization.data_until * 1000) if authorization.data_until else None,
            "tokens": len(valid),
            "ends": rfc3339(max(token.expires_at for token in valid) * 1000) if valid and not never else None,
        }


class _OwnPath(Convertor[str]):
    regex = _OWN.pattern.removeprefix("/")

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value
