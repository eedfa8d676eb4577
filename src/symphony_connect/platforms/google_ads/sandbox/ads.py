"""The Google Ads API over REST: which accounts a person reaches, GAQL over four resources, and changes of campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from symphony_connect.platforms.google_ads.sandbox import gaql
from symphony_connect.platforms.google_ads.sandbox.campaigns import Campaigns
from symphony_connect.platforms.google_ads.sandbox.errors import Refusal
from symphony_connect.platforms.google_ads.sandbox.grants import ADS, Grants
from symphony_connect.platforms.google_ads.sandbox.trees import Customer, customers, roots
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person

DEVELOPER_TOKEN = "sandbox-developer-token"  # noqa: S105 - opens nothing but the sandbox
PAGE = 10_000


class Question(msgspec.Struct):
    query: str = ""
    pageToken: str = ""
    pageSize: int = 0


class Ads:
    def __init__(self, grants: Grants, statuses: Mapping[str, str], campaigns: Campaigns) -> None:
        self._grants = grants
        self._statuses = statuses
        self.campaigns = campaigns

    async def accessible(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        person = self._person(request)
        return {"resourceNames": [f"customers/{one}" for one in roots(person)]}

    async def search_stream(self, request: Request) -> list[dict[str, Any]]:
        """Raises Refusal."""
        rows, mask, _ = await self._found(request)
        return [{"results": rows, "fieldMask": mask, "requestId": "sandbox"}]

    async def search(self, request: Request) -> dict[str, Any]:
        """Pages of 10,000 rows, as Google fixes them. Raises Refusal."""
        rows, mask, question = await self._found(request)
        if question.pageSize:
            raise Refusal("PAGE_SIZE_NOT_SUPPORTED")
        start = int(question.pageToken) if question.pageToken.isdigit() else 0
        page = {"results": rows[start : start + PAGE], "fieldMask": mask}
        return page | ({"nextPageToken": str(start + PAGE)} if start + PAGE < len(rows) else {})

    async def mutate(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        customer = self._reached(request, self._person(request))
        try:
            body = msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refusal("REQUIRED") from None
        return self.campaigns.mutate(customer, request.path_params["collection"], body)

    async def _found(self, request: Request) -> tuple[list[dict[str, Any]], str, Question]:
        person = self._person(request)
        customer = self._reached(request, person)
        try:
            question = msgspec.json.decode(await request.body() or b"{}", type=Question)
        except (msgspec.DecodeError, UnicodeDecodeError):
            question = Question()
        query = gaql.parsed(question.query)
        rows = [_selected(row, query.fields) for row in query.chosen(self._rows(person, customer, query))]
        return rows, ",".join(map(gaql.camel, query.fields)), question

    def _rows(self, person: Person, customer: Customer, query: gaql.Query) -> Iterable[gaql.Row]:
        below = [one for one in customers(person, self._statuses) if customer.id in (one.id, one.manager_id)]
        match query.what:
            case "customer_client":
                return [{"customerClient": _client(one, customer)} for one in below]
            case "customer":
                one = {"id": customer.id, "descriptiveName": customer.name, "manager": customer.manager}
                return [{"customer": {"resourceName": f"customers/{customer.id}", **one}}]
            case "campaign" | "campaign_budget":
                return self.campaigns.rows(customer, query)
        raise Refusal("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")

    def _reached(self, request: Request, person: Person) -> Customer:
        """The customer of the path, by the way that `login-customer-id` names. Raises Refusal."""
        known = {one.id: one for one in customers(person, self._statuses)}
        customer = known.get(request.path_params["id"])
        login = request.headers.get("login-customer-id", "") or request.path_params["id"]
        if customer is None or login not in roots(person) or login not in (customer.id, customer.manager_id):
            raise Refusal("USER_PERMISSION_DENIED")
        if customer.status != "ENABLED":
            raise Refusal("CUSTOMER_NOT_ENABLED")
        return customer

    def _person(self, request: Request) -> Person:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._grants.holder(token) if kind.lower() == "bearer" and token else None
        if grant is None or token not in grant.tokens:
            raise Refusal("UNAUTHENTICATED")
        call_of(request).person = grant.person.name
        if grant.over:
            raise Refusal("OAUTH_TOKEN_REVOKED")
        if not self._grants.works(grant, token):
            raise Refusal("OAUTH_TOKEN_EXPIRED")
        if request.headers.get("developer-token") != DEVELOPER_TOKEN:
            raise Refusal("DEVELOPER_TOKEN_INVALID")
        if ADS not in grant.scopes or not roots(grant.person):
            raise Refusal("NOT_ADS_USER")
        return grant.person


def _client(one: Customer, root: Customer) -> dict[str, Any]:
    """64-bit numbers are text, as everywhere in Google's JSON."""
    row = {
        "resourceName": f"customers/{root.id}/customerClients/{one.id}",
        "id": one.id,
        "descriptiveName": one.name,
        "currencyCode": "USD",
        "timeZone": "Europe/Berlin",
        "manager": one.manager,
        "level": "0" if one.id == root.id else "1",
        "status": one.status,
        "testAccount": False,
        "hidden": False,
    }
    return {key: value for key, value in row.items() if key not in one.missing}


def _selected(row: gaql.Row, fields: Iterable[str]) -> dict[str, Any]:
    """Only the fields asked for, and the resource name. Raises Refusal for one that is not there."""
    found: dict[str, Any] = {}
    for field in fields:
        value = gaql.value_of(row, field)
        resource, _, name = gaql.camel(field).partition(".")
        into = found.setdefault(
            resource, {key: row[resource][key] for key in ("resourceName",) if key in row[resource]}
        )
        if value is not None:
            into[name] = value
    return found
