"""Whether a form was sent by a page of this service: what the browser says, and a token that the page carries."""

from __future__ import annotations

import hmac

from fastapi import Request

from symphony_connect.base.config import is_loopback, origin_of
from symphony_connect.base.errors import Problem
from symphony_connect.core import Core


def check_form(request: Request, core: Core, sent: object, expected: str) -> None:
    """Raises Problem `origin_not_allowed` unless a page of ours, with this token in it, sent the form.

    `Sec-Fetch-Site` decides where the browser sends it: no page can forge it (W3C Fetch Metadata), and a
    page without a referrer sends `Origin: null` with its own forms. Without it the origin must be ours.
    """
    token = isinstance(sent, str) and hmac.compare_digest(sent.encode(), expected.encode())
    if not token or not same_origin(request, core):
        raise Problem("origin_not_allowed", "This form did not come from a page of this service. Reload it, try again.")


def same_origin(request: Request, core: Core) -> bool:
    """Whether the browser says that the request came from a page of this service, or says nothing at all."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin" and origin in (None, "null", *_ours(request, core))
    return origin is None or origin in _ours(request, core)


def _ours(request: Request, core: Core) -> set[str]:
    """Our origin; in development also the loopback address that the browser has used."""
    host = f"http://{request.headers.get('host', '')}"
    loopback = {host} if not core.settings.production and is_loopback(host) else set()
    return {origin_of(core.settings.public_url)} | loopback
