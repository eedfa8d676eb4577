"""`brands list|show`: what is connected, from the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from symphony_connect.access.workspaces import Workspace, list_workspaces
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli import move
from symphony_connect.cli.common import AsJson, out, print_json, table, with_core, words
from symphony_connect.cli.lazy import group
from symphony_connect.connections import brand as brand_verbs
from symphony_connect.connections.brand import Brand
from symphony_connect.core import Core
from symphony_connect.web.api.views import brand_out

app = group("Brands and their connections.")
app.command("export")(move.export)
app.command("import")(move.bring)

WorkspaceName = Annotated[str | None, typer.Option(help="Only this workspace.")]


@app.command("list")
def list_brands(workspace: WorkspaceName = None, as_json: AsJson = False) -> None:
    """Every brand and the status of its connections."""
    brands = with_core(lambda core: _brands(core, workspace, None))
    if as_json:
        print_json(brands)
        return
    columns = ("Workspace", "Brand", "Name", "Platform", "Status", "Connected as", "Token ends")
    out.print(table(*columns, rows=[row for brand in brands for row in _rows(brand)]))


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
    brand_id: Annotated[int, typer.Argument(min=1, max=2**53 - 1, help="The brand's integer id.")],
    workspace: WorkspaceName = None,
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
    """Raises SymphonyError for a workspace that does not exist."""
    workspaces = await list_workspaces(core)
    if workspace and workspace not in [each.name for each in workspaces]:
        raise SymphonyError(f"There is no workspace {workspace}. It begins with its first key: keys create")
    chosen = [each for each in workspaces if workspace in (None, each.name)]
    return [_facts(each, brand) for each in chosen for brand in await _of(core, each, brand_id)]


async def _of(core: Core, workspace: Workspace, brand_id: int | None) -> list[Brand]:
    """A workspace's brands, or the one; empty where it has none of that id."""
    after, most = (0, 2**31) if brand_id is None else (brand_id - 1, 1)
    found = await brand_verbs.list_brands(core, workspace.id, after=after, most=most)
    return [brand for brand in found if brand_id in (None, brand.id)]


def _facts(workspace: Workspace, brand: Brand) -> dict[str, Any]:
    return {"workspace": workspace.name, **brand_out(brand).model_dump(by_alias=True, mode="json")}
