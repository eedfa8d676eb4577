"""The shared types, as plain values. Nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Secret:
    """A string that is masked when printed; `reveal()` returns it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Status(StrEnum):
    """Whether a connection's token can be used now."""

    CONNECTED = "connected"
    EXPIRING = "expiring"
    NEEDS_RECONNECT = "needs_reconnect"
    UNVERIFIED = "unverified"
    DISCONNECTED = "disconnected"


class Reason(StrEnum):
    """Why a connection is in its status."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    APP_REMOVED = "app_removed"
    LOGGED_OUT = "logged_out"
    CHECKPOINT = "checkpoint"
    DATA_ACCESS_EXPIRED = "data_access_expired"
    PERMISSIONS_MISSING = "permissions_missing"
    OUTCOME_UNKNOWN = "outcome_unknown"
    PLATFORM_UNREACHABLE = "platform_unreachable"
    PLATFORM_MISCONFIGURED = "platform_misconfigured"
    TOKEN_ENDS_SOON = "token_ends_soon"  # noqa: S105 - a reason, not a token
    DATA_ACCESS_ENDS_SOON = "data_access_ends_soon"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a token
    RESTORED = "restored"
    BY_REQUEST = "by_request"


LEGAL_CHANGES: Mapping[Status, frozenset[Status]] = {
    Status.CONNECTED: frozenset({Status.EXPIRING, Status.NEEDS_RECONNECT, Status.UNVERIFIED}),
    Status.EXPIRING: frozenset({Status.CONNECTED, Status.NEEDS_RECONNECT, Status.UNVERIFIED}),
    Status.NEEDS_RECONNECT: frozenset({Status.CONNECTED, Status.EXPIRING, Status.UNVERIFIED}),
    Status.UNVERIFIED: frozenset({Status.CONNECTED, Status.EXPIRING, Status.NEEDS_RECONNECT}),
    Status.DISCONNECTED: frozenset(),
}
"""Which status may follow which. `disconnected` may follow any status, and nothing follows it."""


def may_change(before: Status, after: Status) -> bool:
    if before is Status.DISCONNECTED:
        return False
    return after in (before, Status.DISCONNECTED) or after in LEGAL_CHANGES[before]


@dataclass(frozen=True)
class Identity:
    """The person or system user behind a token, as the platform names them."""

    id: str
    name: str


@dataclass(frozen=True)
class Grant:
    """What a platform issued. Times are milliseconds since the epoch; `None` means no known end.

    `scopes` is `None` when the platform has not said. `extra` holds what only the platform's own
    code understands; it is sealed with the rest.
    """

    access_token: Secret
    refresh_token: Secret | None = None
    expires_at: int | None = None
    refresh_expires_at: int | None = None
    data_access_expires_at: int | None = None
    scopes: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    holder: str | None = field(default=None, compare=False)
    """Id of the identity behind it, where the platform's last answer said so. Not stored with the grant."""


@dataclass(frozen=True)
class Inspection:
    """What a platform says of a token it accepts."""

    identity: Identity
    grant: Grant
    """The grant, with its times and scopes as the platform says."""
    missing_scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AdAccount:
    """An ad account (TikTok: advertiser). `status` is `active`, `disabled` or the platform's own word."""

    id: str
    name: str
    status: str
    currency: str | None = None
    timezone: str | None = None
    business: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """What only this platform has, such as the id of the manager it is reached through, or its region."""
