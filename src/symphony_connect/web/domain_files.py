"""Files at the root by which platforms check that the domain is the operator's (`SYMPHONY_DOMAIN_FILES`)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from symphony_connect.base.errors import Problem
from symphony_connect.web.auth import TheCore

router = APIRouter(include_in_schema=False)

LARGEST = 64 * 1024
NAMES = re.compile(r"[0-9A-Za-z_-]{1,100}\.(txt|html)")
TYPES = {"txt": "text/plain", "html": "text/html"}


@router.api_route("/{name}", methods=["GET", "HEAD"])
async def domain_file(core: TheCore, name: str) -> Response:
    """One of the folder's own files."""
    folder, known = core.settings.domain_files, NAMES.fullmatch(name)
    content = await asyncio.to_thread(_content, folder / name) if folder and known else None
    if content is None or known is None:
        raise Problem("not_found", "Nothing was found at this address.")
    return Response(content, media_type=TYPES[known[1]], headers={"cache-control": "no-store"})


def _content(path: Path) -> bytes | None:
    """None where there is no such file, or one that is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        return None
    return content if len(content) <= LARGEST else None
