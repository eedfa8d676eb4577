"""`workspaces create|list|remove`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from symphony_connect.access import workspaces
from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.common import AsJson, listing, out, print_json, with_core, words
from symphony_connect.cli.lazy import group

app = group("Workspaces: each has brands and keys of its own.")
Name = Annotated[str, typer.Argument(help="The workspace's name.")]


@app.command()
def create(name: Name, as_json: AsJson = False) -> None:
    """Make a workspace. An installation's first may also be made by its first key."""
    if not name.strip():
        raise ConfigError("A workspace takes a name.")
    id = with_core(lambda core: workspaces.create(core, name))
    if as_json:
        print_json({"id": id, "name": name})
    else:
        out.print(f"Made. Its first key: symphony-connect keys create --workspace {words(name)}", markup=False)


@app.command("list")
def list_workspaces(as_json: AsJson = False) -> None:
    """All workspaces, and what is in them."""
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "brands": row["brands"],
            "keys": row["keys"],
            "createdAt": rfc3339(row["created_at"]),
        }
        for row in with_core(workspaces.count_contents)
    ]
    if as_json:
        print_json(rows)
    else:
        listing(("Id", "Name", "Brands", "Keys", "Made"), [tuple(row.values()) for row in rows])


@app.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, as_json: AsJson = False
) -> None:
    """Remove a workspace that has no brands, with its keys and its history."""
    if not yes:
        with_core(lambda core: workspaces.find_workspace(core, name))
        _ask(name)
    with_core(lambda core: workspaces.remove(core, name))
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        out.print(f"{words(name)} is removed.", markup=False)


def _ask(name: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigError(f"This would destroy workspace {words(name)}. Add --yes to do it without being asked.")
    typer.confirm(f"Destroy workspace {words(name)} with its keys and its history?", abort=True, err=True)
