"""The workspace's endpoints: made, changed, removed, and their secrets."""

from __future__ import annotations

import base64
import secrets as randomness
from dataclasses import dataclass, field

from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import Problem
from symphony_connect.connections.event_types import DELIVERED
from symphony_connect.core import Core
from symphony_connect.store.db import Row, Transaction
from symphony_connect.vault.vault import Binding
from symphony_connect.webhooks import sql
from symphony_connect.webhooks.addresses import Resolve, check_host, check_url, resolve

MOST = 20
"""Endpoints of one workspace."""
BOTH = DAY
"""How long the secret before the newest one still signs."""


@dataclass(frozen=True)
class Endpoint:
    """As stored. Times are milliseconds since the epoch; `types` is None for all."""

    id: str
    url: str
    types: tuple[str, ...] | None
    description: str
    created_at: int
    disabled_at: int | None
    disabled_why: str | None
    """`gone`: it answered 410; `by_request`."""

    @classmethod
    def of(cls, row: Row) -> Endpoint:
        types = tuple(row["types"].strip(",").split(",")) if row["types"] else None
        return cls(**{name: row[name] for name in cls.__dataclass_fields__ if name != "types"}, types=types)


@dataclass(frozen=True)
class Change:
    """What to store; None leaves a field as it is. `types`: empty for all."""

    url: str | None = None
    types: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True)
class Made:
    endpoint: Endpoint
    secret: str = field(repr=False)
    """`whsec_…`: shown once."""


async def create(core: Core, workspace_id: str, ask: Change, resolving: Resolve = resolve) -> Made:
    """Raises Problem `invalid_request`."""
    url = check_url(core.settings, ask.url or "")
    types = _types(ask.types or ())
    await check_host(core.settings, url, resolving)
    id, now = core.ids.new("we"), core.clock()
    async with core.store.writing() as tx:
        if len(await tx.all(sql.endpoints, workspace_id=workspace_id)) >= MOST:
            raise Problem("invalid_request", f"A workspace has up to {MOST} endpoints; remove one.")
        of = {"id": id, "workspace_id": workspace_id, "url": str(url), "types": types, "at": now}
        await tx.run(sql.endpoint_add, **of, description=ask.description or "")
        secret = await _new_secret(tx, core, workspace_id, id)
        row = await tx.one(sql.endpoint, id=id, workspace_id=workspace_id)
    assert row is not None
    return Made(Endpoint.of(row), secret)


async def find(core: Core, workspace_id: str, id: str) -> Endpoint:
    """Raises Problem `not_found`."""
    async with core.store.reading() as tx:
        return Endpoint.of(await _row(tx, workspace_id, id))


async def list_endpoints(core: Core, workspace_id: str) -> list[tuple[Endpoint, int, int]]:
    """The oldest first, each with how many deliveries wait, and how many were given up."""
    async with core.store.pages() as tx:
        rows = await tx.all(sql.endpoints, workspace_id=workspace_id)
    return [(Endpoint.of(row), row["pending"], row["failed"]) for row in rows]


async def change(core: Core, workspace_id: str, id: str, ask: Change, resolving: Resolve = resolve) -> Endpoint:
    """Raises Problem `not_found` or `invalid_request`. While disabled, no event is queued for it."""
    before = await find(core, workspace_id, id)
    url = before.url
    if ask.url is not None:
        checked = check_url(core.settings, ask.url)
        await check_host(core.settings, checked, resolving)
        url = str(checked)
    now = core.clock()
    enabled = before.disabled_at is None if ask.enabled is None else ask.enabled
    async with core.store.writing() as tx:
        row = await _row(tx, workspace_id, id)
        await tx.one(
            sql.endpoint_change,
            id=id,
            workspace_id=workspace_id,
            url=url,
            types=row["types"] if ask.types is None else _types(ask.types),
            description=row["description"] if ask.description is None else ask.description,
            disabled_at=None if enabled else row["disabled_at"] or now,
            disabled_why=None if enabled else row["disabled_why"] or "by_request",
        )
        return Endpoint.of(await _row(tx, workspace_id, id))


async def remove(core: Core, workspace_id: str, id: str) -> None:
    """With its secrets and its deliveries. Raises Problem `not_found`."""
    async with core.store.writing() as tx:
        await _row(tx, workspace_id, id)
        await tx.run(sql.deliveries_delete, endpoint_id=id)
        await tx.run(sql.secrets_delete, endpoint_id=id)
        await tx.run(sql.endpoint_delete, id=id)


async def rotate(core: Core, workspace_id: str, id: str) -> tuple[str, int]:
    """A new secret, and until when (milliseconds) the one before it signs too. Raises Problem `not_found`."""
    until = core.clock() + BOTH
    async with core.store.writing() as tx:
        await _row(tx, workspace_id, id)
        await tx.run(sql.secrets_forget, endpoint_id=id)
        await tx.run(sql.secrets_retire, endpoint_id=id, until=until)
        return await _new_secret(tx, core, workspace_id, id), until


async def secrets_of(core: Core, endpoint_id: str) -> list[str]:
    """Those that are good now, the newest first."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.secrets_good, endpoint_id=endpoint_id, now=core.clock())
    return [await core.vault.open(_binding(row["workspace_id"], row["id"]), row["sealed"]) for row in rows]


async def _new_secret(tx: Transaction, core: Core, workspace_id: str, endpoint_id: str) -> str:
    id = core.ids.new("whs")
    secret = "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()
    sealed = await core.vault.seal(tx, _binding(workspace_id, id), secret)
    of = {"id": id, "workspace_id": workspace_id, "endpoint_id": endpoint_id}
    await tx.run(sql.secret_add, **of, sealed=sealed, at=core.clock())
    return secret


def _binding(workspace_id: str, id: str) -> Binding:
    return Binding(workspace_id, 0, "", "webhook_secret", id)


async def _row(tx: Transaction, workspace_id: str, id: str) -> Row:
    row = await tx.one(sql.endpoint, id=id, workspace_id=workspace_id)
    if row is None:
        raise Problem("not_found", "There is no such webhook endpoint; GET /webhooks lists them.")
    return row


def _types(types: tuple[str, ...]) -> str:
    """As they are stored. Raises Problem `invalid_request`."""
    for type in types:
        if type not in DELIVERED:
            raise Problem(
                "invalid_request", f"{type[:60]!r} is not delivered; known are: {', '.join(DELIVERED)}.", field="types"
            )
    return f",{','.join(dict.fromkeys(types))}," if types else ""
