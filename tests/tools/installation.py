"""A whole installation in a database, put there without platforms: every kind of row, every token a canary."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from symphony_connect import config, connect, rotation
from symphony_connect.app import opened_core
from symphony_connect.cli import keys
from symphony_connect.core import Connection, Core, record
from symphony_connect.ids import fingerprint
from symphony_connect.model import Grant, Secret
from symphony_connect.store.db import Session
from symphony_connect.vault import Binding

PLATFORM = "tiktok"
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
    made = await keys.add(core, "acme", "for tests", False, ("brands:read", "tokens:read"), [])
    async with core.store.writing() as session:
        row = await session.one("workspace_by_name", name=made["workspace"])
        assert row is not None
        for number in range(1, brands + 1):
            await _brand(session, core, row["id"], number)
            if number % 10 == 0:
                await _under_way(session, core, row["id"], number)


async def _brand(session: Session, core: Core, workspace_id: str, number: int) -> None:
    id, now = core.ids.new("conn"), core.clock()
    binding = Binding(workspace_id, number, PLATFORM, "grant")
    status = "disconnected" if number % 10 == 7 else "connected"
    await session.run("brand_put", workspace_id=workspace_id, brand_id=number, name=f"Brand {number} “ü”", at=now)
    await session.run(
        "connection_add",
        id=id,
        workspace_id=workspace_id,
        brand_id=number,
        platform=PLATFORM,
        status=status,
        at=now,
    )
    row = await session.one("connection_by_id", id=id)
    assert row is not None
    connection = Connection.of(row)
    assert connection.binding() == binding
    slot = "revoking" if status == "disconnected" else "live"
    await connect.put_grant(session, core, connection, grant(number), slot)
    if number % 10 == 3:
        await connect.put_grant(session, core, connection, grant(number), "pending", replaces=True)
    if number % 10 == 5:
        await session.run("rotation_begin", connection_id=id, fence=1, at=now)
    await record(session, core, connection, "connection.connected", "test", identity={"id": str(number)})


async def _under_way(session: Session, core: Core, workspace_id: str, number: int) -> None:
    now = core.clock()
    await session.run(
        "flow_add",
        id=core.ids.new("flow"),
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
        sealed=await core.vault.seal(session, Binding(workspace_id, 0, PLATFORM, "flow"), {"verifier": CANARY}),
        at=now,
        expires_at=now + 600_000,
    )
    handed_over = Binding(workspace_id, 0, PLATFORM, "handed_over")
    await session.run(
        "handed_over_put",
        token_hash=fingerprint(f"{CANARY}{number}-access"),
        workspace_id=workspace_id,
        platform=PLATFORM,
        key_id=None,
        sealed=await core.vault.seal_grant(session, handed_over, grant(number)),
        expires_at=now + 900_000,
    )
    replay = Binding(workspace_id, 0, "", "replay")
    await session.one(
        "replay_claim",
        id=f"replay {number}",
        workspace_id=workspace_id,
        sealed=await core.vault.seal(session, replay, {"asked": CANARY, "answer": None}),
        now=now,
        until=now + 60_000,
    )
    await session.run(
        "session_add",
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
    for place in rotation.PLACES:
        async with core.store.reading() as session:
            async for row in rotation.sealed_values(session, place):
                value = await core.vault.open(rotation.binding_of(row), row["sealed"])
                found.append((f"{place} {row['id']} {row['id_too']}", value))
    return found


async def prefixes(core: Core) -> dict[bytes, int]:
    """How many values each key sealed."""
    async with core.store.reading() as session:
        return {bytes(row["prefix"]): row["held"] for row in await session.all("sealed_by_key")}
