"""`brands assets`: what a connection reaches beside ad accounts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from symphony_connect.access.caller import Caller
from symphony_connect.access.workspaces import one_workspace
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli.common import AsJson, Keyed, listing, print_json, say, with_core
from symphony_connect.connections import assets
from symphony_connect.connections.assets import Shown
from symphony_connect.core import Core

COLUMNS = ("Kind", "Id", "Name", "Business", "Usable", "In use")
ACTOR = "brands assets"
"""How events name who had them listed."""


def show(
    brand_id: Annotated[int, typer.Argument(min=1, max=2**53 - 1, help="The brand's integer id.")],
    platform: Annotated[str, typer.Argument(help="As `GET /platforms` names it.", show_default=False)],
    workspace: Annotated[str | None, typer.Option(help="Needed where there are several.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the platform first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pages, Instagram accounts, identities and Business Centers, and which of them the brand uses."""
    shown = with_core(lambda core: _shown(core, brand_id, platform, workspace, refresh=refresh))
    found = shown.assets or ()
    if as_json:
        rows = [{**asdict(asset), "extra": Keyed(asset.extra), "selected": shown.kept.uses(asset)} for asset in found]
        print_json({"offered": shown.offered, "kinds": Keyed(shown.kept.kinds), "assets": rows})
        return
    listing(
        COLUMNS,
        [
            (
                asset.kind,
                asset.id,
                asset.name,
                asset.business,
                asset.reason or "yes",
                "yes" if shown.kept.uses(asset) else "no",
            )
            for asset in found
        ],
    )
    if not shown.offered:
        say(f"{platform} has no assets beside ad accounts.")
    for kind, state in shown.kept.kinds.items():
        if state != "listed":
            say(f"{kind}: {STATES[state]}")


STATES = {
    "partly": "not all could be listed; the next check goes on.",
    "permission_missing": "not listed, because the sign-in lacks the permission for it.",
}


async def _shown(core: Core, brand_id: int, platform: str, workspace: str | None, *, refresh: bool) -> Shown:
    """Raises SymphonyError."""
    caller = Caller((await one_workspace(core, workspace)).id, ACTOR, "secret", frozenset(), ())
    verb = assets.refresh_assets if refresh else assets.find_assets
    shown = await verb(core, caller, brand_id, platform)
    if shown.assets is None:
        raise SymphonyError(assets.not_listed(core, platform).message)
    return shown
