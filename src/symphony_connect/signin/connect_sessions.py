"""Connect sessions: short-lived permission for a browser to connect one brand, each platform once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog

from symphony_connect.access.caller import Caller
from symphony_connect.base.clock import DAY, HOUR, SECOND
from symphony_connect.base.config import origin_of
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connection import active_connection, check_bounds
from symphony_connect.core import Core
from symphony_connect.signin import sql
from symphony_connect.store.db import Row, StoreUnavailable, Transaction

log = structlog.get_logger()

DEFAULT_LIFE = HOUR
LONGEST_LIFE = 30 * DAY
TOKEN_PREFIX = "symcs_"  # noqa: S105 - how a connect session's token begins, so that leak scanners find it


@dataclass(frozen=True)
class ConnectSession:
    """A connect session as stored. `pinned`: for each connected platform, the identity that must sign in again."""

    id: str
    workspace_id: str
    workspace_name: str
    brand_id: int
    brand_name: str | None
    platforms: tuple[str, ...]
    redirect_url: str | None
    replace_identity: bool
    pinned: dict[str, str]
    used: tuple[str, ...]
    expires_at: int
    over: bool
    opened_at: int | None = None

    @classmethod
    def of(cls, row: Row, now: int) -> ConnectSession:
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            workspace_name=row["workspace_name"],
            brand_id=row["brand_id"],
            brand_name=row["brand_name"],
            platforms=tuple(json.loads(row["platforms"])),
            redirect_url=row["redirect_url"],
            replace_identity=bool(row["replace_identity"]),
            pinned=json.loads(row["pinned"]),
            used=tuple(json.loads(row["used"])),
            expires_at=row["expires_at"],
            over=row["ended_at"] is not None or row["expires_at"] <= now,
            opened_at=row["opened_at"],
        )


@dataclass(frozen=True)
class NewSession:
    """What a caller asks for. `platforms` empty means every configured one; `expires_in` is in seconds."""

    brand_id: int
    name: str | None = None
    platforms: tuple[str, ...] = ()
    redirect_url: str | None = None
    expires_in: int | None = None
    replace_identity: bool = False


@dataclass(frozen=True)
class Made:
    id: str
    token: str = field(repr=False)
    url: str = field(repr=False)
    expires_at: int


async def create(core: Core, caller: Caller, ask: NewSession) -> Made:
    """Raises Problem `invalid_request`, `unknown_platform`, `not_configured` or `origin_not_allowed`.

    Also `brand_not_found` and `unknown_platform` for what the caller's key may not reach.
    """
    platforms = _platforms(core, caller, ask.platforms)
    for name in platforms:
        check_bounds(core, caller, ask.brand_id, name, "adPlatforms")
    _check_redirect(core, caller, ask.redirect_url)
    token = TOKEN_PREFIX + core.ids.secret()
    made = Made(
        id=core.ids.new("cs"),
        token=token,
        url=f"{core.settings.public_url}/connect/{token}",
        expires_at=core.clock() + _life(ask.expires_in),
    )
    async with core.store.writing() as tx:
        brand = await tx.one(connections_sql.brand, workspace_id=caller.workspace_id, brand_id=ask.brand_id)
        await tx.run(
            sql.connect_session_add,
            id=made.id,
            token_hash=fingerprint(token),
            workspace_id=caller.workspace_id,
            brand_id=ask.brand_id,
            brand_name=ask.name or (brand["name"] if brand else None),
            platforms=json.dumps(platforms),
            redirect_url=ask.redirect_url,
            replace_identity=int(ask.replace_identity),
            pinned=json.dumps(await _pins(tx, caller.workspace_id, ask, platforms)),
            at=core.clock(),
            expires_at=made.expires_at,
        )
    return made


def _platforms(core: Core, caller: Caller, names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        ready = (name for name, platform in core.platforms.items() if not platform.missing_settings)
        names = tuple(name for name in ready if caller.bounds.has_platform(name))
        if not names:
            raise Problem("not_configured", "No platform is set up on this server; run: symphony-connect doctor.")
    for name in names:
        core.configured(name, "adPlatforms")
    return tuple(dict.fromkeys(names))


def _life(expires_in: int | None) -> int:
    life = DEFAULT_LIFE if expires_in is None else expires_in * SECOND
    if not SECOND <= life <= LONGEST_LIFE:
        raise Problem("invalid_request", "expiresIn is in seconds, from 1 to 2592000 (30 days).", field="expiresIn")
    return life


def _check_redirect(core: Core, caller: Caller, url: str | None) -> None:
    if url is None:
        return
    # Browsers read backslashes and control characters in ways that URL parsers do not.
    plain = url.isprintable() and "\\" not in url and " " not in url
    try:
        parts, origin = urlsplit(url), origin_of(url)
        plain = plain and parts.port != 0
    except ValueError:
        plain = False
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise Problem("invalid_request", "redirectUrl must be an absolute http(s) URL.", field="redirectUrl")
    if not core.settings.origin_allowed(origin) and origin not in caller.origins:
        raise Problem(
            "origin_not_allowed",
            f"redirectUrl's origin {origin} is not in SYMPHONY_ALLOWED_ORIGINS.",
            field="redirectUrl",
        )


async def _pins(tx: Transaction, workspace_id: str, ask: NewSession, platforms: tuple[str, ...]) -> dict[str, str]:
    """A reconnect must be by the same person, unless the caller allowed another."""
    if ask.replace_identity:
        return {}
    pins = {}
    for name in platforms:
        connection = await active_connection(tx, workspace_id, ask.brand_id, name)
        if connection and connection.identity:
            pins[name] = connection.identity.id
    return pins


async def by_token(core: Core, token: str) -> ConnectSession:
    """Raises Problem `connect_session_not_found` or `session_expired`."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.connect_session_by_token, token_hash=fingerprint(token))
    return usable(core, row)


