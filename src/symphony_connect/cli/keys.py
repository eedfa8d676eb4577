"""`keys create|list|revoke`. The first key of an installation makes its workspace."""

from __future__ import annotations

import json
import re
import sys
from typing import Annotated, Any

import typer
from rich.markup import escape

from symphony_connect.access import api_keys, keyring, workspaces
from symphony_connect.access.bounds import Bounds, grantable, loaded
from symphony_connect.access.keyring import NewKey
from symphony_connect.base.clock import DAY, SECOND, rfc3339
from symphony_connect.base.config import is_origin
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli.common import AsJson, listing, out, print_json, with_core, words
from symphony_connect.cli.lazy import group
from symphony_connect.core import Core

LONGEST_DAYS = 36_500
"""A hundred years. Leave the option out for a key without an end."""

app = group("API keys: make, list, revoke.")


@app.command()
def create(
    workspace: Annotated[str, typer.Option(help="The workspace the key is for.")] = "default",
    create_workspace: Annotated[
        bool, typer.Option("--create-workspace", help="Make the workspace when there is none of this name.")
    ] = False,
    name: Annotated[str, typer.Option(help="What the key is for, in your words.")] = "",
    scopes: Annotated[
        str | None,
        typer.Option(help=f"Comma list of: {', '.join(api_keys.SCOPES)}. All that the bounds allow when absent."),
    ] = None,
    publishable: Annotated[
        bool, typer.Option("--publishable", help="For pages: starts sign-ins, nothing else.")
    ] = False,
    origin: Annotated[list[str] | None, typer.Option(help="With --publishable: only pages of this origin.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=LONGEST_DAYS, help="Ends after this many days.")] = None,
    brands: Annotated[str | None, typer.Option(help="Only these brands: a comma list of ids.")] = None,
    platforms: Annotated[str | None, typer.Option(help="Only these platforms: a comma list.")] = None,
    ad_accounts: Annotated[str | None, typer.Option(help="Only these ad accounts: a comma list of ids.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nothing that changes anything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once; only its fingerprint is kept."""
    if not workspace.strip():
        raise ConfigError("--workspace takes a name.")
    bounds = _bounds(brands, platforms, ad_accounts, read_only)
    chosen = _scopes(scopes, publishable, bounds)
    origins = _origins(origin or [], publishable)
    ask = NewKey(name, publishable, chosen, tuple(origins), days * DAY // SECOND if days else None, bounds)
    if not create_workspace:
        with_core(lambda core: _check_workspace(core, workspace))
    made = with_core(lambda core: _made(core, workspace, ask))
    if as_json:
        print_json(made)
        return
    out.print(made["key"], markup=False)
    shown = f"{made['kind']} key {made['id']} of workspace {escape(words(workspace))}"
    out.print(f"[dim]{shown}; this is the only time it is shown.[/dim]")


async def _check_workspace(core: Core, name: str) -> None:
    """A misspelt name makes no workspace: asks on a terminal, unless there is no workspace at all yet."""
    names = [each.name for each in await workspaces.list_workspaces(core)]
    if not names or name in names:
        return
    sentence = f"There is no workspace {name!r}.{workspaces.nearest(names, name)}"
    if sys.stdin.isatty() and typer.confirm(f"{sentence} Make it?", err=True):
        return
    raise ConfigError(f"{sentence} To make it, add --create-workspace, or run: symphony-connect workspaces create NAME")


def _bounds(brands: str | None, platforms: str | None, ad_accounts: str | None, read_only: bool) -> Bounds:
    ids = _listed("--brands", brands)
    for id in ids or ():
        if not re.fullmatch("[1-9][0-9]{0,15}", id) or int(id) >= 2**53:
            raise ConfigError(f"--brands takes integer ids such as 12345,12346, not {id!r}.")
    return Bounds(
        brands=None if ids is None else frozenset(map(int, ids)),
        platforms=_listed("--platforms", platforms),
        ad_accounts=_listed("--ad-accounts", ad_accounts),
        read_only=read_only,
    )


def _listed(option: str, text: str | None) -> frozenset[str] | None:
    """None when the option is absent. An empty variable in a script must not make a key without this bound."""
    if text is None:
        return None
    values = frozenset(value.strip() for value in text.split(",") if value.strip())
    if not values:
        raise ConfigError(f"{option} names nothing; leave it out for a key without this bound.")
    return values


def _scopes(text: str | None, publishable: bool, bounds: Bounds) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(scope.strip() for scope in (text or "").split(",") if scope.strip()))
    unknown = [scope for scope in asked if scope not in api_keys.SCOPES]
    if unknown:
        raise ConfigError(f"There is no scope {unknown[0]!r}; known are: {', '.join(api_keys.SCOPES)}.")
    if publishable and asked:
        raise ConfigError("A publishable key takes no --scopes: it can only start sign-ins and register their tokens.")
    if text is not None and not asked and not publishable:
        # An empty variable in a script must not make a key that may do everything.
        raise ConfigError("--scopes names no scope; leave it out for a key with all of them.")
    return () if publishable else asked or grantable(bounds)


def _origins(origins: list[str], publishable: bool) -> list[str]:
    for origin in origins:
        if not is_origin(origin):
            raise ConfigError(f"--origin takes an exact origin such as https://app.example.com, not {origin!r}.")
    if origins and not publishable:
        raise ConfigError("--origin goes with --publishable.")
    return origins


async def _made(core: Core, workspace: str, ask: NewKey) -> dict[str, Any]:
    """The result holds the whole key; it is not stored anywhere."""
    made = await keyring.create(core, workspace, ask)
    return {
        "id": made.id,
        "key": made.key,
        "kind": made.kind,
        "workspace": workspace,
        "scopes": list(ask.scopes),
        "origins": list(ask.origins),
        **_shown_bounds(ask.bounds),
        "expiresAt": rfc3339(made.expires_at),
    }


def _shown_bounds(bounds: Bounds) -> dict[str, Any]:
    lists = {"brands": bounds.brands, "platforms": bounds.platforms, "adAccounts": bounds.ad_accounts}
    return {name: None if ids is None else sorted(ids) for name, ids in lists.items()} | {"readOnly": bounds.read_only}


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """All keys, masked."""

    rows = [_shown(row) for row in with_core(keyring.list_keys)]
    if as_json:
        print_json(rows)
        return
    columns = ("Id", "Workspace", "Kind", "Key", "Name", "Scopes or origins", "Bounds", "Ends", "Revoked")
    listing(columns, map(_row, rows))


def _row(key: dict[str, Any]) -> tuple[Any, ...]:
    reach = key["scopes"] or key["origins"]
    ends, revoked = key["expiresAt"] or "never", key["revokedAt"] or ""
    return (
        key["id"],
        key["workspace"],
        key["kind"],
        key["hint"],
        key["name"] or "",
        reach,
        _bounds_in_words(key),
        ends,
        revoked,
    )


def _bounds_in_words(key: dict[str, Any]) -> list[str]:
    """Such as `brands 12345,12346` and `read only`."""
    named = {"brands": "brands", "platforms": "platforms", "adAccounts": "ad accounts"}
    lists = [f"{word} {','.join(map(str, key[name]))}" for name, word in named.items() if key[name] is not None]
    return [*lists, "read only"] if key["readOnly"] else lists


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "workspace": row["workspace"],
        "kind": row["kind"],
        "hint": row["hint"],
        "name": row["name"],
        "scopes": json.loads(row["scopes"]),
        "origins": json.loads(row["origins"]),
        **_shown_bounds(loaded(row["bounds"])),
        "createdAt": rfc3339(row["created_at"]),
        "expiresAt": rfc3339(row["expires_at"]),
        "revokedAt": rfc3339(row["revoked_at"]),
    }


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="As `keys list` shows it: key_…")], as_json: AsJson = False) -> None:
    """Stop a key at once, everywhere."""

    if not with_core(lambda core: keyring.revoke(core, id)):
        raise SymphonyError(f"There is no active key {id}; see: symphony-connect keys list")
    if as_json:
        print_json({"id": id, "revoked": True})
    else:
        out.print(f"{id} is revoked.")
