"""What the service answers, as values. Fields that a later version adds are passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Model = TypeVar("Model", bound="Answered")
Found = Mapping[str, Any]
TIMES = ("status_since", "timestamp", "other_until")
"""Fields that are times beside those whose names end in `_at`."""


@dataclass(frozen=True)
class Answered:
    """Made from a JSON object: `adPlatform` is `ad_platform`, and what ends in `_at` is a time, as are TIMES."""

    @classmethod
    def of(cls: type[Model], found: Found, **parts: Any) -> Model:
        values = {}
        for each in fields(cls):
            name = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), each.name)
            if each.name in parts:
                values[each.name] = parts[each.name]
            elif name in found:
                values[each.name] = _plain(each.name, found[name])
        return cls(**values)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str) and (name.endswith("_at") or name in TIMES):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Identity(Answered):
    id: str
    name: str


@dataclass(frozen=True)
class AdAccount(Answered):
    id: str
    name: str
    status: str
    currency: str | None = None
    timezone: str | None = None
    business: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """What calls for this ad account carry beside the token."""
    selected: bool | None = None
    """Whether the brand uses it; None where the call does not say."""


@dataclass(frozen=True)
class Asset(Answered):
    """What a connection reaches beside ad accounts: a Page, an Instagram account, an identity, a Business Center."""

    id: str
    kind: str
    name: str
    usable: bool
    reason: str | None = None
    """Why it is not usable: `not_shared` or `not_permitted`."""
    business: str | None = None
    parent: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    selected: bool = False


@dataclass(frozen=True)
class Token(Answered):
    """Read it each time you need it, and keep it nowhere: it is fresh, and it is not shown when printed."""

    access_token: str = field(repr=False)
    token_type: str
    expires_at: datetime | None
    """None: no known end."""
    scopes: tuple[str, ...] | None
    ad_accounts: tuple[AdAccount, ...] | None
    """None before the platform has listed them."""

    @classmethod
    def read(cls, found: Found) -> Token:
        return cls.of(found, ad_accounts=None if found["adAccounts"] is None else _accounts(found["adAccounts"]))


def _accounts(found: Any) -> tuple[AdAccount, ...]:
    return tuple(AdAccount.of(each) for each in found)


@dataclass(frozen=True)
class Connection(Answered):
    ad_platform: str
    status: str
    """`connected`, `expiring`, `needs_reconnect` or `unverified`."""
    reason: str | None
    status_since: datetime
    identity: Identity | None
    scopes: tuple[str, ...] | None
    missing_scopes: tuple[str, ...]
    ad_accounts: int | None
    selected_ad_accounts: int | None
    expires_at: datetime | None
    data_access_expires_at: datetime | None
    connected_at: datetime | None = None
    verified_at: datetime | None = None
    renewed_at: datetime | None = None

    @classmethod
    def read(cls, found: Found) -> Connection:
        return cls.of(found, identity=Identity.of(found["identity"]) if found["identity"] else None)


@dataclass(frozen=True)
class Brand(Answered):
    id: int
    name: str | None
    connections: tuple[Connection, ...]

    @classmethod
    def read(cls, found: Found) -> Brand:
        return cls.of(found, connections=tuple(map(Connection.read, found["connections"])))


@dataclass(frozen=True)
class Change(Answered):
    """What asking the platform came to."""

    changed: bool
    message: str
    connection: Connection

    @classmethod
    def read(cls, found: Found) -> Change:
        return cls.of(found, connection=Connection.read(found["connection"]))


@dataclass(frozen=True)
class Report(Answered):
    """What the platform says of a token that was reported as refused."""

    found: str
    """`good`: look at the call itself. `renewed`: read the new token. `needs_reconnect`: only the owner can help."""
    reconnect_url: str | None
    changed: bool
    message: str
    connection: Connection

    @classmethod
    def read(cls, found: Found) -> Report:
        return cls.of(found, connection=Connection.read(found["connection"]))


@dataclass(frozen=True)
class Receipt(Answered):
    """What became of a connection that was ended: `upstream` is what the platform did."""

    id: str
    ad_platform: str
    here: str
    upstream: str
    at: datetime | None = None

    @classmethod
    def read(cls, found: Found) -> Receipt:
        return cls.of(found, at=datetime.fromisoformat(found["at"]))


@dataclass(frozen=True)
class ConnectSession(Answered):
    id: str
    token: str = field(repr=False)
    """For `SymphonyConnect.connect` in a page."""
    url: str = field(repr=False)
    """To send to the brand's owner."""
    expires_at: datetime


@dataclass(frozen=True)
class Platform(Answered):
    ad_platform: str
    display_name: str
    token_type: str
    notes: str
    configured: bool


@dataclass(frozen=True)
class Key(Answered):
    id: str
    kind: str
    hint: str
    name: str
    scopes: tuple[str, ...]
    brands: tuple[int, ...] | None
    platforms: tuple[str, ...] | None
    ad_accounts: tuple[str, ...] | None
    read_only: bool
    origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class NewKey(Answered):
    id: str
    key: str = field(repr=False)
    """Shown only now."""
    kind: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Event(Answered):
    """Something that happened to a connection, or to all of a platform; webhooks deliver the same."""

    id: str
    type: str
    timestamp: datetime
    brand_id: int | None
    ad_platform: str
    connection_id: str | None
    actor: str
    data: Mapping[str, Any]
    """What belongs to the type, as it came."""


@dataclass(frozen=True)
class Webhook(Answered):
    """An endpoint."""

    id: str
    url: str
    types: tuple[str, ...] | None
    """None: all that are delivered."""
    description: str
    enabled: bool
    disabled_why: str | None
    created_at: datetime


@dataclass(frozen=True)
class NewWebhook(Webhook):
    secret: str = field(repr=False)
    """Verifies what is delivered. Shown only now."""


@dataclass(frozen=True)
class NewSecret(Answered):
    secret: str = field(repr=False)
    """Shown only now."""
    other_until: datetime
    """Until then the secret before it signs too."""


@dataclass(frozen=True)
class Delivery(Answered):
    """One event for one endpoint; `id` is the event's, sent as `webhook-id`."""

    id: str
    type: str
    status: str
    """`pending`, `delivered`, or `failed`: given up."""
    attempts: int
    timestamp: datetime
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    answer: int | None
    """The HTTP status of the last attempt; None where no answer came."""
    error: str | None


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: tuple[Item, ...]
    next_cursor: str | None
