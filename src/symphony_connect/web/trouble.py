"""A failure that a person meets, where an owner signs in or on the dashboard, is a page, not JSON."""

from __future__ import annotations

import re

from fastapi import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

from symphony_connect.base.errors import Problem
from symphony_connect.web import browser, pages
from symphony_connect.web.dashboard import render

OWNERS = re.compile(r"/connect/[^/]+|/oauth/[^/]+/(start|confirm|callback|(again|window|result)/[^/]+)")
DASHBOARD = re.compile(r"/dashboard(/.*)?", re.DOTALL)
PASSING = (429, 500, 503)
"""Statuses after which the same page may be there a minute later."""


def met_by_a_person(scope: Scope) -> bool:
    """Whether the address is one that a browser shows: to a brand's owner, or on the dashboard.

    The dashboard's own script asks for JSON.
    """
    path = scope.get("path", "")
    if DASHBOARD.fullmatch(path):
        return "application/json" not in Request(scope).headers.get("accept", "")
    return OWNERS.fullmatch(path) is not None


def page(scope: Scope, problem: Problem) -> HTMLResponse:
    """What to do now: in the owner's language, for the problem's own words are for developers; or on the dashboard."""
    request = Request(scope)
    core = scope["app"].state.core
    if DASHBOARD.fullmatch(scope["path"]):
        return render.page(core, "problem.html", status=problem.status, problem=problem)
    kind = "busy" if problem.status in PASSING else "bad"
    link = browser.any_link(request, core)
    return pages.owner_page(request, core, "trouble.html", problem.status, kind=kind, reopen=link)
