"""All that answers below `/dashboard`, in the order in which it is looked for."""

from __future__ import annotations

from fastapi import APIRouter

from symphony_connect.web.dashboard import brands, connection, entrance, events, home, keys, others, selected

router = APIRouter(include_in_schema=False)
for part in (home, entrance, connection, selected, brands, events, keys, others):
    router.include_router(part.router)
