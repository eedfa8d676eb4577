"""A connection's history: a band in proportion to time, and events as sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from symphony_connect.base.clock import DAY
from symphony_connect.base.isolation import bdi, isolated
from symphony_connect.store.db import Row
from symphony_connect.web.dashboard import words
from symphony_connect.web.dashboard.render import Times, length

SPAN = 90 * DAY
"""The band goes back so far at most."""
PRESENT = 2.5
"""Percent of the band that the present status has at least."""


@dataclass(frozen=True)
class Sentence:
    """An event in words: what happened in bold, then what it meant. `tone`: ok, warn, bad, wait or off."""

    id: str
    type: str
    at: int
    tone: str
    title: str
    more: str
    actor: str
    platform: str
    brand_id: int | None
    connection_id: str | None


@dataclass(frozen=True)
class Stretch:
    """Part of the band, in percent of its length; `kind` is a status, or `outage`."""

    kind: str
    left: float
    width: float
    label: str


TONES = {"connected": "ok", "expiring": "warn", "needs_reconnect": "bad", "unverified": "wait", "disconnected": "off"}


@dataclass(frozen=True)
class _Event:
    """What a sentence is made of."""

    data: dict[str, Any]
    times: Times
    platform: str

    @property
    def person(self) -> Markup:
        identity = self.data.get("identity") or {}
        return bdi(identity.get("name", "somebody"))

    def end(self, at: int | None) -> str:
        """When a token ends: to the minute only where that is soon."""
        if at is None:
            return "never"
        return self.times.stamp(at) if at - self.times.now < 2 * DAY else self.times.day(at)


Words = tuple[str, str, str]
"""Tone, what happened, what it meant."""


def tell(row: Row, times: Times, names: dict[str, str]) -> Sentence:
    """The sentence for an event. A type without words of its own is shown by its name."""
    platform = names.get(row["platform"], row["platform"] or "")
    teller = TELLERS.get(row["type"])
    tone, title, more = teller(_Event(json.loads(row["data"]), times, platform)) if teller else ("off", row["type"], "")
    return Sentence(
        id=row["id"],
        type=row["type"],
        at=row["at"],
        tone=tone,
        title=title,
        more=more,
        actor=words.actor(row),
        platform=platform,
        brand_id=row["brand_id"],
        connection_id=row["connection_id"],
    )


def tell_use(row: Row, names: dict[str, str]) -> Sentence:
    """A day's token reads, or calls through the proxy, by one key."""
    times = "once" if row["count"] == 1 else words.plural(row["count"], "time")
    return Sentence(
        id="",
        type=row["type"],
        at=row["last_at"],
        tone="off",
        title="Token read" if row["type"] == "token.read" else "Called through the proxy",
        more=f"{times} that day",
        actor=words.actor(row),
        platform=str(names.get(row["platform"], row["platform"])),
        brand_id=row["brand_id"],
        connection_id=None,
    )


def _renewed(event: _Event) -> Words:
    after, before = event.end(event.data.get("expiresAt")), event.end(event.data.get("before"))
    return "ok", "Renewed.", f"Token now expires {after}, before: {before}"


def _put_off(event: _Event) -> Words:
    error = event.data.get("platform_error") or {}
    message = error.get("message", "none")
    # Where the platform sent no code of its own, the code is the HTTP status that the message tells already.
    code = f" ({error['code']})" if error.get("code") and str(error["code"]) not in message else ""
    retry = f", will retry {event.times.stamp(event.data['until'])}" if "until" in event.data else ""
    return "warn", f"{event.platform} did not renew it{retry}.", f"Reason: {isolated(message + code)}"


def _expiring(event: _Event) -> Words:
    left = words.plural(int(event.data.get("days", 0)), "day")
    return (
        "warn",
        f"Warning sent: {left} left.",
        f"{event.end(event.data.get('at'))}: {words.reason(event.data.get('reason'))}",
    )


def _moved(event: _Event) -> Words:
    status, reason = event.data["status"], words.reason(event.data.get("reason"))
    return TONES.get(status, "off"), f"Now {words.label(status).lower()}" + (":" if reason else ""), reason


def _unreached(event: _Event) -> bool:
    return bool(event.data.get("reason", "platform_unreachable") == "platform_unreachable")


def _stored(event: _Event) -> Words:
    return (
        "wait",
        "Token stored, not confirmed yet.",
        f"{event.platform} could not be reached. The token is not handed out until it is confirmed",
    )


def _accounts_changed(event: _Event) -> Words:
    return "off", "Ad accounts changed.", _counted(event, "ad account")


def _counted(event: _Event, what: str) -> str:
    counts = [(words.plural(len(ids), what), how) for how, ids in event.data.items() if ids]
    return ", ".join(f"{count} {how}" for count, how in counts)


def _disconnected(event: _Event) -> Words:
    upstream = words.UPSTREAM.get(event.data.get("upstream", ""), "not known")
    return "off", "Disconnected.", f"At {event.platform}: {upstream}. Here: destroyed"


