"""`/events`: what happened in the workspace, newest first."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema

from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import Problem
from symphony_connect.connections import history
from symphony_connect.connections.event_types import EventType
from symphony_connect.connections.history import LAST, Filter
from symphony_connect.web.api.brands import PlatformQuery
from symphony_connect.web.api.event_schemas import EventOut
from symphony_connect.web.api.paging import Cursor, Limit, place, place_cursor
from symphony_connect.web.api.schemas import Page
from symphony_connect.web.api.wire import BrandId
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.refuses import refuses
from symphony_connect.web.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["events"])


def _instant(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", value):
        return datetime.fromisoformat(value)
    raise ValueError("must be a time such as 2027-01-21T11:49:35Z")


Instant = Annotated[AwareDatetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]


@router.get(
    "/events",
    operation_id="listEvents",
    response_model=Page[EventOut],
    summary="List what happened",
    openapi_extra=refuses("unknown_platform"),
)
async def get_events(
    caller: Annotated[Caller, Depends(Needs("events:read"))],
    core: TheCore,
    type: Annotated[EventType | None, Query(description="Only events of this type.")] = None,
    brand_id: Annotated[BrandId | None, Query(alias="brandId", description="Only events of this brand.")] = None,
    platform: PlatformQuery = None,
    after: Annotated[Instant | None, Query(description="Only later ones.")] = None,
    before: Annotated[Instant | None, Query(description="Only earlier ones.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EventOut]:
    """Newest first. The filters add up; a page may hold fewer than `limit`: go on until `nextCursor` is null.

    A bounded key sees what is in its bounds.
    """
    if after is not None and before is not None and after >= before:
        raise Problem("invalid_request", "after must be earlier than before.", field="after")
    asked = Filter(
        type=type or "",
        brand_id=brand_id,
        platform=platform or "",
        after=-1 if after is None else _milliseconds(after),
        before=LAST if before is None else _milliseconds(before),
    )
    page = await history.list_events(core, caller, asked, place(cursor), limit)
    return Page[EventOut](
        data=[EventOut.model_validate(event) for event in page.events],
        next_cursor=None if page.next is None else place_cursor(page.next),
    )


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
