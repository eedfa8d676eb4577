"""Checks the settings, the database, the keys and each platform's app, for `doctor` and the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symphony_connect.access import sql
from symphony_connect.base.config import Settings
from symphony_connect.connections import app_trouble
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError
from symphony_connect.signin import signin
from symphony_connect.store import db
from symphony_connect.store.migrate import unapplied


@dataclass(frozen=True)
class Fact:
    """`state` is one of ok, missing, bad, unknown."""

    what: str
    state: str
    words: str


async def examine(core: Core, *, offline: bool = False, workspace_id: str | None = None) -> list[Fact]:
    """One fact for each thing checked, for one workspace's keys or all. Store and vault are open already."""
    return [
        service(core.settings),
        Fact("Database", "ok", f"{core.store.engine}, readable and migrated"),
        Fact("Vault", "ok", "the master key opens the keys"),
        origins(core.settings),
        await _keys(core, workspace_id),
        *[await of_platform(core.settings, platform, offline) for platform in core.platforms.values()],
        *await _held(core),
    ]


async def _held(core: Core) -> list[Fact]:
    """Platforms that refuse the tokens of many people at once, so that no connection is lost for now."""
    return [
        Fact(
            core.platforms[name].display_name,
            "bad",
            "refused the tokens of many people at once; none is given up for an hour. Look at the app there",
        )
        for name, row in (await app_trouble.troubles(core)).items()
        if name in core.platforms and row["held_until"] is not None and row["held_until"] > core.clock()
    ]


def service(settings: Settings) -> Fact:
    mode = "production" if settings.production else "development (loopback)"
    return Fact("Service", "ok", f"{settings.public_url}, {mode}")


async def unmade(settings: Settings) -> Fact | None:
    """What the first start has yet to make, found without making it; None when all is there.

    Raises StoreUnavailable.
    """
    url = settings.database_url.reveal()
    if url.startswith("sqlite:///") and not _exists(Path(url.removeprefix("sqlite:///"))):
        return Fact("Database", "missing", f"{settings.database} is not there yet; the first start makes it")
    async with db.opened(url) as store:
        if waiting := await unapplied(store):
            return Fact("Database", "missing", f"{waiting} migrations wait; run: symphony-connect migrate")
    own_key = settings.data_dir / "master.key"
    if not (settings.master_key.reveal() or settings.production or _exists(own_key)):
        return Fact("Vault", "missing", f"{own_key} is not there; a start makes a new one, which opens no older keys")
    return None


def _exists(path: Path) -> bool:
    return path.exists()


def origins(settings: Settings) -> Fact:
    if settings.allowed_origins:
        return Fact("Origins", "ok", ", ".join(settings.allowed_origins))
    if settings.production:
        return Fact("Origins", "missing", "SYMPHONY_ALLOWED_ORIGINS is empty: no page may use the SDK")
    return Fact("Origins", "ok", "every loopback origin, because this is development and no list is given")


async def _keys(core: Core, workspace_id: str | None) -> Fact:
    async with core.store.reading() as tx:
        row = await tx.one(sql.keys_living, workspace_id=workspace_id or "", now=core.clock())
    assert row is not None
    if not row["count"]:
        return Fact("API keys", "missing", "none yet; make one: symphony-connect keys create --workspace NAME")
    return Fact("API keys", "ok", f"{row['count']} in use")


async def of_platform(settings: Settings, platform: Platform, offline: bool) -> Fact:
    name = platform.display_name
    if platform.missing_settings:
        return Fact(name, "missing", f"not set up: set {', '.join(platform.missing_settings)}")
    redirect = f"redirect URI to register there: {signin.callback_uri(settings, platform.name)}"
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
