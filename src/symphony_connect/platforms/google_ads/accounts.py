"""Lists the ad accounts below everything that a person reaches, each with the manager to ask as."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import AdAccount, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.google_ads import errors
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

    An account below several roots keeps the shortest way: direct, else the fewest levels, else the first root.
    Raises PartlyListed where some trees could not be read now.
    """
    roots = await api.customers(token)
    limit, troubles, closed = asyncio.Semaphore(AT_ONCE), list[base.PlatformError](), list[base.Misconfigured]()

    async def tree(root: str) -> list[tuple[int, AdAccount]]:
        async with limit:
            try:
                return _accounts(root, await api.search(token, root, QUERY))
            except base.PermissionRefused as error:
                # One customer that is closed, or that the person may not use: the others go on.
                return [(0, AdAccount(root, root, "disabled"))] if error.code == "CUSTOMER_NOT_ENABLED" else []
            except base.Misconfigured as error:
                # Test accounts are open to every app: this root may be the only one that is none.
                if error.code not in errors.TEST_ACCOUNTS_ONLY:
                    raise
                closed.append(error)
                return []
            except base.TokenRefused:
                raise
            except base.PlatformError as error:
                troubles.append(error)
                return []

    found: dict[str, tuple[int, AdAccount]] = {}
    for accounts in await asyncio.gather(*(tree(root) for root in roots)):
        for level, account in accounts:
            if account.id not in found or level < found[account.id][0]:
                found[account.id] = (level, account)
    listed = [account for _, account in found.values()]
    if troubles:
        raise base.PartlyListed(troubles[0].message, listed)
    if closed and not listed:
        raise closed[0]
    return listed


def _accounts(root: str, rows: list[Mapping[str, Any]]) -> list[tuple[int, AdAccount]]:
    """Each with its level below the root."""
    clients = [fields.mapping(row.get("customerClient")) for row in rows]
    manager = next((_name(one) for one in clients if one.get("manager") is True and _id(one) == root), "")
    leaves = [one for one in clients if one.get("manager") is not True and _id(one)]
    return [(fields.whole(one.get("level")) or 0, _account(root, manager, one)) for one in leaves]


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
        currency=fields.text(client.get("currencyCode")) or None,
        timezone=fields.text(client.get("timeZone")) or None,
        business=manager,
        extra={ROOT: root, **test, **hidden},
    )


def _id(client: Mapping[str, Any]) -> str:
    return fields.text(client.get("id"))


def _name(client: Mapping[str, Any]) -> str:
    return fields.text(client.get("descriptiveName")) or _id(client)
