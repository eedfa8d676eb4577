"""Checks the settings, the database, the keys and each platform's app, for `doctor` and the dashboard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from symphony_connect.access import sql
from symphony_connect.base.clock import DAY, HOUR, SECOND, rfc3339
from symphony_connect.base.config import Settings
from symphony_connect.connections import app_trouble, backlog, heartbeat
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, Platform, PlatformError
from symphony_connect.signin import signin
from symphony_connect.store import db
from symphony_connect.store.migrate import unapplied
from symphony_connect.vault import rekey
from symphony_connect.vault.master_keys import master_keys

WARN_DAYS = 60
"""Before the end of a version of a platform's API."""


@dataclass(frozen=True)
class Fact:
    """`state` is one of ok, soon (works, with something left to do), missing, bad, unknown."""

    what: str
    state: str
    words: str


async def examine(core: Core, *, offline: bool = False, workspace_id: str | None = None) -> list[Fact]:
    """One fact for each thing checked, for one workspace's keys or all. Store and vault are open already."""
    return [
        service(core.settings),
        Fact("Database", "ok", f"{core.store.engine}, readable and migrated"),
        await _vault(core),
        origins(core.settings),
        await _keys(core, workspace_id),
        *[await of_platform(core.settings, platform, offline) for platform in core.platforms.values()],
        *[fact for platform in core.platforms.values() if (fact := api_version(platform, core.clock()))],
        *await _held(core),
        # Last: the answers of the platforms carry their time.
        await _clock(core),
        *await _backlog(core),
    ]


async def _vault(core: Core) -> Fact:
    if await rekey.rows_bound(core.store):
        return Fact("Vault", "ok", "the master key opens the keys")
    return Fact(
        "Vault",
        "soon",
        "stored tokens are bound to brand and platform only, as an older version did; when no process of it runs any "
        "more, run: symphony-connect vault rotate",
    )


def api_version(platform: Platform, now: int) -> Fact | None:
    """Whether the version that we call goes on working; None where no ends or no app is known."""
    version = platform.api_version()
    if version is None or platform.missing_settings:
        return None
    what, change = (
        f"Version of {platform.display_name}",
        f"set {version.setting}={version.newest}, the newest that we know",
    )
    if not version.known:
        return Fact(what, "unknown", f"{version.name} is not among the versions that we know; {change}, or update")
    if version.ends_at is None:
        return Fact(what, "ok", f"{version.name}; its end is not announced")
    day = (rfc3339(version.ends_at - SECOND) or "")[:10]
    if version.ends_at <= now:
        return Fact(what, "bad", f"{version.name} has ended on {day}; {change}")
    left = (version.ends_at - now) // DAY
    if left < WARN_DAYS:
        return Fact(what, "soon", f"{version.name} ends on {day}, in {left} days; {change}")
    return Fact(what, "ok", f"{version.name}, until {day}")


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


async def _clock(core: Core) -> Fact:
    """This process's clock against the database's and the platforms', and the workers' against this one's."""
    await heartbeat.compare(core)
    wrong = core.watch.others_off
    if core.watch.off:
        return Fact("Clock", "bad", f"this machine's clock is {_apart(-core.watch.offset)}; set it, for example by NTP")
    if wrong:
        apart = ", ".join(_apart(ahead) for ahead in wrong)
        return Fact("Clock", "bad", f"workers with another time than this machine: {len(wrong)}, {apart}")
    return Fact("Clock", "ok", "agrees with the database, the workers and the platforms that were asked")


async def _backlog(core: Core) -> list[Fact]:
    late = await backlog.overdue(core)
    if not late:
        return [Fact("Backlog", "ok", "nothing is overdue")]
    return [Fact("Backlog", "bad", _late(core, one)) for one in late]


def _late(core: Core, one: backlog.Overdue) -> str:
    platform = core.platform(one.platform)
    more = " or more" if one.count == backlog.MOST else ""
    return (
        f"{one.count:,}{more} connections to {platform.display_name} are overdue, the oldest by "
        f"{one.oldest // HOUR} h; see that a worker runs, and whether the platform grants this app more "
        f"than {platform.calls_per_second:g} calls a second"
    )


def _apart(ahead: int) -> str:
    return f"{abs(ahead) // SECOND} s {'ahead' if ahead > 0 else 'behind'}"


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


async def try_master_key(settings: Settings) -> None:
    """Before there are keys to open: whether the master key that is set can seal and open. Makes none.

    Raises ConfigError when it is malformed, KeysUnavailable when its service refuses or cannot be asked.
    """
    if settings.master_key.reveal():
        first, *_ = master_keys(settings)
        await asyncio.to_thread(lambda: first.decrypt(first.encrypt(b"doctor", b""), b""))


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
        return Fact(name, "unknown", f"not checked; {redirect}")
    try:
        await platform.check_app()
    except Misconfigured as error:
        return Fact(name, "bad", f"the platform refuses this app: {error.message}")
    except PlatformError as error:
        return Fact(name, "bad", f"cannot be reached: {error.message}")
    carried = f"calls also carry {', '.join(platform.app_headers())}; " if platform.app_headers() else ""
    return Fact(name, "ok", f"app id and secret are accepted; {carried}{redirect}")
