"""`/dashboard/selected`: links for several owners at once, and the table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import fields, replace

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core
from symphony_connect.signin.connect_sessions import NewSession
from symphony_connect.store.db import Row
from symphony_connect.web.auth import TheCore
from symphony_connect.web.dashboard import listing, lists, render, words
from symphony_connect.web.dashboard.connection import make_link
from symphony_connect.web.dashboard.guard import OurForm, SignedIn, text
from symphony_connect.web.dashboard.listing import Filter
from symphony_connect.web.dashboard.route import PageRoute

router = APIRouter(prefix="/dashboard", include_in_schema=False, route_class=PageRoute)

MOST_ROWS = 10_000
"""Of one CSV file."""
COLUMNS = (
    "brandId",
    "brand",
    "adPlatform",
    "status",
    "reason",
    "connectedAs",
    "adAccounts",
    "endsAt",
    "tokenExpiresAt",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


@router.post("/selected")
async def selected(request: Request, core: TheCore, who: SignedIn, form: OurForm) -> Response:
    """What was asked for: `links` for the selected rows, or `csv` of them, or of all that the table lists."""
    rows = [row for id in _ids(form) if (row := await lists.connection(core, who.caller.workspace_id, id))]
    if text(form, "do") == "csv":
        return _csv(rows) if rows else _csv([row async for row in _all(core, who.caller.workspace_id, _asked(form))])
    who.needs("connect:write")
    if not rows:
        raise Problem("invalid_request", "Select at least one connection first.", field="id")
    return await _links(request, core, who, rows)


def _ids(form: FormData) -> list[str]:
    """At most one page of them."""
    return [str(id)[:60] for id in dict.fromkeys(form.getlist("id"))][: listing.ROWS]


def _asked(form: FormData) -> Filter:
    """The filter that the page had."""
    return Filter(
        **{each.name: text(form, each.name)[:200] for each in fields(Filter) if each.name not in ("after", "page")}
    )


async def _links(request: Request, core: Core, who: SignedIn, rows: list[Row]) -> Response:
    made = [
        (row, await make_link(core, who, NewSession(row["brand_id"], platforms=(row["platform"],)))) for row in rows
    ]
    if "application/json" in request.headers.get("accept", ""):
        names = render.names(core)
        lines = [
            f"{words.brand(row)} · {names.get(row['platform'], row['platform'])}: {link.url}" for row, link in made
        ]
        return JSONResponse({"url": "\n".join(lines)}, headers=render.HEADERS)
    return render.page(core, "links.html", who, links=made)


async def _all(core: Core, workspace_id: str, asked: Filter) -> AsyncIterator[Row]:
    """Page by page, as the table shows them."""
    found, page = 0, 1
    while found < MOST_ROWS:
        listed = await listing.load(core, workspace_id, asked)
        for row in listed.rows:
            yield row
        found += len(listed.rows)
        page += 1
        if not listed.rows or (listed.page and page > listed.last_page) or not (listed.page or listed.next):
            return
        asked = replace(asked, page=str(page)) if listed.page else replace(asked, after=listed.next)


def _csv(rows: Iterable[Row]) -> Response:
    """Times are RFC 3339; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _values(row)] for row in rows)
    headers = {**render.HEADERS, "content-disposition": 'attachment; filename="connections.csv"'}
    return Response(file.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _values(row: Row) -> tuple[object, ...]:
    return (
        row["brand_id"],
        row["brand_name"] or "",
        row["platform"],
        row["status"],
        row["reason"] or "",
        row["identity_name"] or "",
        row["ad_account_count"],
        rfc3339(row["ends_at"]),
        rfc3339(row["expires_at"]),
    )


def _cell(value: object) -> str:
    shown = "" if value is None else str(value)
    return f"'{shown}" if isinstance(value, str) and shown.startswith(FORMULA) else shown
