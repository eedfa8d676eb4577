"""The core's values as the wire shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import msgspec

from symphony_connect.base.clock import rfc3339
from symphony_connect.base.model import AdAccount, Status
from symphony_connect.connections.brand import Brand
from symphony_connect.connections.changes import Change
from symphony_connect.connections.connection import AccountLists, Connection
from symphony_connect.connections.disconnect import Receipt
from symphony_connect.connections.read_token import Shown
from symphony_connect.core import Core
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
LONG_LIST = 50_000
"""Letters of stored ad accounts from which a token's answer is made in a thread: no other request waits for it."""


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


async def token_body(core: Core, token: Shown) -> bytes:
    """As `TokenOut` has it: without models, for there may be thousands of ad accounts, and thousands of reads."""
    if len(token.ad_accounts_json or "") > LONG_LIST:
        return await asyncio.to_thread(_token_body, core, token)
    return _token_body(core, token)


def _token_body(core: Core, token: Shown) -> bytes:
    at = core.platform(token.platform)
    data = {
        "accessToken": token.access_token.reveal(),
        "tokenType": at.token_type,
        "expiresAt": rfc3339(token.expires_at),
        "scopes": token.scopes,
        # null: not known yet, which is another thing than none.
        "adAccounts": None if token.ad_accounts_json is None else _accounts(at, token.ad_accounts_json, token.selected),
    }
    return msgspec.json.encode({"success": True, "data": data})


@dataclass(frozen=True)
class ShownAccount(AdAccount):
    """As `AdAccountOut` has it."""

    headers: Mapping[str, str] = field(default_factory=dict)


_SHOWN = AccountLists(ShownAccount)


def _accounts(platform: Platform, stored: str, selected: Collection[str] | None) -> list[ShownAccount]:
    """Those that the brand uses, from the JSON that is stored."""
    chosen = None if selected is None else frozenset(selected)
    accounts = [each for each in _SHOWN.read(stored) if chosen is None or each.id in chosen]
    return [replace(each, headers=of) if (of := platform.account_headers(each)) else each for each in accounts]


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
