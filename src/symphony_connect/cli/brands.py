"""`brands list|show`: what is connected, from the terminal."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

import typer
from rich.text import Text

from symphony_connect.access import sql as access_sql
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli.common import AsJson, listing, out, print_json, table, with_core, words
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.store.db import Row, Transaction
from symphony_connect.web.api.views import brand_out

app = typer.Typer(no_args_is_help=True, help="Brands and their connections.")

Workspace = Annotated[str | None, typer.Option(help="Only this workspace.")]


@app.command("list")
def list_brands(workspace: Workspace = None, as_json: AsJson = False) -> None:
    """Every brand and how its connections stand."""
    brands = with_core(lambda core: _brands(core, workspace, None))
    if as_json:
        print_json(brands)
        return
    columns = ("Workspace", "Brand", "Name", "Platform", "Status", "Connected as", "Token ends")
    listing(columns, [row for brand in brands for row in _rows(brand)])


def _rows(brand: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One for each connection; one for a brand without any."""
    of = (brand["workspace"], brand["id"], brand["name"] or "")
    return [
        (
            *of,
            connection["adPlatform"],
            " · ".join(filter(None, (connection["status"], connection["reason"]))),
            (connection["identity"] or {}).get("name", ""),
            connection["expiresAt"] or "never",
        )
        for connection in brand["connections"]
    ] or [(*of, "", "", "", "")]


@app.command()
def show(
    brand_id: Annotated[int, typer.Argument(help="The brand's integer id.")],
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """One brand in full."""
    brands = with_core(lambda core: _brands(core, workspace, brand_id))
    if not brands:
        raise SymphonyError(f"There is no brand {brand_id}; see: symphony-connect brands list")
    if as_json:
        print_json(brands if len(brands) > 1 else brands[0])
        return
    for brand in brands:
        out.print(
            Text.assemble((str(brand["id"]), "bold"), f" {words(brand['name'] or '')} in {words(brand['workspace'])}")
        )
        for connection in brand["connections"]:
            out.print(table("", "", rows=connection.items()))


async def _brands(core: Core, workspace: str | None, brand_id: int | None) -> list[dict[str, Any]]:
    """Raises SymphonyError for a workspace that nobody made."""
    async with core.store.reading() as tx:
        homes = await tx.all(access_sql.workspaces, most=10_000)
        if workspace and workspace not in [home["name"] for home in homes]:
            raise SymphonyError(f"There is no workspace {workspace}. See: symphony-connect workspaces list")
        chosen = [home for home in homes if workspace in (None, home["name"])]
        return [brand for home in chosen for brand in await _of(tx, home, brand_id)]


async def _of(tx: Transaction, home: Row, brand_id: int | None) -> list[dict[str, Any]]:
    """A workspace's brands, or the one."""
    after, most = (0, 2**31) if brand_id is None else (brand_id - 1, 1)
    page = await tx.all(connections_sql.brands_page, workspace_id=home["id"], after=after, most=most)
    brands = [row for row in page if brand_id in (None, row["brand_id"])]
    if not brands:
        return []
    span = {"first": brands[0]["brand_id"], "last": brands[-1]["brand_id"]}
    connections: defaultdict[int, list[Connection]] = defaultdict(list)
    for row in await tx.all(connections_sql.connections_of_brands, workspace_id=home["id"], **span):
        connections[row["brand_id"]].append(Connection.of(row))
    told = (brand_out(row, connections[row["brand_id"]]) for row in brands)
    return [{"workspace": home["name"], **each.model_dump(by_alias=True, mode="json")} for each in told]
