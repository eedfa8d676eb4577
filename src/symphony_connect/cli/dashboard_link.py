"""`dashboard-link`: the way into the dashboard for whoever has a terminal on the server."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from symphony_connect.access import sql
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli.common import AsJson, out, print_json, with_core, words
from symphony_connect.core import Core
from symphony_connect.web.dashboard.access import LINK_LIFE, make_link


def dashboard_link(
    workspace: Annotated[str | None, typer.Option(help="Needed where there are several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs one person in to the dashboard, once, within five minutes."""

    async def make(core: Core) -> tuple[str, str]:
        id, name = await _workspace(core, workspace)
        return f"{core.settings.public_url}/dashboard/enter/{await make_link(core, id)}", name

    url, name = with_core(make)
    if as_json:
        print_json({"url": url, "workspace": name, "expiresIn": LINK_LIFE // 1000})
        return
    out.print(url, markup=False)
    shown = escape(words(name))
    out.print(f"[dim]Signs one person in to workspace {shown}, once, within {LINK_LIFE // MINUTE} minutes.[/dim]")


async def _workspace(core: Core, wanted: str | None) -> tuple[str, str]:
    """Id and name. Raises SymphonyError with what to type instead."""
    async with core.store.reading() as tx:
        if wanted is not None:
            row = await tx.one(sql.workspace_by_name, name=wanted)
            rows = [row] if row else []
        else:
            rows = await tx.all(sql.workspaces, most=20)
    if len(rows) == 1:
        return rows[0]["id"], rows[0]["name"]
    if rows:
        names = ", ".join(row["name"] for row in rows)
        raise SymphonyError(f"There are several workspaces; add --workspace and one of: {names}")
    which = f"There is no workspace {wanted!r}" if wanted else "There is no workspace yet"
    raise SymphonyError(f"{which}; see: symphony-connect workspaces list, or workspaces create NAME")
