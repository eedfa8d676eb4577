"""What a sign-in asks for and what came back, in an owner's words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from symphony_connect.base.model import AdAccount
from symphony_connect.connections.asset_lists import Kept
from symphony_connect.connections.connection import Connection
from symphony_connect.platforms.assets import Asset
from symphony_connect.platforms.base import Platform
from symphony_connect.web.messages import Speaker, platform_words

TICKED_BEFOREHAND = 20
"""With more ad accounts than that (an agency's), nothing is ticked that nobody chose before."""


@dataclass(frozen=True)
class Ask:
    """One thing an owner allows. Several scopes may stand behind it."""

    words: Markup
    missing: bool


@dataclass(frozen=True)
class Offer:
    """One ad account to choose."""

    account: AdAccount
    ticked: bool


@dataclass(frozen=True)
class Group:
    """Ad accounts of one business; `business` is None for those that the platform names none for."""

    business: str | None
    offers: list[Offer]


@dataclass(frozen=True)
class AssetOffer:
    """One asset to choose."""

    asset: Asset
    ticked: bool


@dataclass(frozen=True)
class AssetGroup:
    """Assets of one kind."""

    kind: str
    offers: list[AssetOffer]


def asks(speaker: Speaker, platform: Platform, missing: Collection[str] = ()) -> list[Ask]:
    """All that the platform will ask the owner for; a scope that no words are known for stands by its name."""
    words, found, named = platform_words(platform.name).get("asks", {}), [], set[str]()
    for key, scopes in words.items():
        named |= set(scopes)
        if not platform.scopes or set(scopes) & set(platform.scopes):
            found.append(Ask(speaker.of_platform(platform.name, key), bool(set(scopes) & set(missing))))
    others = [scope for scope in platform.scopes if scope not in named]
    named_by = platform_words(platform.name).get("names", {})
    found += [Ask(speaker("ask.scope", scope=named_by.get(scope, scope)), scope in missing) for scope in others]
    return found or [Ask(speaker("ask.see"), False), Ask(speaker("ask.change"), False)]


def offers(accounts: list[AdAccount], before: Connection | None) -> list[Offer]:
    """The ad accounts to choose from: ticked as last time, at first the active ones."""
    chosen = before.selected if before and before.selected is not None else None
    if chosen is not None and any(account.id in chosen for account in accounts):
        return [Offer(account, account.id in chosen) for account in accounts]
    many = len(accounts) > TICKED_BEFOREHAND
    return [Offer(account, account.status == "active" and not many) for account in accounts]


def grouped(offers: list[Offer]) -> list[Group]:
    """The offers by business, ticked ones first within each; businesses with ticked ones come first, then by name."""
    found: dict[str | None, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.account.business or None, []).append(offer)
    groups = [Group(name, sorted(some, key=lambda offer: not offer.ticked)) for name, some in found.items()]
    return sorted(groups, key=lambda one: (not one.offers[0].ticked, one.business is None, one.business or ""))


def asset_offers(assets: Collection[Asset], before: Kept) -> list[AssetGroup]:
    """What may be chosen beside ad accounts, by kind: ticked as last time; at first all, where they are few."""
    usable = [asset for asset in assets if asset.usable]
    known = {asset.id for asset in before.assets or ()}
    nobody_chose = before.selected is None or not known & {asset.id for asset in usable}
    found: dict[str, list[AssetOffer]] = {}
    for asset in usable:
        ticked = len(usable) <= TICKED_BEFOREHAND if nobody_chose else asset.id in (before.selected or ())
        found.setdefault(asset.kind, []).append(AssetOffer(asset, ticked))
    return [AssetGroup(kind, sorted(some, key=lambda offer: not offer.ticked)) for kind, some in found.items()]


def lost(accounts: list[AdAccount], before: Connection | None) -> list[AdAccount]:
    """What the brand used until now and this sign-in no longer reaches."""
    reached = {account.id for account in accounts}
    return [account for account in (before.used_accounts if before else ()) if account.id not in reached]


def account_status(speaker: Speaker, account: AdAccount, platform: Platform) -> Markup:
    """In words; the platform's rarer ones all mean that no ad runs."""
    known = account.status if account.status in ("active", "disabled", "closed") else "other"
    return speaker(f"account.{known}", platform=platform.login_name)


def short(name: str) -> str:
    """Enough for the owner to recognise, and no more for anybody else with the link: `Sam R.`"""
    first, *rest = name.split()
    return f"{first} {rest[-1][0]}." if rest else first
