"""`brands list|show`: what is connected, from the terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer
from rich.text import Text

from symphony_connect.access.workspaces import Workspace, find_workspace, list_workspaces
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli import adopt, assets, export
from symphony_connect.cli.common import (
    AsJson,
    listing,
    out,
    print_json,
    print_json_end,
    print_json_part,
    table,
    with_core,
    words,
)
from symphony_connect.cli.lazy import group
from symphony_connect.connections import brand as brand_verbs
from symphony_connect.connections.brand import Brand
from symphony_connect.core import Core
from symphony_connect.web.api.views import brand_out

app = group("Brands and their connections.")
app.command("adopt")(adopt.adopt)
app.command("assets")(assets.show)
app.command("export")(export.export)
app.command("import")(export.import_file)

PAGE = 500
"""Brands held in memory at one time."""
COLUMNS = ("Workspace", "Brand", "Name", "Platform", "Status", "Connected as", "Token ends")

WorkspaceName = Annotated[str | None, typer.Option(help="Only this workspace.")]


@app.command("list")
def list_brands(workspace: WorkspaceName = None, as_json: AsJson = False) -> None:
    """Every brand and the status of its connections."""
    pages = with_core(lambda core: _print_all(core, workspace, as_json=as_json))
    if not pages and not as_json:
        listing(COLUMNS, [])


async def _print_all(core: Core, workspace: str | None, *, as_json: bool) -> int:
    """Print page by page, so that memory does not grow with the number of brands; returns the number of pages."""
    pages = 0
    async for page in _pages(core, await _workspaces(core, workspace)):
        if as_json:
            print_json_part(page, first=pages == 0)
        else:
            listing(COLUMNS, [row for brand in page for row in _rows(brand)])
        pages += 1
    if as_json:
        print_json_end(empty=pages == 0)
    return pages


async def _pages(core: Core, workspaces: list[Workspace]) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of brands, never empty. A brand that is added while this runs may be missing."""
    held: list[dict[str, Any]] = []
    for workspace in workspaces:
        after = 0
        while page := await brand_verbs.list_brands(core, workspace.id, after=after, most=PAGE):
            held += [_facts(workspace, brand) for brand in page]
            after = page[-1].id
            if len(held) >= PAGE:
                yield held
                held = []
    if held:
        yield held


def _rows(brand: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One row for each connection; one for a brand without connections."""
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


async def _brands(core: Core, workspace: str | None, brand_id: int) -> list[dict[str, Any]]:
    """The brand of this id in each workspace that has one. Raises SymphonyError for an unknown workspace."""
    found = []
    for each in await _workspaces(core, workspace):
        page = await brand_verbs.list_brands(core, each.id, after=brand_id - 1, most=1)
        found += [_facts(each, brand) for brand in page if brand.id == brand_id]
    return found


async def _workspaces(core: Core, name: str | None) -> list[Workspace]:
    """The one of this name, or all. Raises SymphonyError for a workspace that does not exist."""
    return [await find_workspace(core, name)] if name else await list_workspaces(core)


def _facts(workspace: Workspace, brand: Brand) -> dict[str, Any]:
    return {"workspace": workspace.name, **brand_out(brand).model_dump(by_alias=True, mode="json")}
