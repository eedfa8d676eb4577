"""What a connection reaches beside ad accounts: listed at its platform, stored, and chosen from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import msgspec

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.base.model import AdAccount, Grant
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection, words
from symphony_connect.connections.events import record
from symphony_connect.connections.listing import MOST_NAMED
from symphony_connect.core import Core
from symphony_connect.platforms.assets import Asset, AssetList, State
from symphony_connect.platforms.base import Platform, PlatformError
from symphony_connect.store.db import Transaction

EVERY = DAY - HOUR
"""Milliseconds after which a check lists them again. Some platforms are checked more often than once a day."""
_LISTED = msgspec.json.Decoder(tuple[Asset, ...])


@dataclass(frozen=True)
class Kept:
    """As stored."""

    assets: tuple[Asset, ...] | None = None
    """None: not listed yet, which is another thing than none."""
    kinds: Mapping[str, State] = field(default_factory=dict)
    place: str = ""
    listed_at: int | None = None
    selected: tuple[str, ...] | None = None
    """The ids that somebody chose; None: all that are usable."""

    def uses(self, asset: Asset) -> bool:
        """Whether the brand uses it."""
        return asset.usable if self.selected is None else asset.id in self.selected

    def due(self, now: int) -> bool:
        """Whether a check lists them again."""
        return self.listed_at is None or self.listed_at + EVERY <= now


async def kept(tx: Transaction, connection_id: str) -> Kept:
    row = await tx.one(sql.assets, connection_id=connection_id)
    if row is None:
        return Kept()
    selected = words(row["selected"])
    if row["listed"] is None:
        return Kept(selected=selected)
    stored = msgspec.json.decode(row["listed"], type=dict[str, msgspec.Raw])
    kinds = msgspec.json.decode(stored["kinds"], type=dict[str, State])
    return Kept(_LISTED.decode(stored["assets"]), kinds, row["place"], row["listed_at"], selected)


async def kept_by(core: Core, connection_id: str) -> Kept:
    """The same, in a transaction of its own."""
    async with core.store.reading() as tx:
        return await kept(tx, connection_id)


async def list_assets(
    platform: Platform, grant: Grant, accounts: tuple[AdAccount, ...] | None, before: Kept | None = None
) -> AssetList | None:
    """All that could be listed, with those known `before` where something was in the way; None when not known.

    A listing that is refused says nothing about the token.
    """
    if not platform.asset_kinds:
        return None
    before = before or Kept()
    try:
        listed = await platform.assets(grant, accounts or (), before.place)
    except PlatformError:
        return None
    if listed.complete:
        return listed
    partly = {kind for kind, state in listed.kinds.items() if state == "partly"}
    known = {asset.id: asset for asset in before.assets or () if asset.kind in partly}
    return replace(listed, assets=tuple((known | {asset.id: asset for asset in listed.assets}).values()))


async def put(tx: Transaction, core: Core, connection: Connection, listed: AssetList, actor: str) -> None:
    """Store the list, with the event `assets.changed` where it is another one than before."""
    before = await kept(tx, connection.id)
    text = json.dumps({"kinds": dict(listed.kinds), "assets": [asdict(asset) for asset in listed.assets]})
    await tx.run(sql.assets_listed, connection_id=connection.id, listed=text, place=listed.place, at=core.clock())
    if before.assets is not None and (changes := _changes(before.assets, listed.assets)):
        await record(tx, core, connection, "assets.changed", actor, **changes)


async def choose(
    tx: Transaction, core: Core, connection: Connection, chosen: tuple[str, ...] | None, actor: str
) -> None:
    """Say which the brand uses, by id; None: all that are usable."""
    selected = None if chosen is None else json.dumps(chosen)
    await tx.run(sql.assets_selected, connection_id=connection.id, selected=selected)
    await record(tx, core, connection, "assets.selected", actor, selected=chosen)


async def make_due(tx: Transaction, connection_id: str) -> None:
    """The next check lists them, however fresh they are."""
    await tx.run(sql.assets_due, connection_id=connection_id)


async def forget(tx: Transaction, connection_id: str) -> None:
    await tx.run(sql.assets_forget, connection_id=connection_id)


def _changes(before: tuple[Asset, ...], after: tuple[Asset, ...]) -> dict[str, list[str]]:
    """Ids of assets that came, went, or became usable or unusable; empty where none did."""
    was, now = ({each.id: each.usable for each in assets} for assets in (before, after))
    changes = {
        "added": [id for id in now if id not in was],
        "removed": [id for id in was if id not in now],
        "changed": [id for id in now if id in was and was[id] != now[id]],
    }
    return {what: ids[:MOST_NAMED] for what, ids in changes.items()} if any(changes.values()) else {}
