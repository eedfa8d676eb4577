"""A failure that a person meets is a page, not JSON: where an owner signs in, and wherever else a browser is led."""

from __future__ import annotations

import re

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from symphony_connect.base.errors import Problem
from symphony_connect.web import browser, pages
from symphony_connect.web.dashboard import render

OWNERS = re.compile(r"/connect/[^/]+|/oauth/[^/]+/(start|confirm|callback|(again|window|result)/[^/]+)")
SIGN_IN = re.compile(r"/(connect|oauth)(/.*)?", re.DOTALL)
DASHBOARD = re.compile(r"/dashboard(/.*)?", re.DOTALL)
API = "/api/"
PASSING = (429, 500, 503)
"""Statuses after which the same page may be there a minute later."""
NOWHERE = (404, 405)


def met_by_a_person(scope: Scope) -> bool:
    """Whether a browser shows the answer: to a brand's owner, on the dashboard, or wherever it opens a page.

    The dashboard's own script asks for JSON. What lies under `/api/` is for programs, also when somebody opens it
    in a browser.
    """
    path, headers = scope.get("path", ""), Headers(scope=scope)
    if DASHBOARD.fullmatch(path):
        return "application/json" not in headers.get("accept", "")
    return OWNERS.fullmatch(path) is not None or (not path.startswith(API) and opened_as_page(headers))


def opened_as_page(headers: Headers) -> bool:
    """Whether a browser asks for a page, and no script for data (Fetch Metadata: `Sec-Fetch-Mode`)."""
    return "text/html" in headers.get("accept", "") and headers.get("sec-fetch-mode", "navigate") == "navigate"


def page(scope: Scope, problem: Problem) -> HTMLResponse:
    """What to do now, in the reader's language, for the problem's own words are for developers; or on the dashboard."""
    request = Request(scope)
    core = scope["app"].state.core
    if DASHBOARD.fullmatch(scope["path"]):
        return render.page(core, "problem.html", status=problem.status, problem=problem)
    owner = OWNERS.fullmatch(scope["path"]) is not None
    kind = "busy" if problem.status in PASSING else "bad" if owner or problem.status not in NOWHERE else "nowhere"
    return pages.owner_page(
        request,
        core,
        "trouble.html",
        problem.status,
        kind=kind,
        reopen=browser.any_link(request, core),
        operator=SIGN_IN.fullmatch(scope["path"]) is None,
    )
