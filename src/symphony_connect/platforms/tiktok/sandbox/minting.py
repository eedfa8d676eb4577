"""Tokens for tests, without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from symphony_connect.base.clock import SECOND, rfc3339
from symphony_connect.platforms.tiktok.sandbox.grants import Approval, Grants, Kind
from symphony_connect.platforms.tiktok.sandbox.members import APPS, PERMISSIONS, USUAL_PARTIAL, Member


class Wishes(Struct, forbid_unknown_fields=True, rename="camel"):
    """All optional: the long-term app, every ad account, the person's usual scopes, the app's usual lifetime."""

    app: str = "7000000000000000001"
    ad_accounts: list[str] | UnsetType = UNSET
    scopes: list[int] | UnsetType = UNSET
    expires_in: Annotated[int, Meta(ge=-(10**9), le=10**9)] | None = None
    """Seconds; 0 means never, less than 0 that it has ended already."""


def mint(grants: Grants, member: Member, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError for an unknown wish, or an unknown app, ad account or scope."""
    wish = msgspec.convert(dict(wishes), Wishes)
    accounts = list(member.advertisers) if wish.ad_accounts is UNSET else wish.ad_accounts
    usual = list(USUAL_PARTIAL if member.person.partial else PERMISSIONS)
    scopes = usual if wish.scopes is UNSET else wish.scopes
    _check("app", [wish.app], APPS)
    _check("adAccounts", accounts, member.advertisers)
    _check("scopes", scopes, PERMISSIONS)
    approval = grants.approve(Approval(APPS[wish.app], member, Kind.MARKETING, accounts, scopes))
    issued = grants.issue(approval, None if wish.expires_in is None else wish.expires_in * SECOND)
    if wish.expires_in == 0:
        issued.access.expires_at = None
    return {
        "accessToken": issued.access.value,
        "refreshToken": issued.refresh.value if issued.refresh else None,
        "expiresAt": rfc3339(issued.access.expires_at),
        "app": wish.app,
        "adAccounts": accounts,
        "scopes": scopes,
    }


def _check(name: str, given: list[Any], known: Mapping[Any, Any]) -> None:
    for each in given:
        if each not in known:
            raise ValueError(f"`{name}` knows {', '.join(map(str, known))}; not {each!r}.")
