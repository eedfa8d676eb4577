"""`brands adopt`: moves existing tokens in from a file."""

from __future__ import annotations

import asyncio
import csv
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from symphony_connect.access.workspaces import one_workspace
from symphony_connect.base.clock import rfc3339
from symphony_connect.base.errors import SymphonyError
from symphony_connect.cli.common import AsJson, Keyed, out, print_json, progress, say, with_core, words
from symphony_connect.core import Core
from symphony_connect.operate.adopt import RIGHT, Adoption, Outcome
from symphony_connect.operate.adoption_file import LARGEST_BRAND, BadFile, File, check

WORDS = {
    "good": "[green]good[/green]",
    "renewable": "[green]good[/green]",
    "adopted": "[green]adopted[/green]",
    "connected": "connected",
    "repeated": "left out",
    "unverified": "[yellow]not confirmed[/yellow]",
    "refused": "[red]not adopted[/red]",
}


def adopt(
    file: Annotated[Path, typer.Argument(help="CSV, JSON, or connections from Nango's API.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask about each token, and store nothing.")] = False,
    workspace: Annotated[str | None, typer.Option(help="Needed where there are several.")] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="CSV with a row for each of Nango's connection_id: id, brandId.")
    ] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="WORD=PLATFORM: what a word in the file means; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect brands with tokens that you have already: one row for each brand and platform.

    Begin with --dry-run. A brand whose connection works is left alone, so the same file can be read again
    after a stop. Exit code 0 when every row is connected or good, 1 when some are not, 2 for a bad file.
    """
    with progress("Asking" if dry_run else "Adopting", quiet=as_json) as show:
        counts = with_core(lambda core: _run(core, file, dry_run, workspace, map_file, platform or [], as_json, show))
    if as_json:
        print_json({"rows": sum(counts.values()), "dry_run": dry_run, "results": Keyed(counts)})
    else:
        out.print(", ".join(f"{count} {result.replace('_', ' ')}" for result, count in sorted(counts.items())) + ".")
    if set(counts) - RIGHT:
        raise typer.Exit(1)


async def _run(
    core: Core,
    path: Path,
    dry: bool,
    workspace: str | None,
    map_file: Path | None,
    renamed: list[str],
    as_json: bool,
    show: Any,
) -> dict[str, int]:
    names = tuple(sorted(core.platforms))
    file = File(path, names, _renamed(renamed, names), _brands(map_file) if map_file else {})
    checked = check(file)
    chosen = await one_workspace(core, workspace)

    async def wait(milliseconds: int) -> None:
        await asyncio.sleep(milliseconds / 1000)

    adoption = Adoption(core, chosen.id, file, checked, wait, dry)
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await adoption.run(_print_json if as_json else _print, show)
    except asyncio.CancelledError:
        done = adoption.counts.total()
        say(f"Stopped after {done} of {checked.rows} rows, each done or untouched. Run the same command to go on.")
        raise SymphonyError("Not all rows were read.") from None
    return dict(adoption.counts)


def _renamed(pairs: list[str], names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        word, _, name = pair.rpartition("=")
        if not word or name not in names:
            raise BadFile(f"--platform takes WORD=PLATFORM, with one of {', '.join(names)}.")
        found[word] = name
    return found


def _brands(path: Path) -> dict[str, int]:
    """The brand of each of Nango's connection ids. A first row of names is passed over. Raises BadFile."""
    found: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for number, cells in enumerate(csv.reader(stream, strict=True), 1):
                if not any(cells) or (number == 1 and len(cells) > 1 and cells[1].strip().lower() == "brandid"):
                    continue
                brand = cells[1].strip() if len(cells) == 2 else ""
                if not brand.isascii() or not brand.isdigit() or not 1 <= int(brand) <= LARGEST_BRAND:
                    raise BadFile(f"{path}: row {number} is not a connection id and a brandId.")
                if found.setdefault(cells[0].strip(), int(brand)) != int(brand):
                    raise BadFile(f"{path}: row {number} names a connection id that is there already.")
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise BadFile(f"{path} is not a CSV file in UTF-8.") from None
    return found


def _print_json(outcome: Outcome) -> None:
    facts = asdict(outcome) | {"expires_at": rfc3339(outcome.expires_at)}
    print_json(facts | {"ad_platform": facts.pop("platform")})


def _print(outcome: Outcome) -> None:
    """One line, in the words of somebody who looks for what is left to do."""
    found = [outcome.identity.name] if outcome.identity else []
    if outcome.ad_accounts is not None:
        found.append(f"{outcome.ad_accounts} ad account{'' if outcome.ad_accounts == 1 else 's'}")
    if outcome.missing_scopes:
        found.append(f"without {' '.join(outcome.missing_scopes)}")
    if outcome.expires_at:
        found.append(f"ends {rfc3339(outcome.expires_at)}")
    sentence = ". ".join(filter(None, (", ".join(found), outcome.message)))
    at = f"row {outcome.row}: brand {outcome.brand_id} {words(outcome.platform)}"
    out.print(f"{at}: {WORDS[outcome.result]}", end=" ")
    out.print(words(sentence), markup=False)
