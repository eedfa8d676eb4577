"""Workspaces by name. The first key of a workspace makes it (`keyring.create`)."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.access import sql
from symphony_connect.base.errors import SymphonyError
from symphony_connect.core import Core

MOST = 10_000


@dataclass(frozen=True)
class Workspace:
    id: str
    name: str


async def list_workspaces(core: Core) -> list[Workspace]:
    """The oldest first; no more than 10,000."""
    async with core.store.reading() as tx:
        rows = await tx.all(sql.workspaces, most=MOST)
    return [Workspace(row["id"], row["name"]) for row in rows]


async def find_workspace(core: Core, name: str) -> Workspace:
    """Raises SymphonyError."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.workspace_by_name, name=name)
    if row is None:
        raise SymphonyError(
            f"There is no workspace {name!r}; its first key makes it: symphony-connect keys create --workspace NAME"
        )
    return Workspace(row["id"], row["name"])
