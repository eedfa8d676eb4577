"""`backup`, `restored` and `panic-revoke`: before and after something went wrong."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from symphony_connect.access.workspaces import find_workspace
from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.common import AsJson, out, print_json, progress, settings, table, with_core, words
from symphony_connect.core import Core
from symphony_connect.operate.backup import backup as copy_database
from symphony_connect.operate.panic_revoke import Ended, Scope, count, revoke_all
from symphony_connect.operate.restored import restored as set_unverified

UPSTREAM = {
    "revoked": "revoked there",
    "already_gone": "was gone there already",
    "shared_identity": "left alone there: another connection needs it",
    "not_verified": "never confirmed there",
    "not_offered": "[red]not revoked[/red]: the platform has no call for it",
    "unreadable": "[red]not revoked[/red]: the token does not open",
    "pending": "[yellow]still to be revoked[/yellow]: the platform wants fewer calls",
    "unreachable": "[yellow]still to be revoked[/yellow]: the platform cannot be reached",
    "refused": "[red]not revoked[/red]: the platform refused",
    "failed": "[red]still to be revoked[/red]",
}
LATER = ("pending", "unreachable", "failed")
NOT_REVOKED = ("unreadable", "refused")


def backup(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")], as_json: AsJson = False
) -> None:
    """Copy a SQLite database into FILE while the service runs; only its owner may read it.

    Keep it apart from the master key. After putting one back: symphony-connect restored.
    """
    size = copy_database(settings().database_url.reveal(), file)
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        out.print(f"{words(str(file))}: {size:,} bytes. It opens only with the master key, which is not in it.")


def restored(as_json: AsJson = False) -> None:
    """After a backup was put back, before servers start: nothing is served until its platform confirmed it.

    Sign-ins under way, open connect links and dashboard sessions end. What the backup does not know stays
    for you to look through: keys revoked and brands disconnected since are back.
    """
    with progress("Setting connections to unverified", quiet=as_json) as show:
        done = with_core(lambda core: set_unverified(core, show))
    if as_json:
        print_json({"unverified": done.unverified, "linksEnded": done.links})
        return
    out.print(f"{done.unverified} connections wait for their platform's word; `serve` or `worker` asks now.")
    out.print(f"{done.links} open connect links were ended; make new ones where they are still needed.")
    out.print(
        "Look through what came back: symphony-connect keys list (keys revoked after the backup work again) "
        "and symphony-connect brands list (brands disconnected after it are there again)."
    )


def panic_revoke(
    workspace: Annotated[str | None, typer.Option(help="Only this workspace's connections.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only connections to this platform.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every connection of every workspace.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """End many connections at once: nobody is served any more, then the platforms are asked to revoke.

    Each gets a receipt. Exit code 0 only when every token was destroyed here and no platform has still to be revoked.
    """
    if everything == bool(workspace or platform):
        raise ConfigError("Say which: --workspace NAME, --platform NAME (or both), or --all.")

    async def scope(core: Core) -> tuple[Scope, int]:
        if platform:
            core.platform(platform)
        found = Scope((await find_workspace(core, workspace)).id if workspace else None, platform)
        return found, await count(core, found)

    chosen, held = with_core(scope)
    if not yes:
        _ask(held)
    with progress("Telling the platforms", quiet=as_json) as show:
        ended = with_core(lambda core: revoke_all(core, chosen, show))
    if as_json:
        print_json([asdict(each) for each in ended])
    else:
        _show(ended)
    if any(each.here != "destroyed" or each.upstream in LATER + NOT_REVOKED for each in ended):
        raise typer.Exit(1)


def _ask(held: int) -> None:
    if not sys.stdin.isatty():
        raise ConfigError(f"This would end {held} connections. Add --yes to do it without being asked.")
    typer.confirm(f"End {held} connections? Their owners will have to sign in again.", abort=True, err=True)


def _row(each: Ended) -> tuple[Any, ...]:
    here = Text(each.here, "" if each.here == "destroyed" else "red")
    end = (each.why or "", each.receipt_id or "")
    return (each.workspace, each.brand_id, each.platform, here, Text.from_markup(UPSTREAM[each.upstream]), *end)


def _show(ended: list[Ended]) -> None:
    columns = ("Workspace", "Brand", "Platform", "Here", "At the platform", "Why", "Receipt")
    out.print(table(*columns, rows=map(_row, ended)))
    counts = Counter(each.here for each in ended)
    out.print(f"{counts['destroyed']} of {len(ended)} destroyed here.")
    later = sum(each.here == "destroyed" and each.upstream in LATER for each in ended)
    if later:
        out.print(
            f"{later} are still to be revoked at the platform: keep `serve` or `worker` running, which does it within "
            "7 days. Or their owners, or you in the app's settings there, remove the app's access now."
        )
    left = sum(each.upstream in NOT_REVOKED for each in ended)
    if left:
        out.print(
            f"{left} could not be revoked at the platform: their owners, or you in the app's settings there, "
            "can remove the app's access."
        )
    if counts["kept"]:
        out.print("Some are still kept here. Run it again.")
