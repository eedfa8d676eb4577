"""`/callbacks/{platform}/…`: what a platform's own servers call, and the page where a person asks after a deletion."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from symphony_connect.base.errors import Problem
from symphony_connect.connections import notices
from symphony_connect.platforms.base import Rejected
from symphony_connect.web import pages
from symphony_connect.web.auth import TheCore

router = APIRouter(prefix="/callbacks", include_in_schema=False)
log = structlog.get_logger()

LARGEST = 16 * 1024
Platform = Annotated[str, Path(max_length=30)]


def _nowhere() -> Problem:
    return Problem("not_found", "Nothing was found at this address.")


@router.post("/{platform}/{path}")
async def called(
    request: Request, core: TheCore, platform: Platform, path: Annotated[str, Path(max_length=60)]
) -> Response:
    """200 also where it is about nobody here; 400 for what is not the platform's."""
    known = core.platforms.get(platform)
    route = known.routes().get(path) if known else None
    if route is None:
        raise _nowhere()
    try:
        notice = route.read(await _form(request))
    except Rejected as refused:
        log.warning("callback.refused", platform=platform, path=path, why=refused.message)
        raise Problem("invalid_request", f"Not accepted: {refused.message}.") from None
    if route.means == "deauthorized":
        lost = await notices.deauthorized(core, platform, notice)
        log.info("callback.deauthorized", platform=platform, connections=lost)
        return JSONResponse({"success": True})
    deletion = await notices.delete(core, platform, notice)
    log.info("callback.deletion", platform=platform, connections=deletion.connections)
    url = f"{core.settings.public_url}/callbacks/{platform}/{path}/status?id={deletion.code}"
    return JSONResponse(dict(route.answer(url, deletion.code)))


@router.get("/{platform}/{path}/status")
async def status(
    request: Request, core: TheCore, platform: Platform, path: Annotated[str, Path(max_length=60)], id: str = ""
) -> Response:
    """For the person, by the code that they were given."""
    known = core.platforms.get(platform)
    route = known.routes().get(path) if known else None
    if known is None or route is None or route.means != "deletion":
        raise _nowhere()
    found = await notices.status_of(core, platform, id[:60])
    kind = "deletion.unknown" if found is None else "deletion.done" if found.done_at else "deletion.begun"
    return pages.owner_page(
        request, core, "deletion.html", 200 if found else 404, kind=kind, found=found, platform=known.display_name
    )


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, each the first time it is named. Raises Problem `body_too_large` or `invalid_request`."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Problem("body_too_large", "The form is larger than 16 KiB.")
    try:
        fields = parse_qsl(body.decode("ascii"), max_num_fields=20)
    except ValueError:
        raise Problem("invalid_request", "The body is not a form.") from None
    return dict(reversed(fields))
