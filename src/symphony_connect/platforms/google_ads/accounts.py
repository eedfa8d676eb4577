"""Lists the ad accounts below everything that a person reaches, each with the manager to ask as."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.google_ads.api import Api

AT_ONCE = 4
"""Trees that are asked for at the same time."""
QUERY = (
    "SELECT customer_client.id, customer_client.descriptive_name, customer_client.currency_code, "
    "customer_client.time_zone, customer_client.manager, customer_client.level, customer_client.status, "
    "customer_client.test_account, customer_client.hidden FROM customer_client"
)
ROOT = "loginCustomerId"
"""In `AdAccount.extra`: the account to ask as, which the header `login-customer-id` names."""


async def walk(api: Api, token: Secret) -> list[AdAccount]:
    """Every ad account, once. Managers are not ad accounts; they name the group that the account is in.

    An account under two managers keeps the way that is shortest: direct, else the first root. Raises PartlyListed
    where some trees could not be read now.
    """
    roots = await api.customers(token)
    limit, troubles = asyncio.Semaphore(AT_ONCE), list[base.PlatformError]()

    async def tree(root: str) -> list[AdAccount]:
        async with limit:
            try:
                return _accounts(root, await api.search(token, root, QUERY))
            except base.PermissionRefused as error:
                # One customer that is closed, or that the person may not use: the others go on.
                return [AdAccount(root, root, "disabled")] if error.code == "CUSTOMER_NOT_ENABLED" else []
            except (base.TokenRefused, base.Misconfigured):
                raise
            except base.PlatformError as error:
                troubles.append(error)
                return []

    found: dict[str, AdAccount] = {}
    for accounts in await asyncio.gather(*(tree(root) for root in roots)):
        for account in accounts:
            if account.id not in found or account.extra.get(ROOT) == account.id:
                found[account.id] = account
    if troubles:
        raise base.PartlyListed(troubles[0].message, list(found.values()))
    return list(found.values())


def _accounts(root: str, rows: list[Mapping[str, Any]]) -> list[AdAccount]:
    clients = [fields.mapping(row.get("customerClient")) for row in rows]
    manager = next((_name(one) for one in clients if one.get("manager") is True and _id(one) == root), "")
    return [_account(root, manager, one) for one in clients if one.get("manager") is not True and _id(one)]


def _account(root: str, manager: str, client: Mapping[str, Any]) -> AdAccount:
    status = fields.text(client.get("status"))
    test = {"test": "true"} if client.get("testAccount") is True else {}
    hidden = {"hidden": "true"} if client.get("hidden") is True else {}
    return AdAccount(
        _id(client),
        _name(client),
        "active"
        if status == "ENABLED"
        else "disabled"
        if status in ("CANCELED", "SUSPENDED", "CLOSED")
        else status.lower(),
        currency=fields.text(client.get("currencyCode")),
        business=manager,
        extra={ROOT: root, **test, **hidden},
    )


def _id(client: Mapping[str, Any]) -> str:
    return fields.text(client.get("id"))


def _name(client: Mapping[str, Any]) -> str:
    return fields.text(client.get("descriptiveName")) or _id(client)
