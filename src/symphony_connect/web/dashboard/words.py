"""Statuses, reasons and actors in the words of people."""

from __future__ import annotations

from symphony_connect.base.model import Reason, Status
from symphony_connect.platforms.base import Platform
from symphony_connect.store.db import Row

LABELS = {
    Status.NEEDS_RECONNECT: "Needs reconnect",
    Status.EXPIRING: "Expiring",
    Status.UNVERIFIED: "Unverified",
    Status.CONNECTED: "Connected",
    Status.DISCONNECTED: "Disconnected",
}
"""In the order of urgency, which is also how the store numbers them."""
URGENCY = {status.value: rank for rank, status in enumerate(LABELS)}

REASONS = {
    Reason.EXPIRED: "the token ended",
    Reason.REVOKED: "the owner took the access back",
    Reason.PASSWORD_CHANGED: "the owner changed the password",
    Reason.APP_REMOVED: "the owner removed the app",
    Reason.LOGGED_OUT: "the platform ended the owner’s session",
    Reason.CHECKPOINT: "the platform wants the owner to confirm the account",
    Reason.DATA_ACCESS_EXPIRED: "data access ended",
    Reason.PERMISSIONS_MISSING: "permissions are missing",
    Reason.OUTCOME_UNKNOWN: "the answer to a renewal was lost",
    Reason.PLATFORM_UNREACHABLE: "the platform could not be reached",
    Reason.PLATFORM_MISCONFIGURED: "the platform refuses this service’s app: see the settings check",
    Reason.TOKEN_ENDS_SOON: "the token ends and cannot renew",
    Reason.DATA_ACCESS_ENDS_SOON: "data access ends",
    Reason.TOKEN_REFUSED: "the platform refused the token",
    Reason.RESTORED: "a backup was put back",
    Reason.BY_REQUEST: "on request",
}

UPSTREAM = {
    "revoked": "revoked",
    "already_gone": "was gone already",
    "shared_identity": "left alone: another connection uses the same person",
    "not_verified": "nothing to revoke: it was never confirmed",
    "not_offered": "not told: this platform has no call for it; the owner can remove the app there",
    "unreadable": "could not be told: the stored token does not open",
    "pending": "still to be told: it wanted fewer calls",
    "unreachable": "could not be told yet: it was out of reach",
    "refused": "refused to revoke",
}


def label(status: str) -> str:
    return LABELS[Status(status)]


def reason(code: str | None) -> str:
    return REASONS.get(Reason(code), code) if code else ""


def short(platform: Platform) -> str:
    """A platform's name without what stands in brackets."""
    return platform.display_name.split(" (")[0]


def brand(row: Row) -> str:
    """A brand's name, or its number where nobody named it."""
    return row["brand_name"] or f"Brand {row['brand_id']}"


def actor(row: Row) -> str:
    """Who did what an event tells: never a key, only what it is called."""
    name: str = row["actor"]
    if name.startswith("key_"):
        return f"key “{row['key_name'] or name}”"
    return "connect page" if name.startswith("connect page") else name


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
