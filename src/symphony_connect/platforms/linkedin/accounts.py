"""Lists the ad accounts of a member: who may use which (`adAccountUsers`), and what they are (`adAccounts`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.linkedin.api import Api

PAGE = 100
MOST_PAGES = 200
"""Beyond 20,000 ad accounts the list is given up: a cursor that never ends would be followed for ever."""


async def walk(api: Api, token: Secret) -> list[AdAccount]:
    """Every ad account that the member has a role in. Raises PartlyListed where names could not be had."""
    roles = await _roles(api, token)
    try:
        known = await _details(api, token) if roles else {}
    except base.TokenRefused:
        raise
    except base.PlatformError as error:
        raise base.PartlyListed(error.message, [_account(id, role, {}) for id, role in roles.items()]) from error
    return [_account(id, role, known.get(id, {})) for id, role in roles.items()]


async def _roles(api: Api, token: Secret) -> dict[str, str]:
    """Role by id of the ad account. Paged by `start` and `count`."""
    found: dict[str, str] = {}
    for page in range(MOST_PAGES):
        params = {"q": "authenticatedUser", "start": str(page * PAGE), "count": str(PAGE)}
        rows = fields.rows((await api.get("rest/adAccountUsers", token, params)).get("elements"))
        for row in rows:
            id = fields.text(row.get("account")).rpartition(":")[2]
            if id:
                found[id] = fields.text(row.get("role"))
        if len(rows) < PAGE:
            break
    return found


async def _details(api: Api, token: Secret) -> dict[str, Mapping[str, Any]]:
    """The accounts as objects, by id. Paged by `pageToken`."""
    found: dict[str, Mapping[str, Any]] = {}
    cursor = ""
    for _ in range(MOST_PAGES):
        params = {"q": "search", "pageSize": str(PAGE), **({"pageToken": cursor} if cursor else {})}
        page = await api.get("rest/adAccounts", token, params)
        before = len(found)
        found |= {fields.text(row.get("id")): row for row in fields.rows(page.get("elements"))}
        following = fields.text(fields.mapping(page.get("metadata")).get("nextPageToken"))
        if not following or following == cursor or len(found) == before:
            break
        cursor = following
    return found


OVER = ("CANCELED", "PENDING_DELETION", "REMOVED")
"""Of an ad account that no campaign runs in any more."""


def _account(id: str, role: str, row: Mapping[str, Any]) -> AdAccount:
    status = fields.text(row.get("status"))
    extra = {"role": role, "type": fields.text(row.get("type"))}
    return AdAccount(
        id,
        fields.text(row.get("name")) or id,
        "disabled" if status in OVER else status.lower(),
        currency=fields.text(row.get("currency")),
        extra={key: value for key, value in extra.items() if value},
    )
