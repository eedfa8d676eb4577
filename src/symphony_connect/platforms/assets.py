"""What a grant reaches beside ad accounts, such as Pages: which kinds a platform has, and how they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from symphony_connect.base.model import AdAccount, Grant

State = Literal["listed", "partly", "permission_missing"]
"""Of one kind: all of it listed; some could not be listed now; the grant lacks the permission for it."""
Unusable = Literal["not_shared", "not_permitted"]
"""The person did not select it at the platform; the platform refuses calls for it."""


@dataclass(frozen=True)
class Asset:
    """One thing beside ad accounts. It holds no token: what a listing brings of those is dropped at once."""

    id: str
    kind: str
    name: str
    usable: bool = True
    """Whether the platform answered a call for it, or says that it may be used."""
    reason: str | None = None
    """Why it is not usable: one of `Unusable`."""
    business: str | None = None
    """The name of the Business that it is seen through."""
    parent: str | None = None
    """The id of the asset that it belongs to, such as an Instagram account's Page."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """What only this platform has and its calls need, such as the type of an identity."""


@dataclass(frozen=True)
class AssetList:
    """All that a grant reaches, by kind how much of it could be listed."""

    assets: tuple[Asset, ...] = ()
    kinds: Mapping[str, State] = field(default_factory=dict)
    place: str = ""
    """The platform's own word for where it ran out of time; the next listing is given it, and goes on there."""

    @property
    def complete(self) -> bool:
        return "partly" not in self.kinds.values()


class HasAssets:
    """The part of a platform that lists them. By default there are none."""

    asset_kinds: ClassVar[tuple[str, ...]] = ()
    """The kinds there are, such as `page`; empty: nothing is asked and nothing is stored."""

    async def assets(self, grant: Grant, accounts: tuple[AdAccount, ...], place: str = "") -> AssetList:  # noqa: ARG002
        """Every asset that the grant reaches, each probed. `accounts` are the grant's ad accounts.

        Raises PlatformError where nothing could be listed.
        """
        return AssetList()