async def shown(core: Core, token: str) -> ConnectSession | None:
    """Also one that has ended, for the page that says why its link no longer works. None when there is none."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.connect_session_by_token, token_hash=fingerprint(token))
    return ConnectSession.of(row, core.clock()) if row else None


async def opened(core: Core, session: ConnectSession) -> None:
    """Note when a link was first opened, for whoever sent it. A page that is shown anyway does not fail by this."""
    if session.opened_at is not None:
        return
    try:
        async with core.store.writing() as tx:
            await tx.run(sql.connect_session_opened, id=session.id, at=core.clock())
    except StoreUnavailable as error:
        log.warning("connect_session.not_noted", error=str(error))


async def known(core: Core, id: str) -> ConnectSession | None:
    """The connect session of a sign-in, also when it has ended since."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.connect_session_by_id, id=id)
    return ConnectSession.of(row, core.clock()) if row else None


async def by_id(core: Core, id: str) -> ConnectSession:
    """Raises Problem `connect_session_not_found` or `session_expired`."""
    async with core.store.reading() as tx:
        row = await tx.one(sql.connect_session_by_id, id=id)
    return usable(core, row)


def usable(core: Core, row: Row | None) -> ConnectSession:
    if row is None:
        raise Problem("connect_session_not_found", "This link is not known here.")
    session = ConnectSession.of(row, core.clock())
    if session.over:
        raise Problem("session_expired", "This link is over. Ask for a new one.")
    return session


async def use(tx: Transaction, core: Core, connect_session: ConnectSession, platform: str) -> None:
    """Use the connect session for one platform. Raises Problem `session_expired` when it was used or ended before."""
    before = json.dumps(connect_session.used)
    used = json.dumps((*connect_session.used, platform))
    spent = platform in connect_session.used or not await tx.one(
        sql.connect_session_use, id=connect_session.id, used_before=before, used=used, now=core.clock()
    )
    if spent:
        raise Problem("session_expired", "This link was used already. Ask for a new one.")


async def end(core: Core, caller: Caller, id: str) -> None:
    """Raises Problem `connect_session_not_found`, also for one that the caller's key could not have made."""
    async with core.store.writing() as tx:
        row = await tx.one(sql.connect_session_by_id, id=id)
        reached = row is not None and _reaches(caller, ConnectSession.of(row, core.clock()))
        if not reached or not await tx.one(
            sql.connect_session_end, id=id, workspace_id=caller.workspace_id, at=core.clock()
        ):
            raise Problem("connect_session_not_found", "There is no such connect session, or it is over.")


def _reaches(caller: Caller, session: ConnectSession) -> bool:
    return caller.bounds.has_brand(session.brand_id) and all(map(caller.bounds.has_platform, session.platforms))
