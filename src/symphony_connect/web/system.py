"""For machines that watch: liveness, readiness, metrics. For browsers: the SDK and the pages' own files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from symphony_connect import __version__
from symphony_connect.access.caller import Caller
from symphony_connect.base.errors import CODES, Problem
from symphony_connect.operate.metrics import process, state
from symphony_connect.operate.ready import readiness
from symphony_connect.web.auth import Needs, TheCore
from symphony_connect.web.pages import HERE
from symphony_connect.web.trouble import opened_as_page

router = APIRouter(include_in_schema=False)

SDK_FILES = {
    "symphony-connect.min.js": "text/javascript",
    "symphony-connect.min.js.map": "application/json",
    "symphony-connect.d.ts": "text/plain",
}
# The SDK is loaded by other sites' pages, some of which isolate themselves.
SDK_HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=300",
}


@router.api_route("/", methods=["GET", "HEAD"])
async def root(request: Request) -> Response:
    """Whoever opens the service's bare address in a browser is led to the dashboard."""
    if not opened_as_page(request.headers):
        raise Problem("not_found", CODES["not_found"][1])
    return RedirectResponse("/dashboard", 303, {"cache-control": "no-store", "vary": "accept, sec-fetch-mode"})


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> JSONResponse:
    """The process runs."""
    return JSONResponse({"status": "ok", "version": __version__})


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(core: TheCore) -> JSONResponse:
    """The database answers and takes what is written, and this process's clock agrees with the others."""
    status = await readiness(core)
    if status == "ok" and core.watch.off:
        status = "clock is off"
    return JSONResponse({"status": status}, 200 if status == "ok" else 503)


@router.get("/metrics")
async def metrics(caller: Annotated[Caller, Depends(Needs("brands:read"))], core: TheCore) -> Response:
    """Prometheus text; needs a key without bounds, because counts say something about every customer."""
    if caller.bounds.any:
        raise Problem("missing_scope", "A bounded key reads no metrics: they count every brand.")
    return Response(process() + await state(core), media_type=CONTENT_TYPE_LATEST)


def _serve(name: str, media_type: str) -> None:
    async def file() -> FileResponse:
        return FileResponse(HERE / "static" / name, media_type=media_type, headers=SDK_HEADERS)

    router.add_api_route(f"/{name}", file, methods=["GET", "HEAD"], name=name)


for _name, _type in SDK_FILES.items():
    _serve(_name, _type)
