"""`doctor`: whether what is set up would work, and what is missing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from symphony_connect import signin
from symphony_connect.cli.common import AsJson, out, print_json, with_core
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError

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
    facts = with_core(lambda core: examine(core, offline))
    if as_json:
        print_json(facts)
    else:
        for fact in facts:
            out.print(f"{MARKS[fact['state']]} [bold]{fact['what']}[/bold]  {fact['words']}")
    if any(fact["state"] == "bad" for fact in facts):
        raise typer.Exit(1)


async def examine(core: Core, offline: bool = False) -> list[dict[str, Any]]:
    """One fact a line: what, state (ok, missing, bad, unknown), words. Reaching here means the store and vault open."""
    settings = core.settings
    mode = "production" if settings.production else "development (loopback)"
    facts = [
        _fact("Service", "ok", f"{settings.public_url}, {mode}"),
        _fact("Database", "ok", f"{core.store.engine}, readable and migrated"),
        _fact("Vault", "ok", "the master key opens the keys"),
        _origins(core),
        await _keys(core),
    ]
    for platform in core.platforms.values():
        facts.append(await _platform(core, platform, offline))
    return facts


def _fact(what: str, state: str, words: str) -> dict[str, Any]:
    return {"what": what, "state": state, "words": words}


def _origins(core: Core) -> dict[str, Any]:
    origins = core.settings.allowed_origins
    if origins:
        return _fact("Origins", "ok", ", ".join(origins))
    if core.settings.production:
        return _fact("Origins", "missing", "SYMPHONY_ALLOWED_ORIGINS is empty: no page may use the SDK")
    return _fact("Origins", "ok", "every loopback origin, because this is development and no list is given")


async def _keys(core: Core) -> dict[str, Any]:
    async with core.store.reading() as session:
        living = [row for row in await session.all("keys_list") if row["revoked_at"] is None]
    if not living:
        return _fact("API keys", "missing", "none yet; make one: symphony-connect keys create --workspace NAME")
    return _fact("API keys", "ok", f"{len(living)} in use")


async def _platform(core: Core, platform: Platform, offline: bool) -> dict[str, Any]:
    name = platform.display_name
    if platform.missing_settings:
        return _fact(name, "missing", f"not set up: set {', '.join(platform.missing_settings)}")
    redirect = f"redirect URI to register there: {signin.callback_uri(core, platform.name)}"
    if offline:
        return _fact(name, "unknown", f"not asked; {redirect}")
    try:
        await platform.check_app()
    except Misconfigured as error:
        return _fact(name, "bad", f"the platform refuses this app: {error.message}")
    except PlatformError as error:
        return _fact(name, "bad", f"cannot be reached: {error.message}")
    return _fact(name, "ok", f"app id and secret are accepted; {redirect}")
