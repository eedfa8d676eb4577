"""Whether what is set up would work, and what is missing: what `doctor` and the dashboard tell."""

from __future__ import annotations

from dataclasses import dataclass

from symphony_connect.access import sql
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError
from symphony_connect.signin import signin


@dataclass(frozen=True)
class Fact:
    """`state` is one of ok, missing, bad, unknown."""

    what: str
    state: str
    words: str


async def examine(core: Core, *, offline: bool = False, workspace_id: str | None = None) -> list[Fact]:
    """One fact a line; keys of one workspace or of all. Reaching here means the store and vault open."""
    settings = core.settings
    mode = "production" if settings.production else "development (loopback)"
    facts = [
        Fact("Service", "ok", f"{settings.public_url}, {mode}"),
        Fact("Database", "ok", f"{core.store.engine}, readable and migrated"),
        Fact("Vault", "ok", "the master key opens the keys"),
        _origins(core),
        await _keys(core, workspace_id),
    ]
    for platform in core.platforms.values():
        facts.append(await _platform(core, platform, offline))
    return facts


def _origins(core: Core) -> Fact:
    origins = core.settings.allowed_origins
    if origins:
        return Fact("Origins", "ok", ", ".join(origins))
    if core.settings.production:
        return Fact("Origins", "missing", "SYMPHONY_ALLOWED_ORIGINS is empty: no page may use the SDK")
    return Fact("Origins", "ok", "every loopback origin, because this is development and no list is given")


async def _keys(core: Core, workspace_id: str | None) -> Fact:
    async with core.store.reading() as tx:
        row = await tx.one(sql.keys_living, workspace_id=workspace_id or "", now=core.clock())
    assert row is not None
    if not row["count"]:
        return Fact("API keys", "missing", "none yet; make one: symphony-connect keys create --workspace NAME")
    return Fact("API keys", "ok", f"{row['count']} in use")


async def _platform(core: Core, platform: Platform, offline: bool) -> Fact:
    name = platform.display_name
    if platform.missing_settings:
        return Fact(name, "missing", f"not set up: set {', '.join(platform.missing_settings)}")
    redirect = f"redirect URI to register there: {signin.callback_uri(core, platform.name)}"
    if offline:
        return Fact(name, "unknown", f"not asked; {redirect}")
    try:
        await platform.check_app()
    except Misconfigured as error:
        return Fact(name, "bad", f"the platform refuses this app: {error.message}")
    except PlatformError as error:
        return Fact(name, "bad", f"cannot be reached: {error.message}")
    carried = f"calls also carry {', '.join(platform.app_headers())}; " if platform.app_headers() else ""
    return Fact(name, "ok", f"app id and secret are accepted; {carried}{redirect}")
