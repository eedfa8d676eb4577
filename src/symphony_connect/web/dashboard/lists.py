"""What the dashboard's pages list. This is the one place in `web/` that opens the store, and it only reads.

Everything else in `web/` calls a verb of a lower folder. Times are milliseconds since the epoch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.clock import DAY
from symphony_connect.connections.backlog import LATE
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.store.statements import One
from symphony_connect.web.dashboard import renewals, sql
from symphony_connect.web.dashboard.search import Page, Sought, Ways, search
from symphony_connect.web.dashboard.words import MOST

STATUS_CHANGES = 200
"""Changes of status, and times without a worker, that a history goes back at most."""
USES = 60
"""Lines of token reads and proxied calls on one page: one for each key and day."""


@dataclass(frozen=True)
class History:
    """A connection's past. `events` may be one more than a page shows; `status_changes` are newest first."""

    events: list[Row]
    status_changes: list[Row]
    uses: list[Row]
    """Token reads and proxied calls, by key and day."""
    outages: list[Row]


@dataclass(frozen=True)
class Counts:
    """What the overview is made of. `first` has the first connection, or None, for each place that was asked for."""

    forecast: list[Row]
    put_off: dict[str, Row]
    """By platform; `count` is MOST where there are as many or more."""
    renewals: list[Row]
    """By slot; each with `overdue`, which is MOST where there are as many or more, and `oldest`."""
    first: list[Row | None]


async def newest_event(core: Core, workspace_id: str) -> str | None:
    """The id of the workspace's newest event."""
    async with core.store.pages() as tx:
        row = await tx.one(sql.dashboard_newest_event, workspace_id=workspace_id)
    return row["id"] if row else None


