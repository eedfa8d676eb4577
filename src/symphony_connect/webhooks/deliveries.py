"""What was sent to an endpoint, what waits, what was given up; sending again, and sending a test."""

from __future__ import annotations

import json
from dataclasses import dataclass

from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.store.db import Row
from symphony_connect.webhooks import sql
from symphony_connect.webhooks.endpoints import find

TEST = "webhook.test"
"""The type of a test delivery; no event is written down for it."""

Place = tuple[int, str]


@dataclass(frozen=True)
class Delivery:
    """One event for one endpoint; `id` is the event's. Times are milliseconds since the epoch."""

    id: str
    type: str
    status: str
    """`pending`, `delivered` or `failed`."""
    attempts: int
    at: int
    due_at: int
    tried_at: int | None
    answer: int | None
    error: str | None

    @classmethod
    def of(cls, row: Row) -> Delivery:
        return cls(id=row["event_id"], **{name: row[name] for name in cls.__dataclass_fields__ if name != "id"})


async def list_deliveries(
    core: Core, workspace_id: str, endpoint_id: str, status: str, place: Place, most: int
) -> list[Delivery]:
    """Newest first, before a place (time and id). Raises Problem `not_found`."""
    await find(core, workspace_id, endpoint_id)
    of = {"endpoint_id": endpoint_id, "status": status, "at": place[0], "id": place[1]}
    async with core.store.pages() as tx:
        return [Delivery.of(row) for row in await tx.all(sql.deliveries_page, **of, most=most)]


async def replay(core: Core, workspace_id: str, endpoint_id: str, id: str) -> Delivery:
    """Send it again under the same id, whatever became of it. Raises Problem `not_found` or `endpoint_disabled`."""
    await _enabled(core, workspace_id, endpoint_id)
    async with core.store.writing() as tx:
        if not await tx.one(sql.delivery_replay, endpoint_id=endpoint_id, event_id=id, now=core.clock()):
            raise Problem("not_found", "There is no such delivery; those that were accepted are kept for a week.")
        row = await tx.one(sql.delivery, endpoint_id=endpoint_id, event_id=id)
    assert row is not None
    return Delivery.of(row)


async def replay_failed(core: Core, workspace_id: str, endpoint_id: str) -> int:
    """Send again all that was given up; returns how many. Raises Problem `not_found` or `endpoint_disabled`."""
    await _enabled(core, workspace_id, endpoint_id)
    async with core.store.writing() as tx:
        return len(await tx.all(sql.deliveries_replay, endpoint_id=endpoint_id, now=core.clock()))


async def send_test(core: Core, workspace_id: str, endpoint_id: str, actor: str) -> Delivery:
    """Queue a delivery of type `webhook.test`. Raises Problem `not_found` or `endpoint_disabled`."""
    await _enabled(core, workspace_id, endpoint_id)
    id, now = core.ids.new("evt"), core.clock()
    event: dict[str, object] = {
        "id": id,
        "type": TEST,
        "timestamp": rfc3339(now),
        "brandId": None,
        "adPlatform": None,
        "connectionId": None,
        "actor": actor,
        "data": {},
    }
    of = {"endpoint_id": endpoint_id, "event_id": id, "workspace_id": workspace_id, "type": TEST}
    async with core.store.writing() as tx:
        await tx.run(sql.delivery_add, **of, at=now, body=json.dumps(event))
        row = await tx.one(sql.delivery, endpoint_id=endpoint_id, event_id=id)
    assert row is not None
    return Delivery.of(row)


async def _enabled(core: Core, workspace_id: str, endpoint_id: str) -> None:
    if (await find(core, workspace_id, endpoint_id)).disabled_at is not None:
        raise Problem("endpoint_disabled", "This endpoint is disabled; enable it first: PATCH with enabled true.")
