"""Renders templates. Pages carry no token, are never stored, and load nothing from another host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from symphony_connect.core import Core
from symphony_connect.web.envelope import CSP

HERE = Path(__file__).parent
templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(core: Core, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the operator's colours and name."""
    branding = core.settings.branding
    html = templates.get_template(template).render(branding=branding, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store", "content-security-policy": CSP})


def outcome(**values: Any) -> str:
    """What `popup.js` reads from the page; never a platform token."""
    return json.dumps({"kind": "result", **values})


def with_query(url: str, **values: str) -> str:
    """The URL with more query parameters."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(values)) if part)
    return urlunsplit(parts._replace(query=query))


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
