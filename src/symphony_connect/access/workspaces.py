"""Workspaces: made, found by name, counted, and removed when nothing of value is left in them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from symphony_connect.access import sql
from symphony_connect.base.errors import SymphonyError
from symphony_connect.core import Core
from symphony_connect.store import sql as store_sql
from symphony_connect.store.db import Row, Transaction
from symphony_connect.store.migrate import tables

MOST = 10_000


@dataclass(frozen=True)
class Workspace:
    id: str
    name: str


async def create(core: Core, name: str) -> str:
    """Returns the id. Raises SymphonyError when there is one of this name."""
    async with core.store.writing() as tx:
        if await tx.one(sql.workspace_by_name, name=name):
            raise SymphonyError(f"There is a workspace {name!r} already.")
        id = core.ids.new("ws")
        await tx.run(sql.workspace_add, id=id, name=name, at=core.clock())
    return id


async def list_workspaces(core: Core) -> list[Workspace]:
    """The oldest first; no more than 10,000."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.workspaces, most=MOST)
    return [Workspace(row["id"], row["name"]) for row in rows]


async def find_workspace(core: Core, name: str) -> Workspace:
    """Raises SymphonyError with the nearest name there is."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.workspace_by_name, name=name)
        if row is None:
            raise await _unknown(tx, name)
    return Workspace(row["id"], row["name"])


async def one_workspace(core: Core, name: str | None) -> Workspace:
    """The one of this name; without a name the only one. Raises SymphonyError."""
    if name:
        return await find_workspace(core, name)
    found = await list_workspaces(core)
    if len(found) != 1:
        what = "There are several workspaces" if found else "There is no workspace"
        raise SymphonyError(f"{what}: name one with --workspace; symphony-connect workspaces list shows them.")
    return found[0]


async def count_contents(core: Core) -> list[Row]:
    """Id, name, time of making, and how many brands and keys in use each has; the oldest first."""
    async with core.store.reading() as tx:
        return await tx.all(sql.workspaces_counted)


def nearest(names: Iterable[str], name: str) -> str:
    """A sentence that names what may have been meant; empty when nothing is near."""
    near = difflib.get_close_matches(name, list(names), 1, 0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


async def _unknown(tx: Transaction, name: str) -> SymphonyError:
    names = [row["name"] for row in await tx.all(sql.workspaces, most=MOST)]
    return SymphonyError(f"There is no workspace {name!r}.{nearest(names, name)} See: symphony-connect workspaces list")


async def remove(core: Core, name: str) -> None:
    """Destroys the workspace with its keys and its history.

    Raises SymphonyError when there is none of this name, or when it still has brands or tokens.
    """
    async with core.store.writing() as tx:
        row = await tx.one(sql.workspace_by_name, name=name)
        if row is None:
            raise await _unknown(tx, name)
        holds = await tx.one(sql.workspace_holds, id=row["id"])
        assert holds is not None
        if holds["brands"] or holds["grants"]:
            raise SymphonyError(
                f"Workspace {name!r} is in use (brands: {holds['brands']}, sealed tokens: {holds['grants']}). "
                "Disconnect them first, so that the platforms revoke their tokens: "
                "DELETE /api/sym/v2/brands?brandId=…, for each brand."
            )
        await _destroy(tx, row["id"])


async def _destroy(tx: Transaction, id: str) -> None:
    """Rows of every table that belong to the workspace; those that refer to others go before them."""
    for table in reversed(tables()):
        columns = {row["name"] for row in await tx.all(store_sql.columns_of, table=table)}
        if table == "workspaces":
            which = "id = '{0}'"
        elif "workspace_id" in columns:
            which = "workspace_id = '{0}'"
        elif "connection_id" in columns:
            which = "connection_id IN (SELECT id FROM connections WHERE workspace_id = '{0}')"
        else:
            continue
        # Table and id are our own words: neither came from outside.
        await tx.script(f"DELETE FROM {table} WHERE {which.format(id)}")  # noqa: S608
