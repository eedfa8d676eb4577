"""A sign-in under way, as the store has it: looked up by id, state or nonce, and always by its browser."""

from __future__ import annotations

import hmac
import json
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
"""Why a flow may fail, in the browser SDK's words."""


class FlowUnknown(Exception):
    """No such flow for this browser: the state is unknown, spent, late or another browser's."""


@dataclass(frozen=True)
class Start:
    """Who begins a sign-in, from where. `browser` is the secret in that browser's cookie."""

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
    """As the store has it, without its secrets."""

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
    def told(self) -> dict[str, Any]:
        """What a page that began may know of a connection made: no more than the browser SDK promises."""
        return {name: (self.result or {}).get(name) for name in ("brandId", "platform", "status", "identity")}

    @property
    def binding(self) -> Binding:
        return Binding(self.workspace_id, 0, self.platform, "flow")


async def mine(core: Core, flow_id: str, browser: str) -> Flow:
    """A flow of this browser. Raises FlowUnknown."""
    return Flow.of(await row(core, flow_id, browser))


async def row(core: Core, flow_id: str, browser: str) -> Row:
    """The flow's row with its sealed value, for the browser that began it. Raises FlowUnknown."""
    async with core.store.reading() as tx:
        found = await tx.one(sql.flow_by_id, id=flow_id)
    if found is None or not hmac.compare_digest(found["browser_hash"], fingerprint(browser)):
        raise FlowUnknown
    return found


async def by_nonce(core: Core, nonce: str) -> Flow | None:
    """What the page that began may know of its flow; the nonce is its secret."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.flow_by_nonce, nonce=nonce)
    if row is None:
        return None
    flow = Flow.of(row)
    if flow.step not in ("done", "failed") and flow.expires_at <= core.clock():
        return replace(flow, step="failed", error_code="timeout", error_message="The sign-in took too long.")
    return flow


async def fail(core: Core, flow: Flow, code: str, message: str, shown: dict[str, Any] | None = None) -> None:
    """End it. `shown` is what the page tells its owner beyond the code; never a secret."""
    result = json.dumps(shown) if shown else None
    async with core.store.writing() as tx:
        await tx.run(sql.flow_fail, id=flow.id, error_code=code, error_message=message, result=result)
