"""`/docs`: the API's description for people, shown by Swagger UI from our own files."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from symphony_connect.base.errors import CODES
from symphony_connect.web import pages
from symphony_connect.web.auth import TheCore

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(core: TheCore) -> HTMLResponse:
    """The API reference, with a form for each call."""
    return pages.render(core, "docs.html", codes=CODES)
