"""The page for a failed sign-in: what happened, what stayed safe, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.signin.connect_sessions import ConnectSession
from symphony_connect.signin.flows import Flow
from symphony_connect.web import asks, browser, pages

KINDS = {
    "access_denied": "denied",
    "identity_mismatch": "wrong",
    "permissions_missing": "permissions",
    "platform_error": "platform",
    "session_expired": "over",
    "timeout": "timeout",
    "opener_lost": "lost",
}
"""Which words tell of a code; any other is for whoever runs the service."""
ASKS = {"wrong": "person", "declined": "person", "permissions": "missing"}
"""What trying again asks the platform for."""


@dataclass(frozen=True)
class Failure:
    """`message` is for developers: the page that opened the window gets it, an owner never reads it."""

    code: str
    message: str
    platform: Platform | None = None
    status: int = 200
    mode: str = "login"
    origin: str | None = None
    nonce: str | None = None
    flow: Flow | None = None
    held: ConnectSession | None = None


def of_flow(flow: Flow, platform: Platform, held: ConnectSession | None, code: str | None = None) -> Failure:
    """How a sign-in failed; `code` where it is about to."""
    why = code or flow.error_code or "platform_error"
    return Failure(
        why, flow.error_message or why, platform, 200, flow.mode, flow.origin, flow.nonce, flow=flow, held=held
    )


def page(request: Request, core: Core, failure: Failure) -> HTMLResponse:
    flow, held = failure.flow, failure.held
    details = (flow.result if flow and flow.step == "failed" else None) or {}
    kind = "declined" if details.get("by") == "owner" else KINDS.get(failure.code, "setup")
    place = failure.platform
    return pages.owner_page(
        request,
        core,
        "failed.html",
        failure.status,
        held,
        kind=kind,
        step=(1 if kind == "denied" else 2) if held else None,
        place=place.login_name if place else "",
        message=failure.message,
        before=asks.short(details["before"]) if details.get("before") else None,
        now=details.get("now"),
        reference=flow.id[-6:] if flow else None,
        again=_again(flow, held, kind),
        reopen=browser.any_link(request, core),
        back=pages.return_url(
            held, "denied" if kind in ("denied", "declined") else "failed", place.name if place else None
        ),
        outcome=_outcome(failure),
        origin_of_page=failure.origin,
    )


def _again(flow: Flow | None, held: ConnectSession | None, kind: str) -> str | None:
    if flow is None or held is None or held.over or flow.platform in held.used:
        return None
    return f"/oauth/{flow.platform}/again/{flow.id}?ask={ASKS.get(kind, 'all')}"


def _outcome(failure: Failure) -> str | None:
    """For `popup.js`, where a page waits for it."""
    if not (failure.origin and failure.nonce):
        return None
    error: dict[str, Any] = {"code": failure.code, "message": failure.message}
    return pages.outcome(
        mode=failure.mode,
        platform=failure.platform.name if failure.platform else "",
        flow="",
        origin=failure.origin,
        nonce=failure.nonce,
        ok=False,
        error=error,
    )
