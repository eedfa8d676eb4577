"""The ad accounts a token reaches: the person's own list, and those that only their Businesses hold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Grant, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.meta.graph import Graph

COLUMNS = "id,account_id,name,currency,account_status,timezone_name"
AT_ONCE = 4
"""Businesses that are read side by side: with about half a second for each, within the default pace."""
BUDGET = 20.0
"""Seconds for all Businesses of one person. The next time goes on where this one stopped."""
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
    """Every account once, in Meta's order. Without `business_management` the Businesses are left out.

    Raises PartlyListed when some edges could not be read within `BUDGET`, and what `me/adaccounts` raises when
    there is nothing else.
    """
    token = grant.access_token
    may_ask_businesses = grant.scopes is None or "business_management" in grant.scopes
    # Meta refuses the whole call when the field `business` is asked for without its permission.
    columns = f"{COLUMNS},business{{id,name}}" if grant.scopes and may_ask_businesses else COLUMNS
    found: dict[str, AdAccount] = {}
    failed: base.PlatformError | None = None
    try:
        async for row in graph.pages("me/adaccounts", token, columns):
            _add(found, row, None)
    except (base.Unavailable, base.RateLimited) as error:
        failed = error
    place, start = "", fields.text(grant.extra.get(base.LISTED_TO))
    if may_ask_businesses and not isinstance(failed, base.RateLimited):
        done: list[str] = []
        try:
            async with asyncio.timeout(BUDGET):
                failed = await _of_businesses(graph, token, columns, found, start, done) or failed
        except TimeoutError:
            failed = base.Unavailable(f"not all Businesses were read within {BUDGET:g} seconds")
            place = done[-1] if done else start
    if failed and not found:
        raise failed
    if failed:
        raise base.PartlyListed(failed.message, list(found.values()), place) from failed
    return list(found.values())


async def _of_businesses(
    graph: Graph, token: Secret, columns: str, found: dict[str, AdAccount], start: str, done: list[str]
) -> base.PlatformError | None:
    """Add what the Businesses hold, several side by side; returns why some could not be read.

    The one with the id `start` was the last to be read before: those behind it come first. Ids go to `done`.
    """
    places = asyncio.Semaphore(AT_ONCE)
    failures: list[base.PlatformError] = []

    async def read(id: str, name: str | None) -> None:
        async with places:
            for edge in ("owned_ad_accounts", "client_ad_accounts"):
                if any(isinstance(failure, base.RateLimited) for failure in failures):
                    return
                try:
                    for row in await _rows_or_none(graph, f"{id}/{edge}", token, columns):
                        _add(found, row, name)
                except (base.Unavailable, base.RateLimited) as error:
                    failures.append(error)
            done.append(id)

    try:
        businesses = await _rows_or_none(graph, "me/businesses", token, "id,name")
    except (base.Unavailable, base.RateLimited) as error:
        return error
    named = [(fields.text(one.get("id")), fields.text(one.get("name")) or None) for one in businesses]
    known = [(id, name) for id, name in named if id.isdigit()]
    first = next((place + 1 for place, (id, _) in enumerate(known) if id == start), 0)
    async with asyncio.TaskGroup() as tasks:
        for id, name in known[first:] + known[:first]:
            tasks.create_task(read(id, name))
    return failures[0] if failures else None


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
