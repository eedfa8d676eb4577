"""An agency's workspace as the screenshots show it: 412 connections, one of which needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from tests.journey.dashboard.seed import DATA, PARTS, PEOPLE, TOKEN, TRADES, Seed
from tests.platforms.chosen import ANY, OTHER

TOKENS = {3: 1, 5: 3}
DATAS = {3: 1, 5: 3, 7: 1, 11: 2}
RENEWALS = (2, 9, 14, 11, 22, 30, 26, 41, 60, 38, 12, 7, 3)
"""Connections by the week in which they end: of their token, of their data access, and by themselves."""
LATER, NEVER = 64, 57


def moved(at: int, before: str, after: str, reason: str | None = None) -> tuple[int, str, str, dict[str, Any]]:
    change = {"before": {"status": before, "reason": None}, "status": after, "reason": reason}
    return at, "connection.status", "worker", change


def workspace(now: int) -> Iterator[Seed]:
    yield from seen(now)
    number = 0
    for lane, weeks in (("token", TOKENS), ("data", DATAS), ("renews", dict(enumerate(RENEWALS)))):
        for week, count in weeks.items():
            for place in range(count):
                number += 1
                yield _plain(number, lane, (week * 7 + 1 + place % 6) * DAY, now)
    for lane, count in (("later", LATER), ("never", NEVER)):
        for _ in range(count):
            number += 1
            yield _plain(number, lane, 200 * DAY, now)


def _plain(number: int, lane: str, end: int, now: int) -> Seed:
    name, person = f"{PARTS[number % 10]} {TRADES[number // 10 % 12]}", PEOPLE[number % 6]
    seed = Seed(30_000 + number, name=name, person=person, due=None, renewed=-(number % 20) * HOUR - HOUR)
    soon = end <= 14 * DAY
    if lane in ("token", "later"):
        seed.ends = end
    elif lane == "data":
        seed.data_ends = end
    elif lane == "renews":
        seed.platform, seed.ends, seed.renews = OTHER, end, True
        ends = {"expiresAt": now + end, "before": now + end - DAY}
        seed.events = [(-(number % 23) * HOUR - 40_000, "connection.renewed", "worker", ends)]
    else:
        seed.platform, seed.renewed = OTHER, None
    if soon and lane in ("token", "data"):
        seed.status, seed.reason = "expiring", TOKEN if lane == "token" else DATA
    return seed


def seen(now: int) -> Iterator[Seed]:
    """The few whose stories the pictures tell."""
    lost = Seed(20_417, name="Alpine Foods", person="Lee Park", status="needs_reconnect", reason="password_changed")
    lost.since, lost.ends, lost.data_ends, lost.accounts = -3 * HOUR, -3 * HOUR, 50 * DAY, 5
    lost.renewed = -3 * HOUR - 5 * MINUTE
    lost.events = [moved(-3 * HOUR, "connected", "needs_reconnect", "password_changed")]
    yield lost
    bikes = Seed(12_345, name="Northwind Bikes", status="expiring", reason=TOKEN, ends=6 * DAY, data_ends=53 * DAY)
    bikes.renewed, bikes.due, bikes.since = -32 * HOUR, 2 * DAY, -8 * DAY
    bikes.events = [
        (-80 * DAY, "connection.connected", "connect page cs_1", {"identity": {"name": "Sam Rivera"}}),
        (-79 * DAY, "connection.selected", "dashboard", {"selected": ["act_1", "act_2"]}),
        (-9 * DAY, "connection.put_off", "worker", _silence(now)),
        moved(-8 * DAY, "connected", "expiring", TOKEN),
        (-32 * HOUR, "connection.renewed", "worker", {"expiresAt": now + 6 * DAY, "before": now + 5 * DAY}),
        (-4 * HOUR, "connection.expiring", "worker", {"days": 7, "at": now + 6 * DAY, "reason": TOKEN}),
    ]
    yield bikes
    data = Seed(12_377, name="Lumen Audio", status="expiring", reason=DATA, data_ends=9 * DAY, person="Jo Lindqvist")
    yield data
    silent = Seed(20_991, OTHER, "Harbor Coffee", "unverified", "platform_unreachable", person="harbor-ads")
    silent.since, silent.attempts, silent.due, silent.accounts = -20 * MINUTE, 2, 5 * MINUTE, 1
    silent.events = [(-20 * MINUTE, "connection.put_off", "worker", _silence(now))]
    yield silent
    yield Seed(20_991, ANY, "Harbor Coffee", person="Ana Iwu", ends=60 * DAY, data_ends=90 * DAY, renewed=-8 * HOUR)
    gone = Seed(18_002, OTHER, "Juniper Home", "disconnected", "by_request", person=None, accounts=0)
    gone.since = -2 * DAY
    gone.events = [
        moved(-2 * DAY, "connected", "disconnected", "by_request"),
        (-2 * DAY + 1, "connection.disconnected", "dashboard", {"here": "destroyed", "upstream": "revoked"}),
    ]
    yield gone


def _silence(now: int) -> dict[str, Any]:
    return {"until": now + 5 * MINUTE, "platform_error": {"code": "503", "message": "answered with HTTP 503"}}
