"""All that answers below `/dashboard`, in the order in which it is looked for."""

from __future__ import annotations

from fastapi import APIRouter

from symphony_connect.web.dashboard import (
    brands,
    connection,
    entrance,
    events,
    home,
    keys,
    others,
    selected,
    webhook,
    webhooks,
)

router = APIRouter(include_in_schema=False)
PARTS = (home, entrance, connection, selected, brands, events, webhooks, webhook, keys, others)
for part in PARTS:
    router.include_router(part.router)
