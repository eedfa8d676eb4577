"""A whole installation in a database, put there without platforms: every kind of row, every token a canary."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from symphony_connect.access import keyring
from symphony_connect.access import sql as access_sql
from symphony_connect.access.keyring import NewKey
from symphony_connect.app import opened_core
from symphony_connect.base import config
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Grant, Secret
from symphony_connect.connections import connect, handed_over
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.events import record
from symphony_connect.core import Core
from symphony_connect.signin import sql as signin_sql
from symphony_connect.store.db import Transaction
from symphony_connect.vault import rekey
from symphony_connect.vault import sql as vault_sql
from symphony_connect.vault.vault import Binding
from tests.platforms.chosen import ANY

PLATFORM = ANY
CANARY = "canary-token-"


def master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def environment(database_url: str, folder: Path, master: str, **more: str) -> dict[str, str]:
    return {
        "SYMPHONY_DATABASE_URL": database_url,
        "SYMPHONY_DATA_DIR": str(folder),
        "SYMPHONY_MASTER_KEY": master,
        **more,
    }


@asynccontextmanager
async def opened(env: Mapping[str, str]) -> AsyncIterator[Core]:
    async with opened_core(config.load(env)) as core:
        yield core


def grant(number: int) -> Grant:
    return Grant(Secret(f"{CANARY}{number}-access"), refresh_token=Secret(f"{CANARY}{number}-refresh"))


async def fill(core: Core, brands: int) -> None:
    """Brands 1 … `brands`, each connected; some with a token waiting, some being revoked, and sign-ins under way."""
    await keyring.create(core, "acme", NewKey("for tests", scopes=("brands:read", "tokens:read")))
    async with core.store.writing() as tx:
        row = await tx.one(access_sql.workspace_by_name, name="acme")
        assert row is not None
        for number in range(1, brands + 1):
            await _brand(tx, core, row["id"], number)
            if number % 10 == 0:
                await _under_way(tx, core, row["id"], number)


async def _brand(tx: Transaction, core: Core, workspace_id: str, number: int) -> None:
    id, now = core.ids.new("conn"), core.clock()
    status = "disconnected" if number % 10 == 7 else "connected"
    await tx.run(
        connections_sql.brand_put, workspace_id=workspace_id, brand_id=number, name=f"Brand {number} “ü”", at=now
    )
    await tx.run(
        connections_sql.connection_add,
        id=id,
        workspace_id=workspace_id,
        brand_id=number,
        platform=PLATFORM,
        status=status,
        at=now,
    )
    row = await tx.one(connections_sql.connection_by_id, id=id)
    assert row is not None
    connection = Connection.of(row)
    slot = "revoking" if status == "disconnected" else "live"
    await connect.put_grant(tx, core, connection, grant(number), slot)
    if number % 10 == 3:
        await connect.put_grant(tx, core, connection, grant(number), "pending", replaces=True)
    if number % 10 == 5:
        await tx.run(connections_sql.journal_open, connection_id=id, fence=1, at=now)
    await record(tx, core, connection, "connection.connected", "test", identity={"id": str(number)})


async def _under_way(tx: Transaction, core: Core, workspace_id: str, number: int) -> None:
    now, flow = core.clock(), core.ids.new("flow")
    await tx.run(
        signin_sql.flow_add,
        id=flow,
        state_hash=fingerprint(f"state {number}"),
        nonce=f"nonce {number}",
        browser_hash="browser",
        mode="login",
        platform=PLATFORM,
        workspace_id=workspace_id,
        key_id=None,
        session_id=None,
        origin=None,
        scopes="[]",
        sealed=await core.vault.seal(tx, Binding(workspace_id, 0, PLATFORM, "flow", flow), {"verifier": CANARY}),
        at=now,
        expires_at=now + 600_000,
    )
    token = Secret(f"{CANARY}{number}-access")
    await handed_over.keep(tx, core, workspace_id, PLATFORM, None, token, grant(number), "1")
    stray = core.ids.new("stray")
    sealed = await core.vault.seal_grant(tx, Binding(workspace_id, 0, PLATFORM, "stray", stray), grant(number))
    await tx.run(
        connections_sql.stray_add,
        id=stray,
        workspace_id=workspace_id,
        platform=PLATFORM,
        identity_id=None,
        flow_id=None,
        brand_id=number,
        sealed=sealed,
        created_at=now,
        due_at=now + 3_600_000,
    )
    replay = Binding(workspace_id, 0, "", "replay", f"replay {number}")
    await tx.one(
        access_sql.replay_claim,
        id=f"replay {number}",
        workspace_id=workspace_id,
        sealed=await core.vault.seal(tx, replay, {"asked": CANARY, "answer": None}),
        now=now,
        until=now + 60_000,
    )
    await tx.run(
        signin_sql.connect_session_add,
        id=core.ids.new("cs"),
        token_hash=fingerprint(f"session {number}"),
        workspace_id=workspace_id,
        brand_id=number,
        brand_name=None,
        platforms=json.dumps([PLATFORM]),
        redirect_url=None,
        replace_identity=0,
        pinned="{}",
        at=now,
        expires_at=now + 3_600_000,
    )


async def everything(core: Core) -> list[tuple[str, object]]:
    """Every sealed value, opened, with its table: to compare before and after."""
    found: list[tuple[str, object]] = []
    for place in rekey.PLACES:
        async with core.store.reading() as tx:
            async for row in rekey.sealed_values(tx, place):
                value = await core.vault.open(rekey.binding_of(row), row["sealed"])
                found.append((f"{place} {row['id']} {row['id_too']}", value))
    return found


async def prefixes(core: Core) -> dict[bytes, int]:
    """How many values each key sealed."""
    async with core.store.reading() as tx:
        return {bytes(row["prefix"]): row["held"] for row in await tx.all(vault_sql.sealed_by_key)}
