"""The Google Ads API over REST: which accounts a person reaches, and GAQL over three resources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from symphony_connect.platforms.google_ads.sandbox.errors import Refusal
from symphony_connect.platforms.google_ads.sandbox.grants import ADS, Grants
from symphony_connect.platforms.google_ads.sandbox.trees import Customer, below, customers, roots
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person

DEVELOPER_TOKEN = "sandbox-developer-token"  # noqa: S105 - opens nothing but the sandbox
_QUERY = re.compile(r"^\s*SELECT\s+(?P<fields>[\w.,\s]+?)\s+FROM\s+(?P<what>\w+)\b", re.IGNORECASE)


class Question(msgspec.Struct):
    query: str = ""


class Ads:
    def __init__(self, grants: Grants, statuses: Mapping[str, str], switches: Mapping[str, bool]) -> None:
        self._grants = grants
        self._statuses = statuses
        self._switches = switches

    async def accessible(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        person = self._person(request)
        return {"resourceNames": [f"customers/{one}" for one in roots(person)]}

    async def search_stream(self, request: Request) -> list[dict[str, Any]]:
        """Raises Refusal."""
        rows, mask = await self._found(request)
        return [{"results": rows, "fieldMask": mask, "requestId": "sandbox"}]

    async def search(self, request: Request) -> dict[str, Any]:
        """Raises Refusal."""
        rows, mask = await self._found(request)
        return {"results": rows, "fieldMask": mask}

    async def _found(self, request: Request) -> tuple[list[dict[str, Any]], str]:
        person = self._person(request)
        customer = self._reached(request, person)
        try:
            query = msgspec.json.decode(await request.body() or b"{}", type=Question).query
        except (msgspec.DecodeError, UnicodeDecodeError):
            query = ""
        asked = _QUERY.match(query)
        if asked is None:
            raise Refusal("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")
        found = self._rows(person, customer, asked["what"].lower())
        fields = [field.strip() for field in asked["fields"].split(",")]
        rows = [_selected(row, fields) for row in found]
        return rows, ",".join(_camel(field) for field in fields)

    def _rows(self, person: Person, customer: Customer, what: str) -> list[dict[str, Any]]:
        match what:
            case "customer_client":
                known = customers(person, self._statuses)
                levels = below(customer.id, known)
                return [{"customerClient": _client(one, customer, levels[one.id])} for one in known if one.id in levels]
            case "customer":
                return [
                    {"customer": {"id": customer.id, "descriptiveName": customer.name, "manager": customer.manager}}
                ]
            case "campaign":
                name = f"customers/{customer.id}/campaigns/1"
                campaign = {"resourceName": name, "id": "1", "name": f"{customer.name} search", "status": "ENABLED"}
                return [{"campaign": campaign}]
        raise Refusal("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")

    def _reached(self, request: Request, person: Person) -> Customer:
        """The customer of the path, by the way that `login-customer-id` names. Raises Refusal."""
        known = {one.id: one for one in customers(person, self._statuses)}
        customer = known.get(request.path_params["id"])
        login = request.headers.get("login-customer-id", "") or request.path_params["id"]
        if customer is None or login not in roots(person) or customer.id not in below(login, list(known.values())):
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
        self._check_developer(request.headers.get("developer-token"))
        if ADS not in grant.scopes or not roots(grant.person):
            raise Refusal("NOT_ADS_USER")
        return grant.person

    def _check_developer(self, token: str | None) -> None:
        """Google ignores the header since 2026-09-09; an empty one it was seen to refuse. Raises Refusal."""
        wanted = self._switches["wantsDeveloperToken"]
        if token == "" or (wanted and token is None):
            raise Refusal("DEVELOPER_TOKEN_PARAMETER_MISSING")
        if wanted and token != DEVELOPER_TOKEN:
            raise Refusal("DEVELOPER_TOKEN_INVALID")


def _client(one: Customer, root: Customer, level: int) -> dict[str, Any]:
    """64-bit numbers are text, as everywhere in Google's JSON."""
    row = {
        "resourceName": f"customers/{root.id}/customerClients/{one.id}",
        "id": one.id,
        "descriptiveName": one.name,
        "currencyCode": "USD",
        "timeZone": "Europe/Berlin",
        "manager": one.manager,
        "level": str(level),
        "status": one.status,
        "testAccount": one.quiet,
        "hidden": one.quiet,
    }
    return {key: value for key, value in row.items() if key not in one.missing}


def _selected(row: Mapping[str, Mapping[str, Any]], fields: list[str]) -> dict[str, Any]:
    """Only the fields asked for, and the resource name. Raises Refusal for one that is not there."""
    found: dict[str, Any] = {}
    for field in fields:
        resource, _, name = _camel(field).partition(".")
        if resource not in row:
            raise Refusal("UNRECOGNIZED_FIELD", field)
        into = found.setdefault(
            resource, {key: row[resource][key] for key in ("resourceName",) if key in row[resource]}
        )
        if name in row[resource]:
            into[name] = row[resource][name]
    return found


def _camel(field: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), field)
