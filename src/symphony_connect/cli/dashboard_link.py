"""`dashboard-link`: a link to the dashboard, for people with a terminal on the server."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from symphony_connect.access.dashboard_access import LINK_LIFE, make_link
from symphony_connect.access.workspaces import Workspace, find_workspace, list_workspaces
from symphony_connect.base.clock import MINUTE
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli.common import AsJson, out, print_json, with_core, words
from symphony_connect.core import Core


def dashboard_link(
    workspace: Annotated[str | None, typer.Option(help="Needed where there are several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs one person in to the dashboard, once, within five minutes."""

    async def make(core: Core) -> tuple[str, str]:
        found = await _workspace(core, workspace)
        return f"{core.settings.public_url}/dashboard/enter/{await make_link(core, found.id)}", found.name

    url, name = with_core(make)
    if as_json:
        print_json({"url": url, "workspace": name, "expiresIn": LINK_LIFE // 1000})
        return
    out.print(url, markup=False)
    shown = escape(words(name))
    out.print(f"[dim]Signs one person in to workspace {shown}, once, within {LINK_LIFE // MINUTE} minutes.[/dim]")


async def _workspace(core: Core, name: str | None) -> Workspace:
    """The one of this name, or the only one. Raises SymphonyError with what to type instead."""
    if name is not None:
        return await find_workspace(core, name)
    workspaces = await list_workspaces(core)
    if len(workspaces) == 1:
        return workspaces[0]
    if workspaces:
        names = ", ".join(each.name for each in workspaces[:20])
        raise SymphonyError(f"There are several workspaces; add --workspace and one of: {names}")
    raise SymphonyError("There is no workspace yet; make one: symphony-connect workspaces create NAME")
