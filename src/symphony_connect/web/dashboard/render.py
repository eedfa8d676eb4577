"""Renders the dashboard's pages, and writes times in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import HTMLResponse

from symphony_connect.access.dashboard_access import Visitor
from symphony_connect.base.clock import DAY, HOUR, MINUTE, SECOND, rfc3339
from symphony_connect.base.config import is_loopback
from symphony_connect.connections.heartbeat import SILENCE
from symphony_connect.core import Core
from symphony_connect.platforms.base import SignIn
from symphony_connect.web.dashboard import lists, words
from symphony_connect.web.headers import CSP
from symphony_connect.web.pages import templates

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": CSP,
    # `no-referrer` would make browsers send our own forms with `Origin: null`.
    "referrer-policy": "same-origin",
}


FAR = 300 * DAY
"""Beyond this, a day and a month might be taken for those of the wrong year."""


@dataclass(frozen=True)
class Times:
    """Milliseconds since the epoch in words, seen from now; all UTC."""

    now: int

    def iso(self, at: int) -> str:
        return rfc3339(at) or ""

    def day(self, at: int) -> str:
        """`27 Nov`; with the year when it is far from now."""
        when = _utc(at)
        return f"{when.day} {when:%b}" + (f" {when.year}" if abs(at - self.now) > FAR else "")

    def stamp(self, at: int) -> str:
        """`04:11` today, else `20 Nov 04:11`."""
        when, today = _utc(at), _utc(self.now)
        clock = f"{when:%H:%M}"
        return clock if when.date() == today.date() else f"{self.day(at)} {clock}"

    def away(self, at: int) -> str:
        """`in 6 days`, `3 h ago`."""
        span = length(abs(at - self.now))
        return f"in {span}" if at > self.now else f"{span} ago"


def length(milliseconds: int) -> str:
    """`40 s`, `5 min`, `3 h`, `6 days`: the largest unit that is at least two, rounded down."""
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if milliseconds >= 2 * unit:
            return f"{milliseconds // unit} {name}"
    return f"{milliseconds // SECOND} s"


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def sandbox(core: Core) -> bool:
    """Whether any platform's sign-in page is on this machine: then nobody is real."""
    nobody = SignIn(state="", redirect_uri="", scopes=(), code_challenge="")
    configured = (platform for platform in core.platforms.values() if not platform.missing_settings)
    return any(is_loopback(platform.authorization_url(nobody)) for platform in configured)


def names(core: Core) -> dict[str, str]:
    """Platforms as pages call them, by their names in the store."""
    return {name: words.short(platform) for name, platform in core.platforms.items()}


def stale(core: Core, visitor: Visitor) -> bool:
    """Whether nobody tends the connections."""
    return visitor.beat is None or core.clock() - visitor.beat > SILENCE


async def pulse(core: Core, visitor: Visitor) -> str:
    """The id of the workspace's newest event: while it stays the same, an open page is up to date."""
    return await lists.newest_event(core, visitor.caller.workspace_id) or "none"


def page(core: Core, template: str, visitor: Visitor | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """A page; `visitor` None for those before anybody signed in."""
    html = templates.get_template(f"dashboard/{template}").render(
        visitor=visitor,
        times=Times(core.clock()),
        words=words,
        is_sandbox=sandbox(core),
        stale=visitor is not None and stale(core, visitor),
        clock_off=visitor is not None and (core.watch.off or bool(core.watch.others_off)),
        names=names(core),
        **values,
    )
    return HTMLResponse(html, status, HEADERS)
