"""`brands list|show`: what is connected, from the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from symphony_connect.cli.common import AsJson, out, print_json, table, with_core
from symphony_connect.core import Connection, Core
from symphony_connect.errors import SymphonyError
from symphony_connect.store.db import Row
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
    shown = table("Workspace", "Brand", "Name", "Platform", "Status", "Connected as", "Token ends")
    for brand in brands:
        for connection in brand["connections"] or [{}]:
            identity = connection.get("identity") or {}
            shown.add_row(
                brand["workspace"],
                str(brand["id"]),
                brand["name"] or "",
                connection.get("adPlatform", ""),
                " · ".join(filter(None, (connection.get("status"), connection.get("reason")))),
                identity.get("name", ""),
                (connection.get("expiresAt") or "never") if connection else "",
            )
    out.print(shown)


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
        out.print(f"[bold]{brand['id']}[/bold] {brand['name'] or ''} in workspace {brand['workspace']}")
        for connection in brand["connections"]:
            shown = table("", "")
            for name, value in connection.items():
                shown.add_row(name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            out.print(shown)


async def _brands(core: Core, workspace: str | None, brand_id: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with core.store.reading() as session:
        for home in await session.all("workspaces", most=10_000):
            if workspace in (None, home["name"]):
                after = brand_id - 1 if brand_id is not None else 0
                most = 1 if brand_id is not None else 2**31
                rows = await session.all("brands_page", workspace_id=home["id"], after=after, most=most)
                rows = [row for row in rows if brand_id in (None, row["brand_id"])]
                found += [await _with_connections(session, home, row) for row in rows]
    return found


async def _with_connections(session: Any, home: Row, brand: Row) -> dict[str, Any]:
    rows = await session.all(
        "connections_of_brands", workspace_id=home["id"], first=brand["brand_id"], last=brand["brand_id"]
    )
    shown = brand_out(brand, [Connection.of(row) for row in rows]).model_dump(by_alias=True, mode="json")
    return {"workspace": home["name"], **shown}
