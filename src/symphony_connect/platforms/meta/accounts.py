"""The ad accounts a token reaches: the person's own list, and those that only their Businesses hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Grant, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.meta.graph import Graph

COLUMNS = "id,account_id,name,currency,account_status,timezone_name"
STATUS = {
    1: "active",
    2: "disabled",
    3: "unsettled",
    7: "pending_risk_review",
    8: "pending_settlement",
    9: "in_grace_period",
    100: "pending_closure",
    101: "closed",
    201: "active",
    202: "closed",
}
"""`account_status` (Meta, Marketing API reference, Ad Account)."""


async def walk(graph: Graph, grant: Grant) -> list[AdAccount]:
    """Every account once, in Meta's order. Without `business_management` the Businesses are left out."""
    token = grant.access_token
    may_ask_businesses = grant.scopes is None or "business_management" in grant.scopes
    # Meta refuses the whole call when the field `business` is asked for without its permission.
    columns = f"{COLUMNS},business{{id,name}}" if grant.scopes and may_ask_businesses else COLUMNS
    found: dict[str, AdAccount] = {}
    async for row in graph.pages("me/adaccounts", token, columns):
        _add(found, row, None)
    if may_ask_businesses:
        for business in await _rows_or_none(graph, "me/businesses", token, "id,name"):
            business_id, name = fields.text(business.get("id")), fields.text(business.get("name")) or None
            for edge in ("owned_ad_accounts", "client_ad_accounts") if business_id.isdigit() else ():
                for row in await _rows_or_none(graph, f"{business_id}/{edge}", token, columns):
                    _add(found, row, name)
    return list(found.values())


async def _rows_or_none(graph: Graph, path: str, token: Secret, columns: str) -> list[Mapping[str, Any]]:
    """An edge that the person may not be allowed to see: then it has no rows for us."""
    try:
        return [row async for row in graph.pages(path, token, columns)]
    except (base.PermissionRefused, base.Rejected):
        return []


def _add(found: dict[str, AdAccount], row: Mapping[str, Any], business: str | None) -> None:
    account_id = fields.text(row.get("id")) or f"act_{fields.text(row.get('account_id'))}"
    if account_id == "act_" or account_id in found:
        return
    owner = fields.text(fields.mapping(row.get("business")).get("name"))
    found[account_id] = AdAccount(
        id=account_id,
        name=fields.text(row.get("name")) or account_id,
        status=STATUS.get(fields.whole(row.get("account_status")) or 0, "unknown"),
        currency=fields.text(row.get("currency")) or None,
        timezone=fields.text(row.get("timezone_name")) or None,
        business=owner or business,
    )
