"""What a token read is measured against: ASGI applications that do nothing else, on the same server.

`granian --interface asgi --factory bench.baselines:bare` answers a constant. `sqlite` and `postgresql` read one row by
its key, open one sealed value and answer JSON, as plainly as the drivers allow: no key, no limit, no log line.
`prepare` makes the row that they read, in a database of its own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import tink
from tink import aead, secret_key_access

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Any, Send], Awaitable[None]]

PLACE = b"ws_1|7|platform|grant"
GRANT = {"access_token": "x" * 190, "refresh_token": None, "scopes": ["ads_read"], "expires_at": 1_900_000_000_000}
CREATE = "CREATE TABLE reads (brand_id BIGINT PRIMARY KEY, status TEXT, scopes TEXT, accounts TEXT, sealed {blob})"
SELECT = "SELECT brand_id, status, scopes, accounts, sealed FROM reads WHERE brand_id = "
ROW = (7, "connected", '["ads_read"]', '[{"id":"act_1","name":"One","status":"active"}]')


def bare() -> App:
    """A constant of about the size of a token's answer."""
    body = msgspec.json.encode(_answer(ROW, GRANT))

    async def app(scope: dict[str, Any], _receive: Any, send: Send) -> None:
        if scope["type"] == "http":
            await _send(send, body)

    return app


def sqlite() -> App:
    """BENCH_DATABASE is the file that `prepare` made."""
    opened = _key()
    connection = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None)

    async def app(scope: dict[str, Any], _receive: Any, send: Send) -> None:
        if scope["type"] == "http":
            row = connection.execute(SELECT + "?", (7,)).fetchone()
            await _send(send, _body(opened, row))

    return app


def postgresql() -> App:
    """BENCH_DATABASE is the URL that `prepare` filled. Sessions are kept, and never reset."""
    opened, idle = _key(), []

    async def app(scope: dict[str, Any], _receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            return
        session = idle.pop() if idle else await asyncpg.connect(os.environ["BENCH_DATABASE"])
        row = await session.fetchrow(SELECT + "$1", 7)
        idle.append(session)
        await _send(send, _body(opened, row))

    return app


async def prepare(engine: str, database: str, key: Path) -> None:
    """The table with its one row, and the key that it is sealed with."""
    aead.register()
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    key.write_text(  # noqa: ASYNC240 - nothing else runs
        tink.json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
    )
    sealed = handle.primitive(aead.Aead).encrypt(msgspec.json.encode(GRANT), PLACE)
    if engine == "sqlite":
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(CREATE.format(blob="BLOB"))
            connection.execute("INSERT INTO reads VALUES (?, ?, ?, ?, ?)", (*ROW, sealed))
        return
    session = await asyncpg.connect(database)
    await session.execute(CREATE.format(blob="BYTEA"))
    await session.execute("INSERT INTO reads VALUES ($1, $2, $3, $4, $5)", *ROW, sealed)
    await session.close()


def _key() -> aead.Aead:
    aead.register()
    text = Path(os.environ["BENCH_KEY"]).read_text()
    return tink.json_proto_keyset_format.parse(text, secret_key_access.TOKEN).primitive(aead.Aead)


def _body(key: aead.Aead, row: Any) -> bytes:
    return msgspec.json.encode(_answer(row, msgspec.json.decode(key.decrypt(row[4], PLACE))))


def _answer(row: Any, grant: dict[str, Any]) -> dict[str, Any]:
    data = {
        "accessToken": grant["access_token"],
        "expiresAt": grant["expires_at"],
        "scopes": msgspec.json.decode(row[2]),
        "adAccounts": msgspec.json.decode(row[3]),
    }
    return {"success": True, "data": data}


async def _send(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
