"""`doctor`: whether what is set up would work, and what is missing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from symphony_connect import platforms
from symphony_connect.app import check_settings, opened_core
from symphony_connect.audit import proof
from symphony_connect.base.config import Settings
from symphony_connect.base.errors import ConfigError, SymphonyError
from symphony_connect.cli.common import AsJson, out, print_json, progress, settings, with_core, words
from symphony_connect.core import Core
from symphony_connect.operate.doctor import (
    Fact,
    api_version,
    examine,
    of_platform,
    origins,
    service,
    try_master_key,
    unmade,
)
from symphony_connect.platforms import http
from symphony_connect.vault.master_keys import KeysUnavailable

MARKS = {
    "ok": "[green]✓[/green]",
    "soon": "[yellow]![/yellow]",
    "missing": "[yellow]–[/yellow]",
    "bad": "[red]✗[/red]",
    "unknown": "[yellow]?[/yellow]",
}


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the platforms.")] = False,
    audit: Annotated[bool, typer.Option("--audit", help="Check every row of the audit instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, database, keys and each platform's app; makes no files.

    Exit code 1 when something would not work.
    """
    facts = with_core(lambda core: _audit(core, as_json)) if audit else asyncio.run(_facts(offline))
    if as_json:
        print_json([asdict(fact) for fact in facts])
    else:
        for fact in facts:
            out.print(f"{MARKS[fact.state]} [bold]{escape(fact.what)}[/bold]  {escape(words(fact.words))}")
    if any(fact.state == "bad" for fact in facts):
        raise typer.Exit(1)


async def _audit(core: Core, as_json: bool) -> list[Fact]:
    with progress("Audit", quiet=as_json) as done:
        found = await proof.check(core.store, core.vault, core.clock, done)
    if not found.wrong:
        return [
            Fact("Audit", "ok", f"{found.rows:,} rows in {found.chains:,} chains, none changed, removed or cut off")
        ]
    return [Fact("Audit", "bad", sentence) for sentence in found.wrong]


async def _facts(offline: bool) -> list[Fact]:
    """A setting or a database that would stop the start is reported as a fact too."""
    try:
        chosen = settings()
        await check_settings(chosen)
        missing = await unmade(chosen)
        if missing is not None:
            await try_master_key(chosen)
        else:
            async with opened_core(chosen) as core:
                return await examine(core, offline=offline)
    except ConfigError as error:
        return [Fact("Settings", "bad", str(error))]
    except KeysUnavailable as error:
        missing = Fact("Vault", "bad", str(error))
    except SymphonyError as error:
        missing = Fact("Database", "bad", str(error))
    return [service(chosen), missing, origins(chosen), *await _of_platforms(chosen, offline)]


async def _of_platforms(chosen: Settings, offline: bool) -> list[Fact]:
    async with http.client(chosen.outbound_proxy.reveal(), chosen.ca_file) as client:
        loaded = platforms.load(chosen.env, client, chosen.clock, chosen.production)
        facts = [await of_platform(chosen, platform, offline) for platform in loaded.values()]
        versions = [api_version(platform, chosen.clock()) for platform in loaded.values()]
        return facts + [fact for fact in versions if fact]
