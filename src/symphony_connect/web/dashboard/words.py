"""Statuses, reasons and actors in the words of people."""

from __future__ import annotations

from markupsafe import Markup

from symphony_connect.base.isolation import bdi
from symphony_connect.base.model import Reason, Status
from symphony_connect.platforms.assets import Asset
from symphony_connect.platforms.base import Platform
from symphony_connect.store.db import Row
from symphony_connect.web.messages import platform_words

MOST = 10_000
"""No more are counted of one kind on the first page, so that it stays quick."""

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
    Reason.EXPIRED: "the token expired",
    Reason.REVOKED: "the owner withdrew access",
    Reason.PASSWORD_CHANGED: "the owner changed the password",
    Reason.APP_REMOVED: "the owner removed the app",
    Reason.LOGGED_OUT: "the platform ended the owner’s session",
    Reason.CHECKPOINT: "the platform wants the owner to confirm the account",
    Reason.DATA_ACCESS_EXPIRED: "data access expired",
    Reason.PERMISSIONS_MISSING: "permissions are missing",
    Reason.OUTCOME_UNKNOWN: "the answer to a renewal was lost",
    Reason.PLATFORM_UNREACHABLE: "the platform could not be reached",
    Reason.PLATFORM_MISCONFIGURED: "the platform refuses this service’s app: see the settings check",
    Reason.TOKEN_ENDS_SOON: "the token expires and cannot be renewed",
    Reason.DATA_ACCESS_ENDS_SOON: "data access expires",
    Reason.TOKEN_REFUSED: "the platform refused the token",
    Reason.RESTORED: "a backup was restored",
    Reason.BY_REQUEST: "on request",
}

UPSTREAM = {
    "revoked": "revoked",
    "already_gone": "was already gone",
    "shared_identity": "not revoked: another connection uses the same person",
    "not_verified": "nothing to revoke: the token was never confirmed",
    "not_offered": "not revoked: this platform has no call for it; the owner can remove the app there",
    "unreadable": "not revoked: the stored token cannot be decrypted",
    "pending": "not revoked yet: the platform limits calls",
    "unreachable": "not revoked yet: the platform could not be reached",
    "refused": "the platform refused to revoke it",
}


SCOPES = {
    "brands:read": "See brands, connections and ad accounts",
    "brands:write": "Register tokens; verify, renew and disconnect connections",
    "connect:write": "Create and end connect links",
    "tokens:read": "Read access tokens",
    "proxy:use": "Call the platforms through this service, without a token (no call needs it yet)",
    "webhooks:write": "Manage webhooks (no call needs it yet)",
    "events:read": "See events",
    "keys:write": "Create and revoke API keys",
}
"""What each scope of a key allows."""

TROUBLES = {
    400: "This request is not valid",
    403: "Not allowed",
    404: "Page not found",
    405: "Page not found",
    409: "Not possible right now",
    413: "Too much was sent",
    429: "Too many requests",
    503: "Temporarily unavailable",
}
"""Headings of the page for a failure, by its HTTP status."""


def trouble(status: int) -> str:
    return TROUBLES.get(status, "Something went wrong")


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
    """Who caused an event: the name of a key, never the key."""
    name: str = row["actor"]
    if name.startswith("key_"):
        return Markup("key “{}”").format(bdi(row["key_name"] or name))
    return "connect page" if name.startswith("connect page") else name


def permission(platform: str, scope: str) -> str | None:
    """What the platform calls a permission whose id says nothing; None where the id is its name."""
    name: str | None = platform_words(platform).get("names", {}).get(scope)
    return name


def kind(platform: str, name: str) -> str:
    """What the platform calls a kind of asset, such as `Facebook Pages`."""
    found: str = platform_words(platform).get("en", {}).get(f"kind.{name}", name)
    return found


def usable(asset: Asset, used: bool) -> str:
    """Whether the brand uses it, and if it cannot be used, why."""
    why = {"not_shared": "not shared by the owner", "not_permitted": "refused by the platform"}.get(asset.reason or "")
    return why or ("used" if used else "not used")


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def count(number: int) -> str:
    """`1,204`; from MOST on `10,000 or more`."""
    return f"{number:,}" + (" or more" if number >= MOST else "")
