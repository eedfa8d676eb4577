"""The core's values as the wire shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from symphony_connect.base.clock import rfc3339
from symphony_connect.base.model import AdAccount, Status
from symphony_connect.connections.brand import Brand
from symphony_connect.connections.changes import Change
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.disconnect import Receipt
from symphony_connect.platforms.base import Platform
from symphony_connect.web.api.schemas import (
    BrandOut,
    ChangeOut,
    ConnectionOut,
    IdentityOut,
    ListedAdAccount,
    ReceiptOut,
)

MASKED = "••••••••"


def connection_out(connection: Connection) -> ConnectionOut:
    served = connection.status in (Status.CONNECTED, Status.EXPIRING)
    return ConnectionOut(
        ad_platform=connection.platform,
        status=connection.status,
        reason=connection.reason,
        status_since=time(connection.status_at),
        identity=IdentityOut(**asdict(connection.identity)) if connection.identity else None,
        scopes=None if connection.scopes is None else list(connection.scopes),
        missing_scopes=list(connection.missing_scopes),
        ad_accounts=connection.ad_account_count,
        selected_ad_accounts=connection.used_count,
        access_token=MASKED if served else "",
        expires_at=rfc3339(connection.expires_at),
        data_access_expires_at=rfc3339(connection.data_access_expires_at),
        connected_at=time(connection.created_at),
        verified_at=rfc3339(connection.verified_at),
        renewed_at=rfc3339(connection.renewed_at),
    )


def time(milliseconds: int) -> str:
    text = rfc3339(milliseconds)
    assert text is not None
    return text


def brand_out(brand: Brand) -> BrandOut:
    return BrandOut(id=brand.id, name=brand.name, connections=[connection_out(each) for each in brand.connections])


def change_out(change: Change) -> ChangeOut:
    found = change.differences
    message = "; ".join(found) or "Nothing changed"
    return ChangeOut(
        changed=bool(found), message=message[0].upper() + message[1:], connection=connection_out(change.after)
    )


def account_out(platform: Platform, account: AdAccount) -> dict[str, Any]:
    """As `AdAccountOut` has it: without a model, for there may be thousands in one answer."""
    return {**vars(account), "headers": dict(platform.account_headers(account))}


def listed_accounts(platform: Platform, connection: Connection, accounts: Iterable[AdAccount]) -> list[ListedAdAccount]:
    chosen = None if connection.selected is None else frozenset(connection.selected)
    return [
        ListedAdAccount(**account_out(platform, account), selected=chosen is None or account.id in chosen)
        for account in accounts
    ]


def receipt_out(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut.model_validate(
        {
            "id": receipt.id,
            "ad_platform": receipt.connection.platform,
            "here": "destroyed",
            "upstream": receipt.upstream,
            "platform": receipt.platform,
            "at": time(receipt.at),
        }
    )
