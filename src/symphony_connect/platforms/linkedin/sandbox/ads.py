"""The calls that a member's token opens: who they are, and their ad accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from symphony_connect.platforms.linkedin.sandbox import restli
from symphony_connect.platforms.linkedin.sandbox.campaigns import URN, Campaigns
from symphony_connect.platforms.linkedin.sandbox.errors import Refusal
from symphony_connect.platforms.linkedin.sandbox.grants import Grant, Grants
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person

MOST = 1_000
"""Of one page."""


def member(grant: Grant) -> dict[str, Any]:
    """The claims that the granted scopes open."""
    person = grant.person
    given, _, family = person.title.partition(" ")
    claims: dict[str, Any] = {"sub": subject(person)}
    if "profile" in grant.scopes:
        claims |= {"name": person.title, "given_name": given, "family_name": family}
        claims["locale"] = {"country": "US", "language": "en"}
    if "email" in grant.scopes:
        claims |= {"email": f"{person.name}@example.com", "email_verified": True}
    return claims


def subject(person: Person) -> str:
    return f"li{person.number:06d}"


class Ads:
    """`/v2/userinfo` and `/rest/…`."""

    def __init__(
        self, grants: Grants, statuses: Mapping[str, str], switches: Mapping[str, bool], campaigns: Campaigns
    ) -> None:
        self._grants = grants
        self._statuses = statuses
        self._switches = switches
        self.campaigns = campaigns

    async def userinfo(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        grant = self._grant(request)
        if self._switches["userinfoRefuses"]:
            raise Refusal("65601")
        if "openid" not in grant.scopes:
            raise Refusal("100", "userinfo.GET.NO_VERSION")
        return member(grant)

    async def users(self, request: Request) -> dict[str, Any]:
        """The roles of whoever holds the token. Raises Refusal."""
        grant = self._reader(request, "adAccountUsers.FINDER-authenticatedUser")
        if request.query_params.get("q") != "authenticatedUser":
            raise Refusal("400", "The finder must be q=authenticatedUser")
        start, count = _number(request, "start", 0), min(_number(request, "count", 10), MOST)
        accounts = self.accounts(grant.person)
        shown = accounts[start : start + count]
        who = f"urn:li:person:{subject(grant.person)}"
        return {
            "elements": [
                {"account": f"urn:li:sponsoredAccount:{row['id']}", "role": "ACCOUNT_MANAGER", "user": who}
                for row in shown
            ],
            "paging": {"start": start, "count": count, "total": len(accounts)},
        }

    async def search(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        grant = self._reader(request, "adAccounts.FINDER-search")
        if request.query_params.get("q") != "search":
            raise Refusal("400", "The finder must be q=search")
        size, accounts = min(_number(request, "pageSize", 100), MOST), self.accounts(grant.person)
        start = _number(request, "pageToken", 0)
        shown = [_without(row, grant.person.missing_fields) for row in accounts[start : start + size]]
        following = 0 if grant.person.paging == "repeats" else start + size
        more = start + size < len(accounts) and grant.person.paging != "without-after"
        return {"elements": shown, "metadata": {"nextPageToken": str(following)} if more else {}}

    async def one(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        grant = self._reader(request, "adAccounts.GET")
        id = request.path_params["id"]
        row = next((row for row in self.accounts(grant.person) if str(row["id"]) == id), None)
        if row is None:
            raise Refusal("404")
        return row

    async def within(self, request: Request) -> Response:
        """Campaigns and groups, below `adAccounts/{id}`. Raises Refusal."""
        ask = await restli.asked(request)
        what, id = request.path_params["collection"], request.path_params["id"]
        reads = ask.method in ("GET", "FINDER", "BATCH_GET", "GET_ALL")
        grant = self._reader(request, f"{what}.{ask.method}", writes=not reads)
        self._check_own(grant.person, [id])
        return self.campaigns.answer(id, what, request.path_params.get("key", ""), ask)

    async def analytics(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        ask = await restli.asked(request)
        grant = self._grant(request)
        if "r_ads_reporting" not in grant.scopes:
            raise Refusal("100", "adAnalytics.FINDER-analytics")
        ids = [found[1] for urn in ask.listed("accounts") if (found := URN.fullmatch(urn))]
        if not ids:
            raise Refusal("400", "accounts is a list of urn:li:sponsoredAccount:…")
        self._check_own(grant.person, ids)
        return self.campaigns.analytics(ids, ask)

    def _check_own(self, person: Person, ids: list[str]) -> None:
        if not set(ids) <= {str(row["id"]) for row in self.accounts(person)}:
            raise Refusal("100", "adAccounts")

    def accounts(self, person: Person) -> list[dict[str, Any]]:
        usual = "CANCELED" if person.disabled else "ACTIVE"
        found = []
        for count in range(1, person.ad_accounts + 1):
            id = 510_000_000 + person.number * 10_000 + count
            status = self._statuses.get(str(id), usual)
            found.append(
                {
                    "id": id,
                    "name": person.account_name(count, f"{person.title} {count}"),
                    "currency": "USD",
                    "status": status,
                    "type": "BUSINESS",
                    "reference": f"urn:li:organization:{2_000_000 + person.number}",
                    "servingStatuses": ["RUNNABLE" if status == "ACTIVE" else "ACCOUNT_SERVING_HOLD"],
                    "test": False,
                }
            )
        return found

    def _reader(self, request: Request, what: str, *, writes: bool = False) -> Grant:
        grant = self._grant(request)
        if not ({"rw_ads"} if writes else {"r_ads", "rw_ads"}) & set(grant.scopes):
            raise Refusal("100", what)
        return grant

    def _grant(self, request: Request) -> Grant:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal("65604")
        grant = self._grants.holder(token)
        if grant is None:
            raise Refusal("65600")
        call_of(request).person = grant.person.name
        if grant.over:
            raise Refusal("65601")
        if not self._grants.works(grant, token):
            raise Refusal("65602")
        return grant


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refusal("400", f"{name} is no number")
    return int(text)


def _without(row: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in fields or key == "id"}
