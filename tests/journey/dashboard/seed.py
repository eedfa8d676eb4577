"""Connections written straight into the store: as many as wanted, in any state, without asking a platform."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.base.ids import base62
from symphony_connect.store.search import of_brand, of_connection
from tests.platforms.chosen import ANY, OTHER

TOKEN, DATA = "token_ends_soon", "data_access_ends_soon"
PARTS = ("Northwind", "Alpine", "Harbor", "Juniper", "Cedar", "Lumen", "Pebble", "Orchard", "Tidal", "Saffron")
TRADES = ("Bikes", "Foods", "Coffee", "Home", "Outdoor", "Studio", "Pets", "Books", "Travel", "Skin", "Audio", "Tea")
PEOPLE = ("Sam Rivera", "Lee Park", "Ana Iwu", "Kim Dale", "Noor Haddad", "Jo Lindqvist")


@dataclass
class Seed:
    """One brand's connection. Times are milliseconds from now; None is no known end."""

    brand_id: int
    platform: str = ANY
    name: str | None = None
    status: str = "connected"
    reason: str | None = None
    since: int = -40 * DAY
    person: str | None = "Sam Rivera"
    accounts: int = 3
    ends: int | None = None
    data_ends: int | None = None
    renews: bool = False
    renewed: int | None = None
    due: int | None = None
    attempts: int = 0
    events: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)
    """Time, type, actor, data."""
    scopes: tuple[str, ...] = ("ads_management", "ads_read", "business_management")
    tag: str = ""
    """Tells ids of several workspaces apart."""

    @property
    def id(self) -> str:
        return f"conn_{self.brand_id:08d}{self.platform}{self.tag}"

    @property
    def person_end(self) -> tuple[int, str] | None:
        token = None if self.renews else self.ends
        ends = [(end, why) for end, why in ((token, TOKEN), (self.data_ends, DATA)) if end is not None]
        return min(ends) if ends else None


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def insert(table: str, rows: list[dict[str, Any]]) -> str:
    values = ",\n".join("(" + ", ".join(map(literal, row.values())) + ")" for row in rows)
    return f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES {values} ON CONFLICT DO NOTHING"


def statements(seeds: Iterable[Seed], workspace_id: str, now: int) -> Iterator[str]:
    """INSERTs that both engines take, some hundred rows each."""
    batch: list[Seed] = []
    for seed in seeds:
        batch.append(seed)
        if len(batch) == 400:
            yield from _inserts(batch, workspace_id, now)
            batch = []
    if batch:
        yield from _inserts(batch, workspace_id, now)


def _inserts(seeds: list[Seed], workspace_id: str, now: int) -> Iterator[str]:
    yield insert("brands", [_brand(seed, workspace_id, now) for seed in seeds])
    connections = [_connection(seed, workspace_id, now) for seed in seeds]
    yield insert("connections", connections)
    yield insert(
        "searched", [_searched(seed, workspace_id) for seed in {seed.brand_id: seed for seed in seeds}.values()]
    )
    pairs = zip(seeds, connections, strict=True)
    yield insert("searched", [_searched(seed, workspace_id, connection) for seed, connection in pairs])
    events = [_event(seed, place, workspace_id, now) for seed in seeds for place in range(len(seed.events))]
    if events:
        yield insert("events", events)


def _brand(seed: Seed, workspace_id: str, now: int) -> dict[str, Any]:
    when = now - 200 * DAY
    return {
        "workspace_id": workspace_id,
        "brand_id": seed.brand_id,
        "name": seed.name,
        "created_at": when,
        "updated_at": when,
    }


