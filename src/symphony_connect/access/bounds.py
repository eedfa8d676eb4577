"""What an API key is narrowed to: brands, platforms, ad accounts, reading only. A bound never widens.

What is out of bounds answers as if it were not there. Bounds are stored with the key, so every replica obeys them
from the first call on.
"""

from __future__ import annotations

from collections.abc import Collection, Set

import msgspec

from symphony_connect.access.api_keys import SCOPES, Scope
from symphony_connect.base.errors import Problem

MOST = 1_000
"""Brands, or ad accounts, that one key may name."""
OF_AN_ACCOUNT: tuple[Scope, ...] = ("brands:read", "proxy:use", "events:read", "keys:write")
"""Scopes of a key that is bounded to ad accounts, or to reading. Every other one reaches the whole connection, or
changes something."""


class Bounds(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """None: not bounded in this respect."""

    brands: frozenset[int] | None = None
    platforms: frozenset[str] | None = None
    ad_accounts: frozenset[str] | None = None
    read_only: bool = False

    @property
    def any(self) -> bool:
        return self != NONE

    def has_brand(self, brand_id: int) -> bool:
        return self.brands is None or brand_id in self.brands

    def has_platform(self, platform: str) -> bool:
        return self.platforms is None or platform in self.platforms

    def has_account(self, account_id: str) -> bool:
        return self.ad_accounts is None or account_id in self.ad_accounts

    def within(self, other: Bounds) -> bool:
        """Whether nothing is in these bounds that is not in the others too."""
        return (
            _narrower(self.brands, other.brands)
            and _narrower(self.platforms, other.platforms)
            and _narrower(self.ad_accounts, other.ad_accounts)
            and (self.read_only or not other.read_only)
        )

    def dumped(self) -> str:
        """As it is stored with a key: only what is bounded."""
        return msgspec.json.encode(self, order="deterministic").decode()


NONE = Bounds()


def loaded(text: str) -> Bounds:
    """From what is stored with a key."""
    return NONE if text == "{}" else msgspec.json.decode(text, type=Bounds)


def _narrower(these: Set[object] | None, others: Set[object] | None) -> bool:
    return others is None or (these is not None and these <= others)


def inherited(bounds: Bounds, maker: Bounds) -> Bounds:
    """What is not bounded takes the maker's own bound."""
    return Bounds(
        brands=maker.brands if bounds.brands is None else bounds.brands,
        platforms=maker.platforms if bounds.platforms is None else bounds.platforms,
        ad_accounts=maker.ad_accounts if bounds.ad_accounts is None else bounds.ad_accounts,
        read_only=bounds.read_only or maker.read_only,
    )


def beyond(bounds: Bounds, maker: Bounds) -> str:
    """What the maker's bounds do not hold, in words."""
    pairs = (
        ("brand", bounds.brands, maker.brands),
        ("platform", bounds.platforms, maker.platforms),
        ("ad account", bounds.ad_accounts, maker.ad_accounts),
    )
    lacking = [
        f"{word} {str(value)[:60]}"
        for word, these, others in pairs
        if these is not None and others is not None
        for value in sorted(these - others)
    ]
    return ", ".join(lacking[:5])


def check_known(bounds: Bounds, platforms: Collection[str]) -> None:
    """Raises Problem `invalid_request` for a list that is empty, too long, or names a platform that is not there."""
    lists = {"brands": bounds.brands, "platforms": bounds.platforms, "adAccounts": bounds.ad_accounts}
    for field, values in lists.items():
        if values is not None and not 1 <= len(values) <= MOST:
            raise Problem(
                "invalid_request", f"{field} names 1 to {MOST}; leave it out for a key without this bound.", field=field
            )
    for name in sorted((bounds.platforms or frozenset()) - set(platforms)):
        known = ", ".join(sorted(platforms))
        raise Problem("invalid_request", f"There is no platform {name[:60]!r}; known are: {known}.", field="platforms")


def grantable(bounds: Bounds) -> tuple[Scope, ...]:
    """The scopes that a key with these bounds may have."""
    allowed = SCOPES if bounds.ad_accounts is None and not bounds.read_only else OF_AN_ACCOUNT
    return tuple(scope for scope in allowed if scope != "webhooks:write" or not bounds.any)


def check_scopes(bounds: Bounds, scopes: tuple[str, ...]) -> None:
    """Raises Problem `invalid_request` for a scope that would reach beyond the bounds."""
    allowed = grantable(bounds)
    for scope in scopes:
        if scope not in allowed:
            why = _why(scope, bounds)
            raise Problem("invalid_request", f"{scope} does not go with these bounds: {why}", field="scopes")


def _why(scope: str, bounds: Bounds) -> str:
    match scope:
        case "tokens:read":
            return "a platform's token is good for every ad account and for changes. Use proxy:use instead."
        case "webhooks:write":
            return "a webhook endpoint hears of every brand in the workspace."
        case _ if bounds.ad_accounts is None:
            return "it changes something, and the key is to read only."
        case _:
            return "it would change the whole connection, not only these ad accounts."