TELLERS: dict[str, Callable[[_Event], Words]] = {
    "connection.connected": lambda event: ("ok", "Connected", Markup("as {}").format(event.person)),
    "connection.reconnected": lambda event: ("ok", "Reconnected", Markup("as {}").format(event.person)),
    "connection.unverified": lambda event: _stored(event) if _unreached(event) else _moved(event),
    "token.waiting": lambda event: _stored(event),
    "connection.renewed": _renewed,
    "connection.put_off": _put_off,
    "connection.expiring": _expiring,
    "connection.selected": lambda event: (
        "off",
        "Ad accounts chosen.",
        "All are in use"
        if event.data.get("selected") is None
        else f"{words.plural(len(event.data['selected']), 'ad account')} in use",
    ),
    "connection.token_refused": lambda event: (
        "bad",
        "A waiting token was refused.",
        isolated(event.data.get("message")),
    ),
    "token.reported": lambda event: (
        "wait",
        "A caller reported the token as refused.",
        isolated(" ".join(filter(None, [event.data.get("code"), event.data.get("message")]))),
    ),
    "connection.status": _moved,
    "connection.needs_reconnect": _moved,
    "connection.recovered": _moved,
    "connection.permissions_changed": lambda event: (
        "warn",
        "Permissions taken back:",
        isolated(", ".join(event.data.get("removed", []))),
    ),
    "ad_accounts.changed": _accounts_changed,
    "assets.changed": lambda event: ("off", "Pages and other assets changed.", _counted(event, "asset")),
    "assets.selected": lambda event: (
        "off",
        "Pages and other assets chosen.",
        "All are in use"
        if event.data.get("selected") is None
        else f"{words.plural(len(event.data['selected']), 'asset')} in use",
    ),
    "platform.paused": lambda event: (
        "warn",
        f"{event.platform} wants fewer calls.",
        f"Nothing is asked there before {event.times.stamp(event.data['until'])}",
    ),
    # Before there was a type of its own, this one told what became of the token at the platform.
    "connection.disconnected": lambda event: _disconnected(event) if "upstream" in event.data else _moved(event),
    "connection.receipt": _disconnected,
}
RECEIPTS = ("connection.receipt", "connection.disconnected")
"""Types that tell of the end of a connection, of which the newest is the receipt."""


KINDS = {
    "connection.connected": "Connected",
    "connection.reconnected": "Reconnected",
    "connection.renewed": "Renewed",
    "connection.put_off": "Renewal or check failed",
    "connection.needs_reconnect": "Needs reconnect",
    "connection.recovered": "Recovered",
    "connection.permissions_changed": "Permissions taken back",
    "ad_accounts.changed": "Ad accounts changed",
    "assets.changed": "Pages and other assets changed",
    "platform.paused": "Platform paused",
    "connection.status": "Other change of status",
    "connection.expiring": "Warning sent",
    "connection.selected": "Ad accounts chosen",
    "assets.selected": "Pages and other assets chosen",
    "connection.unverified": "Stored, not confirmed",
    "token.waiting": "Another token waits",
    "connection.token_refused": "Waiting token refused",
    "token.reported": "Token reported as refused",
    "connection.disconnected": "Disconnected",
    "connection.receipt": "Receipt of a disconnect",
}
"""What people call the types, where they choose one."""


def band(connection: Row, changes: Iterable[Row], outages: Iterable[Row], now: int) -> list[Stretch]:
    """Which status it was in, and when nobody was at work, since it began or for 90 days.

    `changes` are its changes of status, newest first.
    """
    begin = max(connection["created_at"], now - SPAN)
    stretches, until, status = [], now, connection["status"]
    read = [(change["at"], json.loads(change["data"])) for change in changes]
    known = [(at, data) for at, data in read if "before" in data]
    if status == "disconnected":
        # A disconnect has an event of its own kind: when it was stands in the row.
        stretches.append((status, max(connection["status_at"], begin), now))
        until = max(connection["status_at"], begin)
        status = known[0][1].get("status", "connected") if known else "connected"
    for at, data in known:
        if at <= begin:
            break
        stretches.append((status, at, until))
        until, status = at, data["before"]["status"]
    stretches.append((status, begin, until))
    off = [("outage", max(row["began_at"], begin), row["ended_at"]) for row in outages if row["ended_at"] > begin]
    percent = 100 / max(now - begin, 1)
    parts = [
        Stretch(kind, round((start - begin) * percent, 2), round((end - start) * percent, 2), _named(kind, end - start))
        for kind, start, end in [*reversed([one for one in stretches if one[2] > one[1]]), *off]
    ]
    return [
        _seen(part) if part.kind == connection["status"] and part.left + part.width > 99.9 else part for part in parts
    ]


def _seen(part: Stretch) -> Stretch:
    """The present status is never too narrow to be seen: the band must not contradict the page's heading."""
    width = max(part.width, PRESENT)
    return replace(part, left=round(100 - width, 2), width=width)


def _named(kind: str, span: int) -> str:
    return f"{'Service off' if kind == 'outage' else words.label(kind)} for {length(span)}"
