"""The catalogue of events: every type there is, what it says, and which of them webhooks deliver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from symphony_connect.base.model import Status

EventType = Literal[
    "connection.connected",
    "connection.reconnected",
    "connection.expiring",
    "connection.needs_reconnect",
    "connection.recovered",
    "connection.unverified",
    "connection.permissions_changed",
    "connection.disconnected",
    "ad_accounts.changed",
    "assets.changed",
    "platform.paused",
    "connection.status",
    "connection.renewed",
    "connection.put_off",
    "connection.selected",
    "assets.selected",
    "connection.receipt",
    "connection.token_refused",
    "token.waiting",
    "token.reported",
]
TYPES: tuple[EventType, ...] = get_args(EventType)

Delivered = Literal[
    "connection.connected",
    "connection.reconnected",
    "connection.expiring",
    "connection.needs_reconnect",
    "connection.recovered",
    "connection.unverified",
    "connection.permissions_changed",
    "connection.disconnected",
    "ad_accounts.changed",
    "assets.changed",
    "platform.paused",
]
"""What webhook endpoints may choose. The other types are written down as history only."""
DELIVERED: tuple[Delivered, ...] = get_args(Delivered)

CATALOGUE: Mapping[EventType, str] = {
    "connection.connected": "A brand was connected to a platform.",
    "connection.reconnected": "The owner signed in again; `data.identity` says as whom.",
    "connection.expiring": "The connection ends in 14, 7 or 1 days unless its owner signs in again: see `days`.",
    "connection.needs_reconnect": "The token is not served any more; only the owner can help. `reason` says why.",
    "connection.recovered": "A connection that needed its owner, was unverified or was about to end is good again.",
    "connection.unverified": "The token is kept, and not served before its platform has confirmed it.",
    "connection.permissions_changed": "The owner took permissions back: `removed` lists them, `scopes` those left.",
    "connection.disconnected": "The connection was ended here. Nobody gets its token any more.",
    "ad_accounts.changed": "The platform lists other ad accounts: `added`, `removed`, or `changed` in their status.",
    "assets.changed": "The platform lists other Pages and the like: `added`, `removed`, or `changed` in being usable.",
    "platform.paused": "The platform wants fewer calls: nothing is renewed or checked there before `until`.",
    "connection.status": "Status or reason changed in a way that no other type says.",
    "connection.renewed": "The token was exchanged for one that ends later.",
    "connection.put_off": "A renewal or check failed for now; it is tried again at `until`.",
    "connection.selected": "Somebody chose which ad accounts the brand uses.",
    "assets.selected": "Somebody chose which assets, such as Pages, the brand uses.",
    "connection.receipt": "What became of an ended connection's token at its platform: `upstream`.",
    "connection.token_refused": "A token that waited for its platform was refused by it.",
    "token.waiting": "Another token was stored beside the one that is served; its platform was out of reach.",
    "token.reported": "Campaign code said that the platform refused the token.",
}


def of_change(before: Status, after: Status, *, confirmed: bool) -> EventType:
    """The type of a change of status or reason. `confirmed`: whether a platform ever accepted a token of it."""
    if after is before:
        return "connection.status"
    match after:
        case Status.DISCONNECTED:
            return "connection.disconnected"
        case Status.NEEDS_RECONNECT:
            return "connection.needs_reconnect"
        case Status.UNVERIFIED:
            return "connection.unverified"
        case _ if before is Status.CONNECTED or not confirmed:
            return "connection.status"
        case _:
            return "connection.recovered"
