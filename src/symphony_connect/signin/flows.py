"""A sign-in in progress, as stored. It is found by id, state or nonce, and belongs to one browser."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from symphony_connect.base.clock import DAY, MINUTE
from symphony_connect.base.ids import fingerprint
from symphony_connect.core import Core
from symphony_connect.signin import sql
from symphony_connect.store.db import Row
from symphony_connect.vault.vault import Binding

FLOW_LIFE = 10 * MINUTE
FAILED_KEPT = 7 * DAY
"""How long one that failed can still be found by its code."""

ERROR_CODES = (
    "access_denied",
    "opener_lost",
    "origin_not_allowed",
    "permissions_missing",
    "identity_mismatch",
    "session_expired",
    "not_configured",
    "invalid_request",
    "platform_error",
    "timeout",
)
"""Why a flow may fail: the codes of the browser SDK."""


class FlowUnknown(Exception):
    """This browser has no such flow: the state is unknown, used, expired or belongs to another browser."""


@dataclass(frozen=True)
class Start:
    """Who starts a sign-in, and from where. `browser` is the secret in that browser's cookie."""

    mode: str
    platform: str
    workspace_id: str
    browser: str
    origin: str | None = None
    nonce: str | None = None
    key_id: str | None = None
    session_id: str | None = None
    scopes: tuple[str, ...] = ()
    auth_type: str | None = None


@dataclass(frozen=True)
class Flow:
    """A flow as stored, without its secrets."""

    id: str
    mode: str
    platform: str
    workspace_id: str
    key_id: str | None
    session_id: str | None
    origin: str | None
    nonce: str | None
    scopes: tuple[str, ...]
    step: str
    result: dict[str, Any] | None
    error_code: str | None
    error_message: str | None
    created_at: int
    expires_at: int

    @classmethod
    def of(cls, row: Row) -> Flow:
        plain = {name: row[name] for name in cls.__dataclass_fields__ if name not in ("scopes", "result")}
        return cls(
            **plain,
            scopes=tuple(json.loads(row["scopes"])),
            result=json.loads(row["result"]) if row["result"] else None,
        )

    @property
    def shown(self) -> dict[str, Any]:
        """What the page that started the flow learns of the connection: only what the browser SDK promises."""
        return {name: (self.result or {}).get(name) for name in ("brandId", "platform", "status", "identity")}

    @property
    def binding(self) -> Binding:
        return Binding(self.workspace_id, 0, self.platform, "flow", self.id)


async def of_browser(core: Core, flow_id: str, browser: str) -> Flow:
    """A flow of this browser. Raises FlowUnknown."""
    return Flow.of(await row(core, flow_id, browser))


async def row(core: Core, flow_id: str, browser: str) -> Row:
    """The flow's row with its sealed value, for the browser that started it. Raises FlowUnknown."""
    async with core.store.reading() as tx:
        found = await tx.one(sql.flow_by_id, id=flow_id)
    if found is None or not hmac.compare_digest(found["browser_hash"], fingerprint(browser)):
        raise FlowUnknown
    return found


async def belongs(core: Core, flow: Flow, browser: str) -> bool:
    """Whether this browser started the flow."""
    try:
        await row(core, flow.id, browser)
    except FlowUnknown:
        return False
    return True


async def by_nonce(core: Core, nonce: str) -> Flow | None:
    """The flow with this nonce, for the page that started it; the nonce is that page's secret."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.flow_by_nonce, nonce=nonce)
    if row is None:
        return None
    flow = Flow.of(row)
    if flow.step not in ("done", "failed") and flow.expires_at <= core.clock():
        return replace(flow, step="failed", error_code="timeout", error_message="The sign-in took too long.")
    return flow


async def by_code(core: Core, code: str) -> list[Row]:
    """Sign-ins whose id ends with this support code, the newest first.

    Where an id matches in upper and lower case too, only such ids are returned.
    """
    async with core.store.reading() as tx:
        rows = await tx.all(sql.flows_by_code, code=code)
    return [row for row in rows if row["id"].endswith(code)] or rows


CODE = re.compile(r"[0-9A-Za-z]{6}|flow_[0-9A-Za-z]{20,40}")
"""What an owner's page shows when a sign-in fails, or the whole id."""


async def by_code_in(core: Core, workspace_id: str, text: str) -> list[Row]:
    """The workspace's sign-ins whose code, as an owner's page shows it, or whose whole id was searched for."""
    code = text.strip()
    if not CODE.fullmatch(code):
        return []
    return [row for row in await by_code(core, code) if row["workspace_id"] == workspace_id]


async def fail(core: Core, flow: Flow, code: str, message: str, shown: dict[str, Any] | None = None) -> None:
    """End the flow as failed. `shown` is what its page may show besides the code; never a secret."""
    result = json.dumps(shown) if shown else None
    async with core.store.writing() as tx:
        await tx.run(sql.flow_fail, id=flow.id, error_code=code, error_message=message, result=result)
