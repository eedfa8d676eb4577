"""Renders templates. Pages carry no token, are never stored, and load nothing from another host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from symphony_connect.base import isolation
from symphony_connect.core import Core
from symphony_connect.signin.connect_sessions import ConnectSession
from symphony_connect.web import browser, messages
from symphony_connect.web.headers import CSP

HERE = Path(__file__).parent
templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters |= {"bdi": isolation.bdi, "isolated": isolation.isolated, "as_title": isolation.as_title}


def render(core: Core, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the operator's colours and name."""
    branding = core.settings.branding
    html = templates.get_template(template).render(branding=branding, **values)
    return HTMLResponse(html, status, {"cache-control": "no-store", "content-security-policy": CSP})


def owner_page(
    request: Request, core: Core, template: str, status: int = 200, held: ConnectSession | None = None, **values: Any
) -> HTMLResponse:
    """A page for a brand's owner: in their language, saying who asks and for which brand.

    `step` among the values is 1 to 3, where the page is one of the steps.
    """
    language = messages.preferred(request.headers.get("accept-language", ""))
    asker = core.settings.branding.name or (held.workspace_name if held else "Symphony Connect")
    speaker = messages.Speaker(language, asker=asker)
    brand = (held.brand_name or speaker.plain("brand", id=held.brand_id)) if held else None
    page = {
        "t": messages.Speaker(language, asker=asker, brand=brand or ""),
        "lang": language,
        "asker": asker,
        "brand": brand,
        "held": held,
        "step": None,
        "outcome": None,
        "link": browser.link_of(request, core, held) if held else None,
        "origin": core.settings.public_url,
    }
    response = render(core, template, status, **{**page, **values})
    response.headers["content-language"] = language
    response.headers["vary"] = "accept-language, cookie"
    return response


def outcome(**values: Any) -> str:
    """What `popup.js` reads from the page; never a platform token."""
    return json.dumps({"kind": "result", **values})


def return_url(held: ConnectSession | None, status: str, platform: str | None = None) -> str | None:
    """Where the owner came from, with the result: `connected`, `denied`, `failed` or `expired`; never a secret."""
    if held is None or held.redirect_url is None:
        return None
    answer = {"status": status, "brandId": str(held.brand_id), "platform": platform}
    return with_query(held.redirect_url, **{name: value for name, value in answer.items() if value})


def with_query(url: str, **values: str) -> str:
    """The URL with these query parameters, each once: they replace its own of the same names."""
    parts = urlsplit(url)
    own = [part for part in parts.query.split("&") if unquote_plus(part.partition("=")[0]) not in values]
    query = "&".join(part for part in (*own, urlencode(values)) if part)
    return urlunsplit(parts._replace(query=query))
