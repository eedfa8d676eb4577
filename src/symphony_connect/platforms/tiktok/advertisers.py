"""The advertisers a token reaches (TikTok API for Business, "Get authorized ad accounts", "Get ad account details")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.tiktok.api import Api

AT_ONCE = 100
MOST_REFUSED = 30
"""Refused calls for details after which the rest go without; two refused advertisers of 100 cost about 14."""
COLUMNS = ("advertiser_id", "name", "company", "status", "currency", "timezone", "display_timezone")
STATUS = {"STATUS_ENABLE": "active", "STATUS_DISABLE": "disabled"}


async def walk(api: Api, token: Secret) -> list[AdAccount]:
    """Every advertiser once, in TikTok's order; by id and name alone where the details may not be read."""
    data = await api.get("oauth2/advertiser/get", token, **api.credentials)
    if not isinstance(data.get("list"), list):
        raise base.Unavailable("TikTok's advertiser/get answered without a list")
    listed = {fields.text(row.get("advertiser_id")): row for row in fields.rows(data["list"])}
    listed.pop("", None)
    ids, details = list(listed), dict[str, Mapping[str, Any]]()
    batches = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    refused = 0
    while batches and refused < MOST_REFUSED:
        batch = batches.pop(0)
        try:
            details |= await _details(api, token, batch)
        except (base.PermissionRefused, base.Rejected):
            # All or nothing: one advertiser that is deleted, or another's, refuses its whole batch.
            refused, half = refused + 1, len(batch) // 2
            batches += [batch[:half], batch[half:]] if half else []
    return [_account(key, row, details.get(key, {})) for key, row in listed.items()]


async def _details(api: Api, token: Secret, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    """Rows of `/advertiser/info/` by id. Lists travel as JSON inside the query."""
    data = await api.get("advertiser/info", token, advertiser_ids=_json(ids), fields=_json(COLUMNS))
    return {fields.text(row.get("advertiser_id")): row for row in fields.rows(data.get("list"))}


def _account(advertiser_id: str, row: Mapping[str, Any], detail: Mapping[str, Any]) -> AdAccount:
    status = fields.text(detail.get("status"))
    return AdAccount(
        id=advertiser_id,
        name=fields.text(detail.get("name")) or fields.text(row.get("advertiser_name")) or advertiser_id,
        status=STATUS.get(status) or status.removeprefix("STATUS_").lower() or "unknown",
        currency=fields.text(detail.get("currency")) or None,
        timezone=fields.text(detail.get("display_timezone")) or fields.text(detail.get("timezone")) or None,
        business=fields.text(detail.get("company")) or None,
    )


def _json(value: list[str] | tuple[str, ...]) -> str:
    return json.dumps(value, separators=(",", ":"))
