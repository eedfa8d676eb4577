"""The operator's logo and accent colour on the owner's pages, served from here."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from symphony_connect.base import colour
from symphony_connect.base.branding import LOGO_TYPES
from symphony_connect.base.errors import Problem
from symphony_connect.web.auth import TheCore

router = APIRouter(prefix="/branding", include_in_schema=False)

SHORT = {"cache-control": "public, max-age=300"}


@router.get("/logo")
async def logo(core: TheCore) -> FileResponse:
    path = core.settings.branding.logo
    if path is None:
        raise Problem("not_found", "SYMPHONY_BRANDING_LOGO is not set.")
    return FileResponse(path, media_type=LOGO_TYPES[path.suffix.lower()], headers=SHORT)


@router.get("/accent.css")
async def accent(core: TheCore) -> Response:
    """One rule: a style attribute in the page would need a weaker content security policy."""
    chosen = core.settings.branding.color
    rule = f":root{{--accent:light-dark({chosen},{colour.for_dark_page(chosen)})}}\n" if chosen else ""
    return Response(rule, media_type="text/css", headers=SHORT)
