"""Who may use the dashboard: one-time links, sessions in a cookie, and what a session may do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from symphony_connect.access import sql
from symphony_connect.access.api_keys import SCOPES, Scope, kind_of
from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import HOUR, MINUTE
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint, form_token
from symphony_connect.core import Core

LINK_LIFE = 5 * MINUTE
SESSION_LIFE = 12 * HOUR
"""By the clock of people, as their cookies: a step of the demo's clock signs nobody out."""
SECRET = 43
"""Base62 characters of every secret here: 256 bits."""
ACTOR = "dashboard"
"""How events name a person who signed in by a link."""


@dataclass(frozen=True)
class Visitor:
    """A person at the dashboard. `csrf` goes into every form; the session's secret cannot be derived from it."""

    caller: Caller
    workspace: str
    signed_in_as: str
    csrf: str = field(repr=False)
    beat: int | None
    """When a process last said that it tends the connections."""

    def may(self, scope: Scope) -> bool:
        return scope in self.caller.scopes

    def needs(self, scope: Scope) -> None:
        """Raises Problem `missing_scope`."""
        if not self.may(scope):
            raise Problem("missing_scope", f"The key you signed in with lacks the scope {scope}.")


def csrf_of(secret: str) -> str:
    """The token that a page's forms carry, from the secret in the browser's cookie."""
    return form_token(secret, "dashboard")


async def make_link(core: Core, workspace_id: str) -> str:
    """The secret of a link that signs one person in, once, within five minutes."""
    secret, now = core.ids.secret(SECRET), core.clock()
    async with core.store.writing() as tx:
        await tx.run(sql.dashboard_links_forget, now=now)
        await tx.run(
            sql.dashboard_link_add, hash=fingerprint(secret), workspace_id=workspace_id, expires_at=now + LINK_LIFE
        )
    return secret


async def link_workspace(core: Core, secret: str) -> str | None:
    """The name of the workspace that a link leads to; None when it is over. Spends nothing."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.dashboard_link, hash=fingerprint(secret), now=core.clock())
    return row["workspace_name"] if row else None


async def spend_link(core: Core, secret: str) -> str | None:
    """Exchange a link that still works for a session's secret; the link is deleted. None when it is over."""
    async with core.store.writing() as tx:
        row = await tx.one(sql.dashboard_link_spend, hash=fingerprint(secret), now=core.clock())
    return await begin(core, row["workspace_id"], None) if row else None


async def sign_in(core: Core, key: str) -> str | None:
    """A session's secret for a secret key without bounds that may read brands; None for any other key."""
    if kind_of(key) != "secret":
        return None
    async with core.store.reading() as tx:
        row = await tx.one(sql.key_by_hash, hash=fingerprint(key), now=core.clock())
    if row is None or row["bounds"] != "{}" or "brands:read" not in json.loads(row["scopes"]):
        return None
    return await begin(core, row["workspace_id"], row["id"])


async def begin(core: Core, workspace_id: str, key_id: str | None) -> str:
    """The secret of a new session; `key_id` is None after a sign-in by a link."""
    secret, now = core.ids.secret(SECRET), core.watch.unmoved()
    async with core.store.writing() as tx:
        await tx.run(sql.dashboard_sessions_forget, now=now)
        await tx.run(
            sql.dashboard_session_add,
            hash=fingerprint(secret),
            workspace_id=workspace_id,
            key_id=key_id,
            at=now,
            expires_at=now + SESSION_LIFE,
        )
    return secret


async def visitor_of(core: Core, secret: str) -> Visitor | None:
    """Who holds this session, in one statement; None when it is over."""
    async with core.store.reading() as tx:
        times = {"now": core.watch.unmoved(), "keys_now": core.clock()}
        row = await tx.one(sql.dashboard_session, hash=fingerprint(secret), **times)
    if row is None:
        return None
    by_key = row["key_id"] is not None
    scopes = frozenset(json.loads(row["scopes"]) if by_key else SCOPES)
    return Visitor(
        caller=Caller(row["workspace_id"], row["key_id"] or ACTOR, "secret", scopes, ()),
        workspace=row["workspace_name"],
        signed_in_as=f"key {row['key_name'] or row['key_id']}" if by_key else "one-time link",
        csrf=csrf_of(secret),
        beat=row["beat"],
    )


async def sign_out(core: Core, secret: str) -> None:
    async with core.store.writing() as tx:
        await tx.run(sql.dashboard_session_end, hash=fingerprint(secret))