def _connection(seed: Seed, workspace_id: str, now: int) -> dict[str, Any]:
    def at(offset: int | None) -> int | None:
        return None if offset is None else now + offset

    accounts = [
        {
            "id": f"act_{seed.brand_id}{number}",
            "name": f"{seed.name or 'Account'} {area}",
            "status": "active",
            "currency": "EUR",
            "timezone": None,
            "business": None,
        }
        for number, area in zip(range(seed.accounts), ("EU", "US", "Outlet", "UK", "DE"), strict=False)
    ]
    end = seed.person_end
    return {
        "id": seed.id,
        "workspace_id": workspace_id,
        "brand_id": seed.brand_id,
        "platform": seed.platform,
        "status": seed.status,
        "reason": seed.reason,
        "status_at": now + seed.since,
        "identity_id": f"1{seed.brand_id}" if seed.person else None,
        "identity_name": seed.person,
        "scopes": json.dumps(seed.scopes),
        "ad_accounts": json.dumps(accounts),
        "ad_account_count": len(accounts),
        "ad_account_words": " ".join(f"{one['id']} {one['name']}" for one in accounts),
        "selected": json.dumps([one["id"] for one in accounts[:2]]),
        "expires_at": at(seed.ends),
        "data_access_expires_at": at(seed.data_ends),
        "ends_at": at(end[0]) if end else None,
        "ends_why": end[1] if end else None,
        "created_at": now - 80 * DAY,
        "verified_at": now - 5 * HOUR,
        "renewed_at": at(seed.renewed),
        "due_at": at(seed.due),
        "attempts": seed.attempts,
    }


def _searched(seed: Seed, workspace_id: str, connection: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a search finds it by, as the service itself writes it."""
    row = {"workspace_id": workspace_id, "brand_id": seed.brand_id, "connection_id": "", "brand": None, "words": None}
    if connection is None:
        return row | {"brand": of_brand(seed.brand_id, seed.name)}
    words = of_connection(seed.brand_id, connection | {"name": seed.name})
    return row | {"connection_id": connection["id"], "words": words}


def _event(seed: Seed, place: int, workspace_id: str, now: int) -> dict[str, Any]:
    offset, type, actor, data = seed.events[place]
    return {
        "id": f"evt_{base62(now + offset, 8)}{seed.brand_id:08d}{place:02d}{seed.tag}",
        "workspace_id": workspace_id,
        "connection_id": seed.id,
        "brand_id": seed.brand_id,
        "platform": seed.platform,
        "type": type,
        "actor": actor,
        "at": now + offset,
        "data": json.dumps(data),
    }


def many(count: int, first: int = 100_000) -> Iterator[Seed]:
    """Connections of all kinds, two to a brand, evenly spread over what the dashboard tells apart."""
    for number in range(count):
        brand = first + number // 2
        name = f"{PARTS[number // 2 % 10]} {TRADES[number // 20 % 12]}"
        common: dict[str, Any] = {"name": name, "person": PEOPLE[number % 6]}
        ended = [(-HOUR - number * MINUTE % DAY, "connection.renewed", "worker", {"expiresAt": 1, "before": 0})]
        kinds = (
            Seed(brand, ANY, **common, ends=(15 + number * 7 % 70) * DAY, data_ends=85 * DAY, events=ended),
            Seed(brand, OTHER, **common, ends=(1 + number % 80) * DAY, renews=True, renewed=-HOUR),
            Seed(brand, ANY, **common, data_ends=(20 + number % 60) * DAY),
            Seed(brand, OTHER, **common),
            Seed(brand, ANY, **common, status="needs_reconnect", reason="revoked", since=-number * MINUTE),
            Seed(brand, OTHER, **common, status="unverified", reason="platform_unreachable", attempts=1, due=HOUR),
            Seed(brand, ANY, **common, status="expiring", reason=TOKEN, ends=(1 + number % 13) * DAY),
            Seed(brand, OTHER, **common, status="disconnected", reason="by_request"),
        )
        yield kinds[number % 8]


def pour(database: Path, seeds: Iterable[Seed], now: int, workspace: str = "acme") -> None:
    """Into a service's SQLite file, beside the running service."""
    connection = sqlite3.connect(database, timeout=10, isolation_level=None)
    try:
        (workspace_id,) = connection.execute("SELECT id FROM workspaces WHERE name = ?", (workspace,)).fetchone()
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements(seeds, workspace_id, now):
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        connection.close()
