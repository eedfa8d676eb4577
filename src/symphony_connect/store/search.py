"""What people search in: one text for each brand and each connection, in one case, kept beside the names themselves.

The case is taken away here and not by the database: PostgreSQL knows only as many letters as its locale does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symphony_connect.base.letters import folded
from symphony_connect.store import bulk, sql
from symphony_connect.store.transaction import Row, Transaction

TABLE = "searched"
COLUMNS = ("workspace_id", "brand_id", "connection_id", "brand", "words")


def of_brand(brand_id: int, name: str | None) -> str:
    """By what a brand is found."""
    return folded(f"{brand_id} {name or ''}".rstrip())


def of_connection(brand_id: int, row: Mapping[str, Any]) -> str:
    """By what a connection is found: `row` has `name`, `identity_name` and `ad_account_words`."""
    rest = (row["identity_name"], row["ad_account_words"])
    return " ".join([of_brand(brand_id, row["name"]), *(folded(text) for text in rest if text)])


async def keep(tx: Transaction, workspace_id: str, brand_id: int) -> None:
    """Bring a brand's texts up to date, after a name of its own or of a connection may have changed."""
    of = {"workspace_id": workspace_id, "brand_id": brand_id}
    wanted = {row["id"]: _texts(brand_id, row) for row in await tx.all(sql.search_source, **of)}
    stored = {row["connection_id"]: (row["brand"], row["words"]) for row in await tx.all(sql.search_stored, **of)}
    for id, (brand, words) in wanted.items():
        if stored.get(id) != (brand, words):
            await tx.run(sql.search_put, **of, connection_id=id, brand=brand, words=words)
    for id in stored.keys() - wanted.keys():
        await tx.run(sql.search_forget, **of, connection_id=id)


async def rebuild(tx: Transaction) -> None:
    """Write the texts of everything, in the caller's transaction: after an import, and when the table is new."""
    await bulk.empty(tx, TABLE)
    place: tuple[str, int] = ("", 0)
    while rows := await tx.all(sql.search_brands_all, workspace_id=place[0], brand_id=place[1], most=bulk.BATCH):
        await _fill(tx, rows, lambda row: {"connection_id": "", "brand": of_brand(row["brand_id"], row["name"])})
        place = rows[-1]["workspace_id"], rows[-1]["brand_id"]
    last = ""
    while rows := await tx.all(sql.search_connections_all, id=last, most=bulk.BATCH):
        await _fill(tx, rows, lambda row: {"connection_id": row["id"], "words": of_connection(row["brand_id"], row)})
        last = rows[-1]["id"]


def _texts(brand_id: int, row: Row) -> tuple[str | None, str | None]:
    if row["id"]:
        return None, of_connection(brand_id, row)
    return of_brand(brand_id, row["name"]), None


async def _fill(tx: Transaction, rows: list[Row], text: Any) -> None:
    blank = {"brand": None, "words": None}
    made = [blank | {"workspace_id": row["workspace_id"], "brand_id": row["brand_id"]} | text(row) for row in rows]
    await bulk.fill(tx, TABLE, COLUMNS, made)
