"""`doctor`: whether what is set up would work, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from symphony_connect.cli.common import AsJson, out, print_json, with_core, words
from symphony_connect.operate.doctor import examine

MARKS = {
    "ok": "[green]✓[/green]",
    "missing": "[yellow]–[/yellow]",
    "bad": "[red]✗[/red]",
    "unknown": "[yellow]?[/yellow]",
}


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the platforms.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, database, keys and each platform's app. Exit code 1 when something would not work."""
    facts = with_core(lambda core: examine(core, offline=offline))
    if as_json:
        print_json([asdict(fact) for fact in facts])
    else:
        for fact in facts:
            out.print(f"{MARKS[fact.state]} [bold]{escape(fact.what)}[/bold]  {escape(words(fact.words))}")
    if any(fact.state == "bad" for fact in facts):
        raise typer.Exit(1)