async def counts(
    core: Core, workspace_id: str, *, now: int, today: int, weeks: int, places: list[tuple[int, int]]
) -> Counts:
    """As many statements for a million connections as for ten, and no count goes beyond MOST.

    `places` are pairs: an urgency, and the latest end that still counts.
    """
    of = {"workspace_id": workspace_id}
    async with core.store.pages() as tx:

        async def counted(statement: One, **which: Any) -> Row:
            row = await tx.one(statement, **of, **which, most=MOST)
            assert row is not None
            return row

        return Counts(
            forecast=await tx.all(sql.dashboard_forecast, **of, today=today // DAY, weeks=weeks),
            put_off={name: await counted(sql.dashboard_put_off, platform=name) for name in core.platforms},
            renewals=await tx.all(
                sql.dashboard_renewals,
                **of,
                since=now - renewals.PAST * renewals.SLOT,
                now=now,
                length=renewals.SLOT,
                slots=renewals.SLOTS,
                most=renewals.MOST,
                late=now - LATE,
                most_late=MOST,
            ),
            first=[await tx.one(sql.dashboard_first, **of, urgency=urgency, last_end=last) for urgency, last in places],
        )


async def connections(core: Core, workspace_id: str, sought: Sought, **which: Any) -> Page:
    """A page of connections; `which` are the parameters of `dashboard_connections`."""
    async with core.store.pages() as tx:
        of = {"workspace_id": workspace_id, **which}
        if not sought.words:
            return Page(await tx.all(sql.dashboard_connections, **of))
        words = sought.patterns
        behind = {name: of[name] for name in ("workspace_id", "urgency", "next_end", "id", "last_urgency")}
        ways = Ways(
            "id",
            walked=lambda steps: tx.all(sql.dashboard_connections_walked, **of, **words, steps=steps),
            place=lambda steps: tx.one(sql.dashboard_place, **behind, steps=steps - 1),
            found=lambda grams, rare: tx.all(sql.dashboard_connections_found, **of, **words, grams=grams, rare=rare),
        )
        return await search(core, sought, "words", which["most"], ways)


async def sorted_connections(core: Core, workspace_id: str, sought: Sought, **which: Any) -> list[Row]:
    """A page of connections in another order, each with the number of all that fit.

    `which` are the parameters of `dashboard_sorted`.
    """
    async with core.store.pages() as tx:
        of = {"workspace_id": workspace_id, **sought.patterns, **which}
        return await tx.all(sql.dashboard_sorted, **of)


async def last_link(core: Core, row: Row) -> Row | None:
    """The newest connect link for a connection's brand and platform."""
    async with core.store.pages() as tx:
        of = {"workspace_id": row["workspace_id"], "brand_id": row["brand_id"], "platform": row["platform"]}
        return await tx.one(sql.dashboard_last_link, **of)


async def last_links(core: Core, workspace_id: str, rows: Sequence[Row]) -> dict[str, Row]:
    """The same for a page of connections, by connection; those without a link are left out."""
    asked = [{"id": row["id"], "brand": row["brand_id"], "platform": row["platform"]} for row in rows]
    async with core.store.pages() as tx:
        found = await tx.all(sql.dashboard_last_links, workspace_id=workspace_id, asked=json.dumps(asked))
    return {row["connection_id"]: row for row in found}


async def connection(core: Core, workspace_id: str, id: str) -> Row | None:
    """One connection of the workspace, also when it is disconnected."""
    async with core.store.pages() as tx:
        return await tx.one(sql.dashboard_connection, workspace_id=workspace_id, id=id)


async def history(core: Core, connection_id: str, place: tuple[int, str], since: int, most: int) -> History:
    """Events before a place (time and id), at most `most` and one; the use between them; what a band shows."""
    at, id = place
    async with core.store.pages() as tx:
        events = await tx.all(sql.dashboard_connection_events, connection_id=connection_id, at=at, id=id, most=most + 1)
        low = events[most - 1]["at"] if len(events) > most else 0
        return History(
            events=events,
            status_changes=await tx.all(sql.dashboard_status_changes, connection_id=connection_id, most=STATUS_CHANGES),
            uses=await tx.all(sql.dashboard_uses, connection_id=connection_id, low=low, high=at, most=USES),
            outages=await tx.all(sql.outages_since, since=since, most=STATUS_CHANGES),
        )


async def brands(core: Core, workspace_id: str, after: int, most: int, sought: Sought) -> Page:
    """A row for each connection of the brands behind `after`, and one for a brand without any."""
    async with core.store.pages() as tx:
        of = {"workspace_id": workspace_id, "after": after, "most": most}
        if not sought.words:
            return Page(await tx.all(sql.dashboard_brands, **of))
        words = sought.patterns
        ways = Ways(
            "brand_id",
            walked=lambda steps: tx.all(sql.dashboard_brands_walked, **of, **words, steps=steps),
            place=lambda steps: tx.one(
                sql.dashboard_brand_place, workspace_id=workspace_id, after=after, steps=steps - 1
            ),
            found=lambda grams, rare: tx.all(sql.dashboard_brands_found, **of, **words, grams=grams, rare=rare),
        )
        return await search(core, sought, "brand", most, ways)


async def events(core: Core, workspace_id: str, place: tuple[int, str], most: int) -> list[Row]:
    """The workspace's events before a place (time and id), newest first."""
    at, id = place
    async with core.store.pages() as tx:
        return await tx.all(sql.dashboard_events, workspace_id=workspace_id, at=at, id=id, most=most)


async def narrowed_events(core: Core, workspace_id: str, place: tuple[int, str], **which: Any) -> list[Row]:
    """The same of one brand, kind or platform; `which` are the parameters of `dashboard_events_narrowed`."""
    at, id = place
    async with core.store.pages() as tx:
        return await tx.all(sql.dashboard_events_narrowed, workspace_id=workspace_id, at=at, id=id, **which)


async def keys(core: Core, workspace_id: str) -> list[Row]:
    """The workspace's API keys, without what only their owners know."""
    async with core.store.pages() as tx:
        return await tx.all(sql.dashboard_keys, workspace_id=workspace_id)
